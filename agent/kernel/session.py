"""The tracker: raw signals of a player in, events about sessions out.

Contract: `feed` takes one signal and `tick` the time; both return the events that follow from it, in order. `deadline`
says when `tick` must be called at the latest. No clock, no thread, nothing raised whatever a player says.
`checkpoint` is the memory as text: saved in the same transaction as the events, it makes a restart invisible. `want`
says what is to be told from the next session on.

Rules
- A session is one playback (`switching`). Loaded when its streams are known, Started when the playhead first moves,
  dated at Playing (`opening`). The end is judged by the position (`closing`, `endings`).
- Jumps, stalls, milestones and details have modules of their own; `listening` hands each signal to its rule.
- A spot in the player has a tracker of its own, which remembers in this one's memory; `spots` says what it means for
  the session. Commands are the session's, and so is the sound; all else that the player says is then about the spot.
- The order of events is kept by one table (`phases`), their times by `voice`.
- A session keeps the milestones that it began with, over a restart too: others in mid-play would be missing, or told
  of what was passed long ago.
- Timers run before a signal that is later than they are due: the story does not depend on how often `tick` is called.
Reasons: vlc.md section 3 (R1 to R9) and decisions 2, 7, 11 to 16.
"""

from collections.abc import Callable, Sequence

from agent.kernel import checkpoint, closing, details, heartbeat, opening, spots, stalls, switching, timeline
from agent.kernel.events import Event, Fault, Playhead
from agent.kernel.listening import Listener, sound
from agent.kernel.milestones import QUARTILES
from agent.kernel.phases import Phase
from agent.kernel.playback import Memory
from agent.kernel.signals import SessionSignal, Signal
from agent.kernel.voice import Voice

Timer = tuple[float, Callable[[float], None]]


