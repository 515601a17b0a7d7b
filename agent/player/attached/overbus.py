"""Follows a VLC over MPRIS2 on the session bus.

Contract: a `Source` (agent.player.attached.source) over a `Bus`: which VLCs there are (`roster`), what they show
(`mpris`), and what that means (`observer`).
Rules: state is pushed; only the position is asked for, four times a second and only while something plays, and never
twice at a time: a VLC that hangs is asked once, and named. One that never said its state is asked again. All of a
player's life comes from the bus: a name with a new owner is another player.
Reasons: vlc.md section 7: a Get takes VLC 0.35 ms, and 4 Hz cost it 1.3 % of a core.
"""

from typing import Any, Protocol

from agent.player.attached import mpris
from agent.player.attached.bus import Answered, BusDown, BusUp, Emitted
from agent.player.attached.mpris import Call
from agent.player.attached.observer import Observer, Told
from agent.player.attached.playhead import LATE_S, SILENT_S
from agent.player.attached.roster import Roster, is_vlc
from agent.player.attached.source import Attachment
from agent.player.attached.state import State
from agent.player.wire import Command

POLL_S = 0.25
ASK_AGAIN_S = 5.0
HANGS_S = 10.0
"""A VLC that has not said its position for so long hangs, or is stopped: an answer takes it a millisecond."""

_BUS = "org.freedesktop.DBus"


class Line(Protocol):
    """What of `Bus` is used by the owner thread."""

    def use(self, connection: Any) -> None: ...
    def watch(self) -> None: ...
    def names(self) -> int: ...
    def owner(self, name: str) -> int: ...
    def call(self, owner: str, call: Call) -> int: ...


