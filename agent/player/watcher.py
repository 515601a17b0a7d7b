"""Follows a player that is not ours, and tells the tracker what somebody outside can know of it.

Contract: a `Conductor` whose list is the player's own: it never says what comes next. `state` is what must survive a
restart, saved with the tracker's checkpoint; a process that starts with it goes on with the play. No thread, no clock;
of files, a sidecar at most (agent.player.naming).
Rules
- A play begins when the host says that a medium is opened or plays, and ends when the tracker says so: by its end or
  stop, by another medium, or with its player. A medium that never plays is none.
- A position is told once. Nothing tells whether a playhead at 0 was sent there or has no medium any more, so one that
  has moved before is believed at its next step.
- The same run of the host goes on with the open play, over a restart of ours or a line that broke. Another run, or none
  within `HANDOVER_WITHIN_S`, means that nobody knows what became of the play: it was interrupted, at the last moment
  that was heard of. While there is no host, and until all has been heard that it saw meanwhile, no time passes for the
  tracker: what a host says first is of before it had a line.
- What an operator asks is passed on, and nothing is believed before the host says it; but a seek is known to be ours.
Reasons: decisions 2, 11, 12, 32; vlc.md section 7.
"""

from collections.abc import Mapping
from typing import Any, assert_never

from agent.config.redact import masked
from agent.kernel import signals
from agent.kernel.media import Role
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.handover import taken
from agent.player.items import Item, Plan
from agent.player.naming import LONGEST, Naming
from agent.player.operations import Fail, Next, Operation, Play, Previous, Replay
from agent.player.outcomes import Outcomes, Tell
from agent.player.reports import Heard, HostCaughtUp, HostLost, HostReady, Report
from agent.player.resuming import AT_LAST_MOMENT, HANDOVER_WITHIN_S
from agent.player.surroundings import Link, Phase
from agent.player.turn import Turn

_NOT_OURS = "the player is not the agent's own (player.source), and its list is its own"
_FLAGS = ("playing", "paused", "moved")


