"""How a session ends.

Contract: every function closes the open session; where none is open, nothing is told.
Rules: a natural end reaches the milestones between the last sample and the end, then Ended, then Closed. A program's
session stays open after Ended, for the spots that may follow, until `program_over`. A fatal fault is told before
Closed. A seek of ours that has not landed yet is told first. Who is given up when a pass has just come to its end, and
nothing has been seen of the next one, came to its end.
Reasons: decisions 11, 15, 16; vlc.md R5.
"""

from collections.abc import Sequence

from agent.kernel import endings, passes, spots, stalls, timeline
from agent.kernel.endings import Finish, Ground
from agent.kernel.events import Closed, Ended, Ending, Failed, Fault
from agent.kernel.phases import RUNNING, Phase
from agent.kernel.playback import Memory, Playback
from agent.kernel.voice import Voice

CUT_OFF = frozenset({Ending.SKIPPED, Ending.STOPPED, Ending.INTERRUPTED})


def close(voice: Voice, memory: Memory, at: float, ending: Ending) -> None:
    """The open session is over."""
    playback = memory.open
    if playback is not None and ending in CUT_OFF and passes.is_over(playback):
        input_over(voice, memory, at if playback.jump is None else playback.jump.last, memory.marks)
        playback = memory.open
    if playback is None:
        return
    timeline.settle(voice, playback, at, ())
    spots.leave(voice, playback, at, ending)
    voice.say(playback, Closed(*voice.fact(playback, at), ending=ending))
    memory.ended, memory.ended_key = ending, playback.media.key
    memory.inside_length = playback.length
    memory.open = None


def fail(voice: Voice, memory: Memory, at: float, fault: Fault) -> None:
    """The open session cannot go on."""
    if memory.open is not None:
        timeline.settle(voice, memory.open, at, ())
        voice.say(memory.open, Failed(*voice.fact(memory.open, at), fault=fault, fatal=True))
        close(voice, memory, at, Ending.FAILED)


def program_over(voice: Voice, memory: Memory, at: float) -> None:
    """Everything has been shown. A content that never came to its end was given up."""
    if memory.open is not None and memory.open.program:
        close(voice, memory, at, Ending.COMPLETED if memory.open.phase is Phase.ENDING else Ending.SKIPPED)


def input_over(voice: Voice, memory: Memory, at: float, marks: Sequence[float]) -> None:
    """The player says that its input is over, which may mean anything."""
    playback = memory.open
    if playback is None:
        return
    if playback.phase not in RUNNING:
        fail(voice, memory, at, Fault.UNPLAYABLE)
        return
    beyond = timeline.over_the_end(playback, at)
    if beyond is not None:
        timeline.conclude(voice, playback, beyond, at)
    else:
        timeline.settle(voice, playback, at, marks)
    ground = Ground(playback.media, playback.duration)
    finish = endings.judge(ground, playback.motion.position() or 0.0)
    if finish is Finish.EARLY:
        fail(voice, memory, at, Fault.ENDED_EARLY)
    elif beyond is not None and ground.end is not None and beyond > ground.end - endings.REST:
        _end(voice, memory, playback, at, complete=False)
    else:
        reach_end(voice, memory, at, marks)


def reach_end(voice: Voice, memory: Memory, at: float, marks: Sequence[float]) -> None:
    """Playback came to its natural end."""
    playback = memory.open
    if playback is None:
        return
    stalls.recover(voice, playback, at)
    ground = Ground(playback.media, playback.duration)
    if ground.end is not None:
        playback.motion.finish(ground.end)
    timeline.tell_reached(voice, playback, at, marks)
    complete = endings.judge(ground, playback.motion.position() or 0.0) is Finish.COMPLETE
    _end(voice, memory, playback, at, complete=complete)


def holds_last_frame(playback: Playback) -> bool:
    """Whether a pause now is the end: VLC runs with --play-and-pause."""
    end = Ground(playback.media, playback.duration).end
    position = playback.motion.position()
    if not playback.media.holds_last_frame or end is None or position is None:
        return False
    return playback.phase in RUNNING and position >= end - endings.HOLD


def is_at_end(playback: Playback) -> bool:
    """Whether a playhead that is polled stands where its medium ends, so that what comes next is no skip or stop.

    Nobody said that it ended, so it must be closer than where somebody does.
    """
    ground, position = Ground(playback.media, playback.duration), playback.motion.position()
    if not playback.media.polled or playback.phase is not Phase.PLAYING or position is None or ground.end is None:
        return False
    near = endings.ESTIMATE * ground.end if playback.media.estimated_length else endings.NEAR
    return position >= ground.end - near


def _end(voice: Voice, memory: Memory, playback: Playback, at: float, *, complete: bool) -> None:
    stalls.recover(voice, playback, at)
    spots.hide(voice, playback, at)
    voice.say(playback, Ended(*voice.fact(playback, at), complete=complete))
    if playback.program:
        spots.step_aside(playback)
    else:
        close(voice, memory, at, Ending.COMPLETED)