class OverBus:
    """`chosen`: the one player to follow, by its name. `user`: ours, for people."""

    kind = "mpris"

    def __init__(self, line: Line, *, chosen: str | None, user: str) -> None:
        self._line = line
        self._user = user
        self._roster = Roster(chosen)
        self._observer = Observer()
        self._followed: str | None = None
        self._down: str | None = "the session bus has not answered yet"
        self._questions: dict[int, tuple[str, str]] = {}
        self._screens: dict[str, dict[str, Any]] = {}
        self._asked: tuple[int, float] | None = None  # the position's call, and when it was made
        self._poll_due = self._again_due = self._read_at = 0.0
        self._hangs = False
        self.attachment = Attachment(problem=self._down)

    @property
    def token(self) -> int:
        """The medium in the player; 0 before the first."""
        return self._observer.token

    @property
    def position(self) -> float | None:
        """The playhead (media s), None while nothing plays."""
        return self._observer.position

    def take(self, heard: object, now: float) -> list[Told]:
        """One word of the bus."""
        told: list[Told] = []
        match heard:
            case BusUp(connection):
                self._rise(connection)
            case BusDown(problem):
                told = self._fall(problem, now)
            case Emitted(sender, member, body):
                told = self._hear(sender, member, body, now)
            case Answered(number, body):
                told = self._learn(number, body, now)
            case _:
                pass
        self.attachment = self._attachment()
        return told

    def work(self, now: float) -> list[Told]:
        """Ask for the position, and what was not answered, when it is time."""
        if self._followed is not None and self._observer.plays and now >= self._poll_due:
            self._poll_due = now + POLL_S
            if self._asked is None:
                self._asked = self._line.call(self._followed, mpris.GET_POSITION), now
        hangs = self._asked is not None and now - self._asked[1] >= HANGS_S
        if self._down is None and now >= self._again_due:
            self._again_due = now + ASK_AGAIN_S
            for owner in self._roster.unknown:
                self._ask_state(owner)
        if hangs != self._hangs:
            self._hangs = hangs
            self.attachment = self._attachment()
        return self._observer.tick(now)

    def due(self, now: float) -> float | None:
        """When `work` is wanted."""
        wanted = [self._observer.due]
        if self._observer.plays:
            wanted.append(self._poll_due)
        if self._roster.unknown:
            wanted.append(self._again_due)
        return min((each for each in wanted if each is not None), default=None)

    def obey(self, command: Command) -> None:
        """Pass a command on to the VLC that is followed."""
        state = None if self._followed is None else self._roster.state(self._followed)
        if self._followed is not None and state is not None:
            call = mpris.call_of(command, state)
            if call is not None:
                self._line.call(self._followed, call)

    def _rise(self, connection: Any) -> None:
        self._line.use(connection)
        self._line.watch()
        self._down = None
        self._questions = {self._line.names(): ("names", "")}

    def _fall(self, problem: str, now: float) -> list[Told]:
        self._line.use(None)
        self._down = problem
        self._roster.clear()
        self._questions, self._screens = {}, {}
        return self._follow(now)

    def _hear(self, sender: str, member: str, body: tuple[Any, ...], now: float) -> list[Told]:
        match member, body:
            case "NameOwnerChanged", (str(name), str(old), str(new)) if sender == _BUS and is_vlc(name):
                if old:
                    self._roster.leave(old, name)
                if new:
                    self._meet(new, name)
                return self._follow(now)
            case "PropertiesChanged", (str(interface), dict(changed), _):
                fields = (mpris.player_fields if interface == mpris.PLAYER else mpris.screen_fields)(changed)
                return self._change(sender, fields, now)
            case "Seeked", (microseconds,) if sender == self._followed:
                return self._read(microseconds, now, pushed=True)
            case _:
                return []

    def _learn(self, number: int, body: tuple[Any, ...] | None, now: float) -> list[Told]:
        if self._asked is not None and number == self._asked[0]:
            asked, self._asked = self._asked[1], None
            match body:
                case ((_, microseconds),) if now - asked <= LATE_S or now - self._read_at >= SILENT_S:
                    self._read_at = now
                    return self._read(microseconds, now)
                case _:
                    return []
        kind, subject = self._questions.pop(number, ("", ""))
        match kind, body:
            case "names", (list(names),):
                for name in sorted(filter(is_vlc, names)):
                    self._questions[self._line.owner(name)] = "owner", name
            case "owner", (str(owner),):
                self._meet(owner, subject)
            case "screen", (dict(properties),):
                self._screens[subject] = mpris.screen_fields(properties)
            case "player", (dict(properties),):
                fields = {**self._screens.pop(subject, {}), **mpris.player_fields(properties)}
                if not fields.get("volume"):
                    fields["volume"] = None  # VLC says 0 as long as it has no sound output.
                self._roster.know(subject, State(**fields))
                return self._follow(now)
            case _:
                pass
        return []

    def _meet(self, owner: str, name: str) -> None:
        if self._roster.own(owner, name):
            self._ask_state(owner)

    def _ask_state(self, owner: str) -> None:
        self._questions[self._line.call(owner, mpris.GET_SCREEN)] = "screen", owner
        self._questions[self._line.call(owner, mpris.GET_PLAYER)] = "player", owner

    def _change(self, owner: str, fields: dict[str, Any], now: float) -> list[Told]:
        state = self._roster.change(owner, **fields)
        if state is None:
            return []
        self._roster.know(owner, state)
        return self._follow(now)

    def _follow(self, now: float) -> list[Told]:
        """Look at the player that is followed now, which may be another than before."""
        told: list[Told] = []
        if self._roster.followed != self._followed:
            told += self._observer.lose(now)
            self._followed, self._asked, self._hangs = self._roster.followed, None, False
        state = None if self._followed is None else self._roster.state(self._followed)
        return told if state is None else told + self._observer.see(state, now)

    def _read(self, microseconds: object, now: float, *, pushed: bool = False) -> list[Told]:
        position = mpris.seconds(microseconds)
        return [] if position is None else self._observer.read(position, now, pushed=pushed)

    def _attachment(self) -> Attachment:
        roster = self._roster
        if self._down is not None:
            return Attachment(problem=self._down)
        if self._hangs:
            return Attachment(roster.name, roster.others, f"{roster.name} does not answer: it hangs, or is held")
        if roster.followed is not None:
            return Attachment(roster.name, roster.others)
        if roster.chosen is not None:
            return Attachment(others=roster.others, problem=f"no {roster.chosen} on the session bus of {self._user}")
        return Attachment(
            others=roster.others,
            problem=f"no VLC on the session bus of {self._user}: start vlc or cvlc as that user, in that session",
        )