class Watcher:
    """`naming`: what the media are. `boot`: this boot's id. `state`: an earlier process's `state()`."""

    spots: tuple[tuple[Role, int], ...] = ()

    def __init__(
        self, naming: Naming, *, link: Link, boot: str, tell: Tell, state: Mapping[str, Any] | None = None
    ) -> None:
        self._naming = naming
        self._link = link
        self._boot = boot
        self._is_ready = self._is_catching_up = self._is_awaiting = False
        self._until: float | None = None
        self._turn: Turn | None = None
        self._uri = ""
        self._begun = False
        self._seekable: bool | None = None
        self.taken = taken(state)
        self.outcomes = Outcomes(tell)
        if state is not None:
            self._resume(state.get("host"))

    def _resume(self, host: Any) -> None:
        """Whatever the state holds, nothing is raised: an open play that cannot be read was interrupted."""
        medium = host.get("medium") if isinstance(host, Mapping) and host.get("boot") == self._boot else None
        if not isinstance(medium, Mapping):
            return
        token, uri, begun = medium.get("token"), medium.get("uri"), medium.get("begun")
        flags = [medium.get(name) for name in _FLAGS]
        if (
            type(token) is not int
            or not isinstance(uri, str)
            or any(type(each) is not bool for each in (begun, *flags))
        ):
            return
        self._find(token, uri, 0.0)
        if self._turn is not None:
            self._turn.playing, self._turn.paused, self._turn.moved = (each is True for each in flags)
            self._turn.length = _number(medium.get("length")) or 0.0
            self._turn.time = _number(medium.get("time"))
        self._seekable = medium.get("seekable") if isinstance(medium.get("seekable"), bool) else None
        self._begun = self._is_awaiting = begun is True

    def state(self, *, orderly: bool = False) -> dict[str, Any]:
        """What must survive a restart, as JSON."""
        (run, number), turn, medium = self.taken, self._turn, None
        if turn is not None:
            medium = {
                "token": turn.token,
                "uri": self._uri,
                "begun": self._begun,
                **{name: getattr(turn, name) for name in _FLAGS},
                "length": turn.length,
                "time": turn.time,
                "seekable": self._seekable,
            }
        return {"boot": self._boot, "host": {"boot": self._boot, "run": run, "number": number, "medium": medium}}

    @property
    def phase(self) -> Phase:
        """What the player does, as far as a list's words fit."""
        if not self._is_ready:
            return Phase.WAITING
        return Phase.PLAYING if self._begun else Phase.IDLE

    @property
    def items(self) -> tuple[Item, ...]:
        """The list that names media."""
        return self._naming.items

    @property
    def current(self) -> Item | None:
        """What is being played."""
        return self._turn.item if self._turn is not None and self._begun else None

    @property
    def turn(self) -> Turn | None:
        """The medium that is played; to be looked at only."""
        return self._turn if self._begun else None

    @property
    def place(self) -> tuple[int, int]:
        """Where what is played stands in the list that names media (from 1; 0: not there), and the list's length."""
        keys = [item.media.key for item in self.items]
        key = None if self.current is None else self.current.media.key
        return (keys.index(key) + 1 if key in keys else 0), len(keys)

    @property
    def shows(self) -> bool:
        """Whether the host is there, and what it follows has moved or plays nothing."""
        return self._is_ready and (not self._begun or (self._turn is not None and self._turn.moved))

    @property
    def is_behind(self) -> bool:
        """Whether there is more to hear of before now."""
        return self._is_awaiting or self._is_catching_up

    @property
    def deadline(self) -> float | None:
        """The boot-time second at which `tick` is due, or None."""
        return self._until

    def tick(self, now: float) -> list[Signal]:
        """It is `now`."""
        if not self._is_awaiting:
            # A host may see much before it has a line, or while that is broken: its words will be of then.
            self._is_catching_up = self._is_catching_up or not self._is_ready
            return []
        if self._until is None:
            self._until = now + HANDOVER_WITHIN_S
        return self._lose(AT_LAST_MOMENT) if now >= self._until else []

    def on_report(self, report: Report, now: float) -> list[Signal]:
        """Take in what the host says."""
        match report:
            case HostReady(run=run):
                return self._welcome(run)
            case HostCaughtUp(medium=medium):
                return self._catch_up(medium)
            case HostLost(at=at, commanded=commanded):
                self._is_ready = self._is_catching_up = False
                if commanded:
                    return self._lose(at)
                self._is_awaiting = self._begun
                return []
            case Heard(run, number, medium, signal):
                self.taken = run, number
                return self._hear(medium, signal)
            case _:
                assert_never(report)

    def _welcome(self, run: int) -> list[Signal]:
        is_known = run == self.taken[0]
        told = [] if is_known else self._lose(AT_LAST_MOMENT)
        self.taken = self.taken if is_known else (run, 0)
        self._is_ready = self._is_catching_up = True
        self._is_awaiting, self._until = False, None
        return told

    def _catch_up(self, medium: int) -> list[Signal]:
        behind, self._is_catching_up = self._is_catching_up, False
        # What said that the player has another one was given up by the host, or lost with a process of ours.
        is_another = self._turn is not None and medium not in (0, self._turn.token)
        return self._lose(AT_LAST_MOMENT) if behind and is_another else []

    def _lose(self, at: float) -> list[Signal]:
        """Nothing more will be heard of the play."""
        begun, self._begun = self._begun, False
        self._turn, self._until = None, None
        self._is_awaiting = False
        return [signals.PlayerLost(at)] if begun else []

    def _find(self, token: int, uri: str, at: float) -> Turn:
        self._uri, self._seekable = masked(uri)[:LONGEST], None
        self._turn = Turn(token, self._naming.item(uri), began=at)
        return self._turn

    def _begin(self, turn: Turn, at: float) -> list[Signal]:
        """A play of the medium; what is known of it was said before."""
        self._begun = True
        told: list[Signal] = [signals.MediaChanged(at, turn.item.media), signals.Opening(at)]
        told += [signals.LengthChanged(at, turn.length)] if turn.length else []
        return told + ([signals.SeekableChanged(at, self._seekable)] if self._seekable is not None else [])

    def _hear(self, token: int, signal: Signal | wire.MediumSet | wire.MediumFound) -> list[Signal]:
        match signal:
            case wire.MediumFound(at=at, uri=uri):
                return self._begin(self._find(token, uri, at), at)
            case wire.MediumSet():
                return []
            case signals.PlayerLost(at):
                return self._lose(at)
            case signals.VolumeChanged() | signals.MuteChanged():
                return [signal]
        turn = self._turn
        if turn is None or token != turn.token:
            return []
        again: list[Signal] = []
        if isinstance(signal, signals.Playing) and not self._begun:
            length, seekable = turn.length, self._seekable
            turn = self._find(token, self._uri, signal.at)
            turn.length, self._seekable = length, seekable
            again = self._begin(turn, signal.at)
        return [*again, *self._hear_of(turn, signal)]

    def _hear_of(self, turn: Turn, signal: Signal) -> list[Signal]:
        match signal:
            case signals.Opening():
                return []  # said with the medium
            case signals.SeekableChanged():
                self._seekable = signal.seekable
            case signals.Sampled(at, time, _, _):
                return [signal, *self._place(turn, signals.TimeChanged(at, time))] if self._begun else []
            case signals.TimeChanged():
                return self._place(turn, signal) if self._begun else []
            case signals.EndReached() | signals.Stopped() | signals.PlaybackFailed():
                over, self._begun = self._begun, False
                return [signal] if over else []
            case _:
                pass
        turn.hear(signal)
        return [signal] if self._begun else []

    def _place(self, turn: Turn, signal: signals.TimeChanged) -> list[Signal]:
        """The playhead, where it is another one."""
        if signal.time == turn.time or (signal.time <= 0.0 and turn.moved):
            return []
        turn.hear(signal)
        turn.time = signal.time
        return [signal]

    def refusal(self, operation: Operation) -> str | None:
        """Why it cannot be done to a player whose list is not ours."""
        match operation:
            case Previous():
                return f"{_NOT_OURS}: go back in the player itself"
            case Replay():
                return f"{_NOT_OURS}: start the item again in the player itself, or seek to 0"
            case _:
                return None

    def obey(self, operation: Operation, now: float) -> list[Signal]:
        """Pass on what an operator asks."""
        match operation:
            case Next():
                self._link.send(wire.Skip())
            case Play():
                self._link.send(wire.Resume())
            case wire.Seek(to):
                self._link.send(operation)
                return [signals.SeekCommanded(now, to)] if self._begun else []
            case wire.Pause() | wire.Resume() | wire.Stop() | wire.SetVolume() | wire.SetFullscreen() | wire.SetRate():
                self._link.send(operation)
            case Previous() | Replay() | Fail():
                pass  # refused, and what is frozen is nobody's to mend
            case _:
                assert_never(operation)
        return []

    def replan(self, plan: Plan, now: float) -> list[Signal]:
        """Name media by another list from the next one on."""
        self._naming = Naming(plan.items, plan.rules)
        return []


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
