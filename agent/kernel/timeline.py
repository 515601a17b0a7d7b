"""The running playhead: samples, jumps and milestones of one open session.

Contract: the functions change the playback's motion and tell Progressed, Seeked and Recovered; what begins or ends a
session they leave to `agent.kernel.session`.
Rules: a seek of ours is settled when the commands have been quiet for `SCRUB` and a sample has landed, or when it is
paused, or when nothing has come from there for as long as a stall takes. A seek is told before the stall that follows.
Reasons: vlc.md R2 and R4, decision 15.
"""

from collections.abc import Sequence

from agent.kernel import endings, jumps, milestones, stalls
from agent.kernel.endings import Ground
from agent.kernel.events import Progressed, Seeked
from agent.kernel.jumps import Found, Jump
from agent.kernel.phases import Phase
from agent.kernel.playback import Playback
from agent.kernel.voice import DIGITS, Voice

NEAR = 2.5
"""A landing not further than this (s) from what we asked for is what we asked for: players seek to key frames."""


def command(playback: Playback, to: float, at: float) -> None:
    """We asked for a jump to the media time `to`."""
    jump = playback.jump
    if jump is None or jump.to is None:
        jump = Jump(origin=playback.motion.position() or 0.0, last=at)
    jump.to, jump.last, jump.landed, jump.strayed = to, at, None, None
    playback.jump = jump
    playback.motion.moved_at = at


def pulse(playback: Playback, percent: float, at: float) -> None:
    """The buffer is at `percent`: at 0 it may be a jump that we know nothing of."""
    motion, jump = playback.motion, playback.jump
    if percent >= 100.0 and jump is not None and jump.full_ran is None:
        jump.full_ran = motion.ran
    elif percent <= 0.0 and jump is None:
        waited = playback.phase is Phase.STALLED or at - motion.moved_at > stalls.PULSE_AFTER
        lenient = playback.media.adaptive or (waited and playback.phase is not Phase.PAUSED)
        playback.jump = Jump(origin=motion.position() or 0.0, last=at, lenient=lenient)


def find(playback: Playback, time: float) -> Found:
    """What an open question of an observer turns out to be, now that the sample `time` (media s) is there.

    Of a playhead that is polled each sample is one.
    """
    jump, motion, polled = playback.jump, playback.motion, playback.media.polled
    is_asked = polled if jump is None else jump.to is None
    if not is_asked or motion.time is None:
        return Found.NOTHING
    lenient = playback.phase is Phase.STALLED or (jump is not None and jump.lenient)
    slack = jumps.SLACK_ADAPTIVE if lenient else jumps.SLACK
    if polled and playback.media.adaptive:
        slack = jumps.SLACK_POLLED_ADAPTIVE
    fast = max(motion.rate, 1.0)
    return jumps.judge(
        time=time,
        last=motion.time,
        expected=motion.expected(),
        rate=motion.rate,
        start=playback.media.start or 0.0,
        end=Ground(playback.media, playback.duration).end,
        slack=slack,
        ahead=max(slack, jumps.SLACK_POLLED * fast) if polled else None,
        unseen=min(motion.expected(), jumps.UNSEEN * fast) if polled else 0.0,
    )


def sample(voice: Voice, playback: Playback, time: float, at: float, marks: Sequence[float]) -> None:
    """The playhead is at the media time `time`. `marks`: the milestones, as fractions."""
    jump, motion = playback.jump, playback.motion
    if jump is not None and jump.to is not None:
        _land(jump, time, at, motion.rate)
        if jump.landed is not None and at - jump.last >= jumps.SCRUB:
            settle(voice, playback, at, marks)
        return
    if jump is not None or playback.media.polled:
        found = find(playback, time)
        playback.jump = None
        # Where nobody but us can seek, or nobody at all, the stream's own clock has jumped.
        if found is Found.SEEK and not playback.owned and not playback.unseekable:
            origin = (motion.position() or 0.0) if jump is None else jump.origin
            since_full = 0.0 if jump is None or jump.full_ran is None else motion.ran - jump.full_ran
            _seeked(voice, playback, origin, max(time - since_full, 0.0), at)
            motion.jump(time)  # The target is an estimate; a milestone just beyond it was not reached by playing.
            motion.moved_at = at
            stalls.recover(voice, playback, at)
    _progress(voice, playback, time, at, marks)


