"""Follows a VLC over MPRIS2 on the session bus.

Contract: a `Source` (agent.player.attached.source) over a `Bus`: which VLCs there are (`roster`), what they show
(`mpris`), and what that means (`observer`).
Rules: state is pushed; only the position is asked for, four times a second and only while something plays, and never
twice at a time: a VLC that hangs is asked once, and named. One that refused to say its state is asked again. VLC does
not push a length that it has guessed better since, so the length is asked for, too, ever more seldom. All of a player's
life comes from the bus: a name with a new owner is another player.
Reasons: vlc.md section 7: a Get takes VLC 0.35 ms, and 4 Hz cost it 1.3 % of a core. Of an MP3 of 20 s without a
header VLC 3.0.24 said 3.3 s at its start, 19.0 s after a second, and pushed the first alone.
"""

import math
from dataclasses import replace
from typing import Any, Protocol

from agent.player.attached import mpris
from agent.player.attached.bus import Answered, BusDown, BusUp, Emitted
from agent.player.attached.mpris import Call
from agent.player.attached.observer import Observer, Told
from agent.player.attached.playhead import LATE_S, SILENT_S
from agent.player.attached.roster import Roster, is_vlc
from agent.player.attached.source import Attachment
from agent.player.attached.state import Item, State
from agent.player.wire import Command

POLL_S = 0.25
FIRST_LENGTH_S, LAST_LENGTH_S = 0.5, 16.0
"""The first look (s) at the length, and the longest time between two of them; each is twice the one before."""

MOST_NAMED = 16
"""Of more players than that (they cost nothing on a bus) only these are named: the agent takes 64 KiB a line."""

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
        self._measured = 0  # the token whose length is asked for, when and after how long
        self._length_due, self._length_after = 0.0, FIRST_LENGTH_S
        self._hangs = False
        self._mute: tuple[str, ...] = ()
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
            self._measure(self._followed, now)
            if self._asked is None:
                self._asked = self._line.call(self._followed, mpris.GET_POSITION), now
        hangs = self._asked is not None and now - self._asked[1] >= HANGS_S
        if self._down is None and now >= self._again_due:
            self._again_due = now + ASK_AGAIN_S
            for owner in self._roster.unknown:
                self._ask_state(owner)
        mute = self._roster.mute(now - HANGS_S)
        self._roster.look(now)
        told = self._follow(now) if self._roster.followed != self._followed else []
        if told or (hangs, mute) != (self._hangs, self._mute):
            self._hangs, self._mute = hangs, mute
            self.attachment = self._attachment()
        return told + self._observer.tick(now)

    def _measure(self, owner: str, now: float) -> None:
        """Ask for the length, when it is time and VLC answers."""
        if self._measured != self._observer.token:
            self._measured, self._length_after = self._observer.token, FIRST_LENGTH_S
            self._length_due = now + FIRST_LENGTH_S
        elif now >= self._length_due and self._asked is None:
            self._questions[self._line.call(owner, mpris.GET_ITEM)] = "item", owner
            self._length_after = min(2 * self._length_after, LAST_LENGTH_S)
            self._length_due = now + self._length_after

    def due(self, now: float) -> float | None:
        """When `work` is wanted."""
        wanted = [self._observer.due, self._roster.due]
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
                    self._roster.leave(old, name, now)
                if new:
                    self._meet(new, name, now)
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
                self._meet(owner, subject, now)
                return self._follow(now)
            case "item", ((_, dict(metadata)),):
                return self._lengthen(subject, mpris.item_of(metadata), now)
            case "screen", (dict(properties),):
                self._screens[subject] = mpris.screen_fields(properties)
            case "player", (dict(properties),):
                fields = {**self._screens.pop(subject, {}), **mpris.player_fields(properties)}
                if not fields.get("volume"):
                    fields["volume"] = None  # VLC says 0 as long as it has no sound output.
                self._roster.know(subject, State(**fields), now)
                return self._follow(now)
            case _:
                pass
        return []

    def _meet(self, owner: str, name: str, now: float) -> None:
        if self._roster.own(owner, name, now):
            self._ask_state(owner)

    def _lengthen(self, owner: str, item: Item | None, now: float) -> list[Told]:
        """Take the length alone: the rest may be ahead of what VLC pushes of the same change."""
        state = self._roster.state(owner)
        known = None if state is None else state.item
        if item is None or item.length is None or known is None or not item.is_the_same(known):
            return []
        return self._change(owner, {"item": replace(known, length=item.length)}, now)

    def _ask_state(self, owner: str) -> None:
        if ("player", owner) in self._questions.values():
            return  # It hangs, and has the question still.
        self._questions[self._line.call(owner, mpris.GET_SCREEN)] = "screen", owner
        self._questions[self._line.call(owner, mpris.GET_PLAYER)] = "player", owner

    def _change(self, owner: str, fields: dict[str, Any], now: float) -> list[Told]:
        state = self._roster.change(owner, **fields)
        if state is None:
            return []
        self._roster.know(owner, state, now)
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
        roster, others = self._roster, self._roster.others[:MOST_NAMED]
        if self._down is not None:
            return Attachment(problem=self._down)
        if self._hangs:
            return Attachment(roster.name, others, f"{roster.name} does not answer: it hangs, or is held")
        if roster.followed is not None:
            return Attachment(roster.name, others)
        if self._mute:
            rest = tuple(each for each in others if each != self._mute[0])
            return Attachment(others=rest, problem=f"{self._mute[0]} does not answer: it hangs, or is held")
        coming = next(iter(roster.mute(math.inf)), None) if roster.chosen is None else None
        if coming is not None:
            rest = tuple(each for each in others if each != coming)
            return Attachment(others=rest, problem=f"{coming} has just come, and has not said yet what it plays")
        if roster.chosen is not None:
            what = f"no {roster.chosen} on the session bus of {self._user}"
            return Attachment(others=others, problem=f"{what}: start it, or correct --name of kiosk-attach")
        return Attachment(
            others=others,
            problem=f"no VLC on the session bus of {self._user}: start vlc or cvlc as that user, in that session, and "
            "once more where it is older than the bus",
        )
