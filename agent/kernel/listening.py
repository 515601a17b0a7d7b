"""What each signal means for the open session.

Contract: `take` is given every signal once, after the clock was moved to it, and dispatches to the rules.
Rules: numbers that no clock and no medium could say are noise and are passed over; a signal for a session that is not
open is the tail of one that was closed already.
Reasons: vlc.md section 2 (what VLC says when) and section 3 (R1 to R9).
"""

from math import isfinite
from typing import assert_never

from agent.kernel import closing, details, opening, passes, spots, stalls, switching, timeline
from agent.kernel.events import Ending, Fault, PausedEvent, Resumed
from agent.kernel.jumps import Found
from agent.kernel.phases import RUNNING, Phase
from agent.kernel.playback import Memory, Playback
from agent.kernel.signals import (
    Buffering,
    ContentCommanded,
    EndReached,
    Halted,
    LengthChanged,
    MediaChanged,
    MuteChanged,
    Opening,
    OverlayHidden,
    OverlayShown,
    Paused,
    PlaybackFailed,
    PlayCommanded,
    PlayerLost,
    Playing,
    ProgramCommanded,
    ProgramOver,
    ProgramSignal,
    Sampled,
    SeekableChanged,
    SeekCommanded,
    Signal,
    SkipCommanded,
    SpotCommanded,
    SpotMissed,
    StopCommanded,
    Stopped,
    TimeChanged,
    TrackAdded,
    TrackRemoved,
    TrackSelected,
    VideoOutputsChanged,
    VideoSizeRead,
    VolumeChanged,
)
from agent.kernel.voice import DIGITS, Voice

LONGEST = 1e9
"""No clock and no medium says more seconds than this (30 years): it is noise, and must not stop the clock."""


def sound(number: float) -> bool:
    """Whether a clock or a medium can have said this."""
    return isfinite(number) and abs(number) <= LONGEST