def jump_due(playback: Playback) -> float | None:
    """When (boot-time s) a seek of ours is settled without a further sample."""
    jump = playback.jump
    if jump is None or jump.to is None:
        return None
    quiet = jump.landed is not None or playback.phase is Phase.PAUSED
    return jump.last + (jumps.SCRUB if quiet else stalls.STALL_AFTER)


def settle(voice: Voice, playback: Playback, at: float, marks: Sequence[float]) -> None:
    """Tell the seek that we commanded; playback goes on from where it landed."""
    jump = playback.jump
    if jump is None or jump.to is None:
        return
    playback.jump = None
    landed, target = jump.landed, jump.to
    if landed is None and jump.strayed is not None:
        landed = target = jump.strayed
    _seeked(voice, playback, jump.origin, target, at)
    if landed is not None and playback.phase is not Phase.PAUSED:
        _progress(voice, playback, max(landed, target), at, marks)


def tell_reached(voice: Voice, playback: Playback, at: float, marks: Sequence[float]) -> None:
    """Tell the milestones that lie in the current stretch and have not been told."""
    motion, duration = playback.motion, playback.duration
    if duration is None or playback.phase is not Phase.PLAYING:
        return
    for fraction in milestones.reached(marks, playback.told, start=motion.start, front=motion.front, duration=duration):
        if voice.say(playback, Progressed(*voice.fact(playback, at), fraction=fraction)):
            playback.told = (*playback.told, fraction)


def over_the_end(playback: Playback, at: float) -> float | None:
    """Where (media s) an open jump past the end went, now that the input is over; None where there was none."""
    jump, ground = playback.jump, Ground(playback.media, playback.duration)
    if jump is None or ground.end is None:
        return None
    if jump.to is not None:
        return jump.to if jump.to >= ground.end - ground.tolerance else None
    seen = not (playback.owned or playback.unseekable or jump.lenient) and at - jump.last <= endings.SUDDEN
    near = (playback.motion.position() or 0.0) >= ground.end - ground.tolerance
    return ground.end if seen and not near and playback.phase is not Phase.STALLED else None


def conclude(voice: Voice, playback: Playback, target: float, at: float) -> None:
    """The open jump led past the end, to `target` (media s); nothing was played after it."""
    jump = playback.jump
    playback.jump = None
    if jump is not None:
        end = Ground(playback.media, playback.duration).end
        _seeked(voice, playback, jump.origin, target if end is None else min(target, end), at)


def _land(jump: Jump, time: float, at: float, rate: float) -> None:
    """A sample after a command of ours: its echo, a late one from before it, or the first from where we asked to go."""
    since = at - jump.last
    if since < jumps.ECHO or jump.to is None:
        return
    if abs(time - jump.to) <= NEAR + since * rate:
        jump.landed = time
    else:
        jump.strayed = time


def _seeked(voice: Voice, playback: Playback, origin: float, target: float, at: float) -> None:
    playback.motion.jump(target)
    playback.seeked = True
    fact = voice.fact(playback, at)
    voice.say(playback, Seeked(*fact, origin=round(origin, DIGITS), target=round(target, DIGITS)))


def _progress(voice: Voice, playback: Playback, time: float, at: float, marks: Sequence[float]) -> None:
    if playback.motion.take(time, adaptive=playback.media.adaptive):
        stalls.recover(voice, playback, at)
    tell_reached(voice, playback, at, marks)