class SessionTracker:
    """One player's story."""

    def __init__(
        self, *, milestones: Sequence[float] = QUARTILES, memory: Memory | None = None, heartbeat: bool = False
    ) -> None:
        """`milestones`: fractions (0..1) of the content. `memory`: where to go on; a fresh start without it.

        `heartbeat`: whether `Watched` is told, for a destination that needs it.
        """
        self._memory = Memory() if memory is None else memory
        self._voice = Voice(self._memory)
        self._listener = Listener(self._memory, self._voice)
        self.want(milestones, heartbeat=heartbeat)

    @classmethod
    def restore(
        cls, text: str, *, milestones: Sequence[float] = QUARTILES, heartbeat: bool = False
    ) -> "SessionTracker":
        """Go on from a checkpoint; the empty text is a fresh start. Raises checkpoint.CheckpointError."""
        return cls(milestones=milestones, memory=checkpoint.load(text) if text else None, heartbeat=heartbeat)

    def want(self, milestones: Sequence[float], *, heartbeat: bool) -> None:
        """Tell these, and the heartbeat or not, from the next session on; from now on where none is open."""
        memory, marks = self._memory, tuple(milestones)
        if memory.open is None or not memory.marks:
            memory.marks, memory.beats = marks, heartbeat
        is_the_same = (marks, heartbeat) == (memory.marks, memory.beats)
        memory.next_marks, memory.next_beats = (None, False) if is_the_same else (marks, heartbeat)

    def checkpoint(self) -> str:
        """The memory as compact JSON text, to be saved with the events."""
        return checkpoint.dump(self._memory)

    @property
    def sessions(self) -> int:
        """How many sessions there have been: the latest one's ordinal."""
        return self._memory.sessions

    @property
    def is_open(self) -> bool:
        """Whether a session is open."""
        return self._memory.open is not None

    @property
    def phase(self) -> Phase:
        """Where the open session stands; IDLE where there is none."""
        return Phase.IDLE if self._memory.open is None else self._memory.open.phase

    @property
    def motion(self) -> tuple[float | None, float | None, float] | None:
        """Position and duration (media s, None while unknown) and rate of the open session, or None.

        The position is carried on between two samples, but not before the playhead has moved: nothing plays yet.
        """
        playback = self._memory.open
        if playback is None:
            return None
        motion = playback.motion
        return motion.position() if playback.is_seen else motion.time, playback.length, motion.rate

    @property
    def volume(self) -> float | None:
        """What the player last said of its volume (0..1, above 1 amplified); None where it has said nothing."""
        return self._memory.new_volume

    def head(self, at: float) -> Playhead | None:
        """Where the open session stands at `at` (boot-time s), as an event of it would say; None without a session."""
        playback = self._memory.open
        return None if playback is None else self._voice.fact(playback, at)[2]

    @property
    def deadline(self) -> float | None:
        """The boot-time second at which `tick` must be called at the latest; None while nothing can become due."""
        return min((due for due, _ in self._timers()), default=None)

    def tick(self, now: float) -> list[Event]:
        """It is `now` (boot-time s). Signals that happened before must have been fed, or their silence counts."""
        if sound(now):
            self._pass_time(now)
        return self._told()

    def feed(self, signal: Signal) -> list[Event]:
        """Take one signal."""
        if sound(signal.at):
            self._pass_time(signal.at)
            spot = self._spot
            if spot is not None and not isinstance(signal, SessionSignal):
                self._relay(spot.feed(signal))
            else:
                self._listener.take(signal, self._memory.now)
        return self._told()

    def interrupt(self, at: float | None) -> list[Event]:
        """The play was cut off while nobody watched: close it at its last known position.

        `at`: the boot-time second now; None after a reboot, where the old clock means nothing any more: the events are
        then dated at the last moment heard of (of the boot before), and the tracker's clock starts anew.
        """
        if at is not None:
            self._memory.now = max(self._memory.now, at)
        switching.lost(self._voice, self._memory, self._memory.now)
        if at is None:
            self._memory.now = self._memory.told_at = 0.0
        return self._voice.drain()

    def _told(self) -> list[Event]:
        told = self._voice.drain()
        return heartbeat.watch(self._memory, told) if self._memory.beats else told

    @property
    def _spot(self) -> "SessionTracker | None":
        """The tracker of the spot in the player, if there is one."""
        playback = self._memory.open
        return None if playback is None or playback.spot is None else SessionTracker(memory=playback.spot.memory)

    def _relay(self, told: Sequence[Event]) -> None:
        if self._memory.open is not None:
            spots.relay(self._voice, self._memory.open, told)

    def _timers(self) -> list[Timer]:
        playback, spot = self._memory.open, self._spot
        if playback is None:
            return []
        timers: list[tuple[float | None, Callable[[float], None]]] = [
            (opening.due(playback), lambda at: closing.fail(self._voice, self._memory, at, Fault.OPEN_TIMEOUT)),
            (timeline.jump_due(playback), lambda at: timeline.settle(self._voice, playback, at, self._memory.marks)),
            (stalls.due(playback), lambda at: stalls.declare(self._voice, playback)),
            (playback.volume_due, lambda at: details.volume_due(self._voice, self._memory, playback, at)),
            (details.flavor_due(playback), lambda at: details.tell_flavor(self._voice, playback, None)),
            (details.codec_due(playback), lambda at: details.judge_codec(self._voice, playback, at)),
        ]
        if self._memory.beats:
            timers.append((heartbeat.due(playback), lambda at: heartbeat.beat(self._voice, self._memory, playback, at)))
        if spot is not None:
            timers.append((spot.deadline, lambda at: self._relay(spot.tick(at))))
        return [(due, act) for due, act in timers if due is not None]

    def _pass_time(self, now: float) -> None:
        while timers := self._timers():
            due, act = min(timers, key=lambda timer: timer[0])
            if due > now:
                break
            self._move_clock(due)
            act(self._memory.now)
        self._move_clock(now)

    def _move_clock(self, now: float) -> None:
        self._memory.now = max(self._memory.now, now)
        if self._memory.open is not None:
            self._memory.open.motion.advance(self._memory.now)