class Listener:
    """Applies the rules to one signal at a time."""

    def __init__(self, memory: Memory, voice: Voice) -> None:
        self._memory = memory
        self._voice = voice

    def take(self, signal: Signal, at: float) -> None:
        """One signal, at the boot-time second `at`, which never goes back."""
        voice, memory = self._voice, self._memory
        match signal:
            case PlayCommanded():
                switching.play_commanded(voice, memory, signal, at)
            case SkipCommanded():
                closing.close(voice, memory, at, Ending.SKIPPED)
            case StopCommanded():
                closing.close(voice, memory, at, Ending.STOPPED)
            case ProgramCommanded():
                switching.program_commanded(voice, memory, signal, at)
            case ProgramOver():
                closing.program_over(voice, memory, at)
            case ContentCommanded() | SpotCommanded() | SpotMissed() | OverlayShown() | OverlayHidden():
                self._take_program(signal, at)
            case PlayerLost():
                switching.lost(voice, memory, at)
            case MediaChanged():
                switching.media_changed(voice, memory, signal, at)
            case Opening():
                switching.opening_heard(voice, memory, at)
            case VolumeChanged():
                if sound(signal.volume) and signal.volume >= 0.0:  # VLC says -1 when it stops.
                    memory.new_volume = round(signal.volume, DIGITS)
                    self._sound(at)
            case MuteChanged():
                memory.new_muted = signal.muted
                self._sound(at)
            case _ if (heard := self._heard()) is not None:
                self._take_open(signal, heard, at)
            case SeekCommanded() | TimeChanged() if memory.open is None:
                again = switching.replay_of_held(voice, memory, signal, at)
                if again is not None:
                    self._take_open(signal, again, at)
            case _:
                pass  # The tail of a playback that was closed already.

    def _heard(self) -> Playback | None:
        """The open session, if what the player says is about it."""
        playback = self._memory.open
        return None if playback is None or playback.awaiting else playback

    def _sound(self, at: float) -> None:
        """How loud a spot is says nothing about its content, which has its own volume again when it is back."""
        playback = self._memory.open
        if playback is None or playback.spot is None:
            details.volume_heard(self._memory, self._heard(), at)

    def _take_program(self, signal: ProgramSignal, at: float) -> None:
        voice, memory = self._voice, self._memory
        playback = memory.open
        if playback is None:
            return
        match signal:
            case ContentCommanded():
                spots.content_commanded(voice, playback, at)
            case SpotCommanded():
                spots.begin(voice, memory, signal.media, at)
            case SpotMissed():
                spots.miss(voice, playback, signal.media, at)
            case OverlayShown():
                spots.show(voice, playback, signal.media, at)
            case OverlayHidden():
                spots.hide(voice, playback, at)
            case _:
                assert_never(signal)

    def _take_open(self, signal: Signal, playback: Playback, at: float) -> None:
        voice, memory = self._voice, self._memory
        running = playback.phase in RUNNING
        if not playback.is_seen:
            playback.alive_at = at
        if playback.halted_at is not None and isinstance(signal, Playing | TimeChanged):
            playback.halted_at = None  # It has come back by itself.
            playback.motion.moved_at, playback.motion.running = at, playback.phase is not Phase.PAUSED
        match signal:
            case TimeChanged():
                if sound(signal.time):
                    self._sample(playback, max(signal.time, 0.0), at)
            case Sampled():
                details.sampled(voice, memory, playback, signal)
                if playback.phase is Phase.PAUSED and playback.jump is not None and sound(signal.time):
                    playback.jump.landed = max(signal.time, 0.0)
            case Buffering():
                if running:
                    self._buffering(playback, signal.percent, at)
            case Playing():
                self._playing(playback, at)
            case Paused():
                self._paused(self._in_pass(playback), at)
            case SeekCommanded():
                if sound(signal.to):
                    self._seek(self._in_pass(playback), max(signal.to, 0.0), at)
            case LengthChanged():
                if sound(signal.length) and signal.length > 0.0:
                    playback.length = signal.length
                    # Nothing else tells of the streams of a medium in somebody else's player.
                    playback.tracks.any_known = playback.tracks.any_known or playback.media.polled
                    opening.load(voice, playback, at)
                    timeline.tell_reached(voice, playback, at, self._memory.marks)
            case EndReached():
                closing.input_over(voice, memory, at, self._memory.marks)
            case PlaybackFailed():
                closing.fail(voice, memory, at, Fault.ENDED_EARLY if running else Fault.UNPLAYABLE)
            case Halted():
                if running and playback.phase is not Phase.PAUSED:
                    playback.halted_at, playback.motion.running = at, False
            case Stopped():
                at = at if playback.halted_at is None else playback.halted_at
                if playback.opening_seen:
                    if closing.is_at_end(playback):
                        closing.reach_end(voice, memory, at, self._memory.marks)
                    closing.close(voice, memory, at, Ending.STOPPED)
            case SeekableChanged():
                playback.unseekable = not signal.seekable
            case TrackAdded():
                details.track_added(playback, signal)
                opening.load(voice, playback, at)
            case TrackRemoved():
                details.track_removed(playback, signal)
            case TrackSelected():
                details.track_selected(voice, playback, signal)
            case VideoOutputsChanged():
                details.outputs_changed(voice, playback, signal)
            case VideoSizeRead():
                details.tell_flavor(voice, playback, signal)
            case _:
                pass  # The commands and openings were taken before.

    def _playing(self, playback: Playback, at: float) -> None:
        if playback.returning:
            playback.playing_at, playback.held_back_at = at, None
        elif playback.phase is Phase.PAUSED:
            self._voice.say(playback, Resumed(*self._voice.fact(playback, at)))
            playback.motion.running, playback.motion.moved_at = True, at
        elif playback.phase not in RUNNING:
            opening.playing(playback, at)
            opening.load(self._voice, playback, at)

    def _paused(self, playback: Playback, at: float) -> None:
        if not playback.is_seen:
            playback.held_back_at, playback.motion.running = at, False
        elif closing.holds_last_frame(playback):
            closing.reach_end(self._voice, self._memory, at, self._memory.marks)
            self._memory.held_at = playback.motion.position()
        elif playback.phase is not Phase.PAUSED:
            stalls.recover(self._voice, playback, at)
            self._voice.say(playback, PausedEvent(*self._voice.fact(playback, at)))
            playback.motion.running = False

    def _seek(self, playback: Playback, to: float, at: float) -> None:
        if playback.phase in RUNNING:
            timeline.command(playback, to, at)
        else:
            playback.baseline, playback.motion.time = to, None  # Nothing was seen yet: playing simply begins there.

    def _buffering(self, playback: Playback, percent: float, at: float) -> None:
        can_stall = stalls.due(playback) is not None
        if percent <= 0.0 and can_stall and at - playback.motion.moved_at > stalls.PULSE_AFTER:
            stalls.declare(self._voice, playback)
        timeline.pulse(playback, percent, at)

    def _sample(self, playback: Playback, time: float, at: float) -> None:
        voice, memory = self._voice, self._memory
        if playback.returning:
            if spots.come_back(voice, playback, at):
                timeline.sample(voice, playback, time, at, self._memory.marks)
        elif playback.phase not in RUNNING:
            if opening.start(voice, playback, time, at):
                timeline.sample(voice, playback, time, at, self._memory.marks)
        elif playback.phase is not Phase.PAUSED and (over := passes.over(playback, time, at)) is not None:
            self._sample(self._another_pass(playback, over), time, at)
        elif playback.phase is not Phase.PAUSED and timeline.find(playback, time) is Found.ANOTHER_PASS:
            closing.reach_end(voice, memory, at, self._memory.marks)
            closing.program_over(voice, memory, at)
            again = opening.open_again(voice, memory, playback.media, at, ended=playback, replays=None)
            self._sample(again, time, at)
        else:
            timeline.sample(voice, playback, time, at, self._memory.marks)

    def _in_pass(self, playback: Playback) -> Playback:
        """The pass that is on the screen: another one, of which nothing was seen yet, where `playback` is over."""
        jump = playback.jump
        is_over = jump is not None and playback.phase in RUNNING and passes.is_over(playback)
        return self._another_pass(playback, jump.last) if jump is not None and is_over else playback

    def _another_pass(self, playback: Playback, over: float) -> Playback:
        """`playback` was over at `over` (boot-time s), and the player has begun its medium again by itself."""
        voice, memory = self._voice, self._memory
        at = max(over, memory.told_at)
        closing.input_over(voice, memory, at, memory.marks)
        closing.program_over(voice, memory, at)
        again = opening.open_again(voice, memory, playback.media, at, ended=playback, replays=None)
        again.motion.advance(memory.now)
        return again
