"""The main loop with all that it owns, stepped by hand: a real store, tracker and director; time is a number."""

import json
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any

import pytest

from agent.intake.submission import Answer, Submission, VisitCommand
from agent.kernel import codec
from agent.kernel.activity import Activity
from agent.kernel.events import Event, Fact
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.milestones import QUARTILES
from agent.kernel.rotation import Rotation
from agent.kernel.signals import MediaChanged, Signal
from agent.kernel.visits import Visits
from agent.outbox.store import Outbox
from agent.player import wire
from agent.player.director import Director
from agent.player.items import Item, Screen
from agent.player.reports import Heard, HostReady
from agent.player.surroundings import Surroundings
from agent.runtime.control import Request
from agent.runtime.journal import DIRECTOR, Journal
from agent.runtime.loop import Letter, MainLoop, sample_kind
from agent.runtime.mailbox import Mailbox
from agent.runtime.reception import OnScreen, Reception
from agent.runtime.recorder import Profile, Recorder
from agent.runtime.recovery import recover, restore_tracker
from agent.runtime.requests import Desk
from tests.support.delivery import HandClock
from tests.support.outbox import an_instant
from tests.support.script import CLIP, Script

PROFILE = Profile("device-001", "kiosk://device-001", 102, None, None, "kiosk-agent/test")
OTHER = Media(key="B", uri="file:///srv/b.mp4", entry_id="0_bbbb")


class Line:
    """The line to a player host that takes every command."""

    def __init__(self) -> None:
        self.sent: list[wire.Command] = []

    def send(self, command: wire.Command) -> bool:
        self.sent.append(command)
        return True


class Box(Mailbox[Letter]):
    """A mailbox that never waits. `later`: what the next takes find, one after the other, beside what is in it."""

    def __init__(self) -> None:
        super().__init__(sample_kind)
        self.later: list[list[Letter]] = []

    def take(self, timeout: float | None) -> list[Letter]:
        assert timeout is not None
        return super().take(0) + (self.later.pop(0) if self.later else [])


class Rig:
    """One life of the agent's main thread on `outbox`."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        start: Instant | None = None,
        media: Sequence[Media] = (CLIP, OTHER),
        loop: bool = True,
        visits: bool = False,
        unit: bool = False,
        lives: int = 0,
    ) -> None:
        """`unit`: the player is a service of its own, and what an earlier life left is gone on with.

        `lives`: how many there were, for those that begin at the same moment.
        """
        self.outbox = outbox
        self.clock = HandClock(an_instant(99.0) if start is None else start)
        self.box, self.line = Box(), Line()
        self.woken = 0
        self.acknowledged: list[tuple[int, int]] = []
        self._number = 0
        recorder = Recorder(outbox.generation, PROFILE)
        self.tracker = restore_tracker(outbox, QUARTILES)
        text = outbox.state(DIRECTOR) if unit else None
        self.director = Director(
            [Item(each) for each in media],
            Rotation((), loop=loop, shuffle=False, seed="seed"),
            link=self.line,
            screen=Screen(),
            around=Surroundings(
                may_play=lambda _: True, closes_in=lambda _: None, may_exist=lambda _: True, tell=lambda _: None
            ),
            boot=self.clock.now().boot_id,
            state=None if text is None else json.loads(text),
            hands_over=unit,
            tokens_from=round(self.clock.now().boottime * 1000) + lives if unit else 0,
        )
        recovered = recover(outbox, self.tracker, recorder, goes_on=self.director.is_behind)
        self.journal = Journal(
            outbox,
            recorder,
            self.tracker,
            self.director,
            wake=self._wake,
            now=self.clock.now(),
            recovered=recovered,
        )
        self.loop = MainLoop(
            clock=self.clock,
            mailbox=self.box,
            journal=self.journal,
            tracker=self.tracker,
            director=self.director,
            acknowledge=lambda run, number: self.acknowledged.append((run, number)),
            answer=lambda request: self.desk.answer(request),
            receive=lambda submissions, now: self.reception.take(submissions, now),
            context=lambda now: self.reception.context(now),
            plays_on=unit,
        )
        self.reception = Reception(
            outbox.generation,
            PROFILE,
            Visits(outbox.generation, boot=self.clock.now().boot_id, idle_s=90.0, enabled=visits),
            screen=OnScreen(self.tracker, recorder),
            keep=self.journal.submit,
        )
        self.desk = Desk(outbox, status=lambda: {"version": "test"}, obey=self.loop.obey, wake=self._wake)

    def _wake(self) -> None:
        self.woken += 1

    def at(self, boottime: float) -> None:
        """It is `boottime` now."""
        self.clock.instant = self.clock.instant.at(boottime)

    def step(self, boottime: float | None = None, *letters: Letter) -> None:
        """One round at `boottime`, which finds `letters`."""
        if boottime is not None:
            self.at(boottime)
        for letter in letters:
            self.box.put(letter)
        self.loop.step()

    def ready(self) -> None:
        """A player host says hello, so the first item is loaded."""
        now = self.clock.now().boottime
        self.step(now, HostReady(now, 1, 4711, "3.0", ()))

    @property
    def token(self) -> int:
        """The medium that was loaded last."""
        return max(command.medium for command in self.line.sent if isinstance(command, wire.Load))

    def heard(self, signal: Signal, token: int | None = None) -> Heard:
        """`signal` as the host says it of `token`, else of the medium that was loaded last."""
        self._number += 1
        said = wire.MediumSet(signal.at) if isinstance(signal, MediaChanged) else signal
        return Heard(1, self._number, self.token if token is None else token, said)

    def play(self, script: Script) -> None:
        """Each signal of the script, all of the medium loaded last, in a step of its own, at its own time."""
        token = self.token
        for signal in script.signals:
            self.step(signal.at, self.heard(signal, token))
        script.signals.clear()

    def tell(self, what: Activity | VisitCommand, *, entry: str | None = None) -> Answer:
        """What an application tells, answered in one step."""
        reply: SimpleQueue[Answer] = SimpleQueue()
        self.step(None, Submission(what, reply, "test", entry))
        return reply.get_nowait()

    def ask(self, call: str, **arguments: Any) -> dict[str, Any]:
        """A request, answered in one step."""
        reply: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.step(None, Request(call, arguments, reply))
        return reply.get_nowait()


def logged(outbox: Outbox) -> list[Event]:
    """The tracker's events in the store."""
    found = [codec.decode(each.kind, each.body) for each in outbox.events(limit=100_000)]
    return [event for event in found if isinstance(event, Fact)]


def kinds(outbox: Outbox) -> list[str]:
    """The kinds of the events in the store, those without a number at stats.collect left out."""
    return [each.kind for each in outbox.events(limit=100_000) if each.kind not in ("source", "volume")]


def appends(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, dict[str, str]]]:
    """From here on each write that comes to the store: how many events, and the texts with them."""
    seen: list[tuple[int, dict[str, str]]] = []
    append = outbox.append

    def spy(records: Sequence[Any], *, states: dict[str, str]) -> Any:
        seen.append((len(records), dict(states)))
        return append(records, states=states)

    monkeypatch.setattr(outbox, "append", spy)
    return seen


def director_state(outbox: Outbox) -> str:
    """What the store knows of the list."""
    return outbox.state(DIRECTOR) or ""
