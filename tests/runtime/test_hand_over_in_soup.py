"""Agents that end at any moment beside a player that plays on: every play is told once, whole, with its own times."""

import json
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.events import Event, Opened, Started
from agent.kernel.signals import MediaChanged, Signal
from agent.outbox.store import Outbox
from agent.player import handover, wire
from agent.player.codec import decode
from agent.player.reports import Heard, HostCaughtUp, HostReady
from agent.player.ring import Ring
from agent.runtime.journal import DIRECTOR
from agent.runtime.loop import Letter
from tests.support.loops import Rig, logged
from tests.support.outbox import an_instant, open_outbox
from tests.support.script import Script

RUN = 4_711
# Longer than an item; what is left to be told is told by then.
LAST_S = 12.0
# More lines than there are.
ALL = 10_000


class Killed(BaseException):
    """SIGKILL."""


class Host:
    """A unit as far as its numbers and its time go: what it is given plays to its end, whoever listens."""

    def __init__(self) -> None:
        self.ring = Ring()
        self.medium = self._coming = 0
        self._script: deque[Signal] = deque()

    def load(self, command: wire.Load, at: float) -> None:
        self._coming = command.medium
        self._script = deque(Script(at=at).open().play(8.0).end().signals)

    def play(self, at: float) -> None:
        while self._script and self._script[0].at <= at:
            signal = self._script.popleft()
            if isinstance(signal, MediaChanged):
                self.medium = self._coming
                self.ring.add(self.medium, wire.MediumSet(signal.at))
            else:
                self.ring.add(self.medium, signal)

    def say(self, most: int) -> list[wire.Said]:
        """What it has to say on this line, at most so many lines."""
        said: list[wire.Said] = []
        while len(said) < most and (line := self.ring.next_line()) is not None:
            message = decode(line)
            assert isinstance(message, wire.Said)
            said.append(message)
        return said


class Evening:
    """The lives of one agent, over one host."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._host = Host()
        self._rig: Rig | None = None
        self._at = 100.0
        self._heard = self._lives = 0
        self._linked = self._caught_up = False

    def go_on(self, seconds: float, *, most: int = ALL, dies: str = "") -> None:
        """Time passes, and the agent, if there is one, takes a step. `most`: what it hears of a backlog in it."""
        self._at += seconds
        self._host.play(self._at)
        rig = self._rig
        if rig is None:
            return
        if dies == "before its commit":
            pytest.MonkeyPatch().setattr(rig.journal, "write", _kill)
        try:
            rig.step(self._at, *self._letters(rig, most))
        except Killed:
            self._rig = None
        for command in rig.line.sent:
            if isinstance(command, wire.Load):
                self._host.load(command, self._at)
        rig.line.sent.clear()
        if dies:
            self._rig = None
            return
        for _, number in rig.acknowledged:
            self._host.ring.acknowledge(number)
        rig.acknowledged.clear()

    def _letters(self, rig: Rig, most: int) -> Iterator[Letter]:
        """As agent.player.unit leaves them in the mailbox."""
        if not self._linked:
            self._linked = True
            self._host.ring.rewind(self._heard)
            yield HostReady(self._at, RUN, 1, "3", ())
        lines = most if rig.director.is_behind else ALL
        heard = self._host.say(lines)
        for said in heard:
            if said.number > self._heard:
                self._heard = said.number
                yield Heard(RUN, said.number, said.medium, said.signal)
        if not self._caught_up and len(heard) < lines:
            self._caught_up = True
            yield HostCaughtUp(self._at, RUN, self._host.medium)

    def start(self) -> None:
        if self._rig is None:
            text = self._outbox.state(DIRECTOR)
            run, number = handover.taken(None if text is None else json.loads(text))
            self._heard = number if run == RUN else 0
            self._linked = self._caught_up = False
            self._lives += 10
            self._rig = Rig(self._outbox, start=an_instant(self._at), unit=True, lives=self._lives)

    def kill(self) -> None:
        self._rig = None

    def end(self) -> None:
        """SIGTERM."""
        if self._rig is not None:
            self._rig.loop.stopping = True
            self.go_on(0.0, dies="after its commit")


def _kill(*_: object, **__: object) -> bool:
    raise Killed


@contextmanager
def _evening() -> Iterator[tuple[Evening, Outbox]]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        # An item that ended three processes in a row is gone on from: tests/player/test_resuming.py.
        patch.setattr("agent.kernel.rotation.MOST_CUTS", 1000)
        outbox = open_outbox(Path(folder) / "state")
        try:
            yield Evening(outbox), outbox
        finally:
            outbox.close()


def _plays(outbox: Outbox) -> list[list[tuple[str, float]]]:
    """Each play's events, and when they were after its first picture; Opened is when it was asked for."""
    plays = [list(events) for _, events in groupby(logged(outbox), key=lambda event: event.session)]
    return [[(type(event).__name__, round(event.at - _began(play), 6)) for event in _told(play)] for play in plays]


def _told(play: list[Event]) -> list[Event]:
    return [event for event in play if not isinstance(event, Opened)]


def _began(play: list[Event]) -> float:
    return next((event.at for event in play if isinstance(event, Started)), 0.0)


def _undisturbed() -> list[tuple[str, float]]:
    with _evening() as (evening, outbox):
        evening.start()
        for _ in range(100):
            evening.go_on(0.25)
        return _plays(outbox)[0]


_SECONDS = st.sampled_from([0.0, 0.25, 0.25, 0.5, 1.0, 1.4])
_ACTS = st.one_of(
    st.tuples(st.just("go on"), _SECONDS, st.sampled_from([0, 1, 3, 10, ALL])),
    st.tuples(st.just("go on"), st.just(3.0), st.just(ALL)),
    st.tuples(st.sampled_from(["before its commit", "after its commit"]), _SECONDS, st.just(ALL)),
    st.tuples(st.sampled_from(["kill", "end"]), st.sampled_from([0.0, 0.5, 3.0, 30.0]), st.just(0)),
)


@given(st.lists(_ACTS, max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_ends_of_the_agent_leave_every_play_told_once_and_whole(acts: list[tuple[str, float, int]]) -> None:
    """What was committed is not told again, what was not is told late, and silence that was ours is no stall."""
    with _evening() as (evening, outbox):
        evening.start()
        for act, seconds, most in acts:
            if act in ("kill", "end"):
                evening.kill() if act == "kill" else evening.end()
                evening.go_on(seconds)
            else:
                evening.go_on(seconds, most=most, dies="" if act == "go on" else act)
            evening.start()
        for _ in range(int(LAST_S / 0.25)):
            evening.go_on(0.25)
        *whole, _ = _plays(outbox)
    assert [] == [play for play in whole if play != UNDISTURBED]


UNDISTURBED = _undisturbed()


def test_undisturbed_play_is_a_whole_one() -> None:
    """What the others are compared with."""
    names = [name for name, _ in UNDISTURBED]
    assert ["Loaded", "Started", "Progressed", "Progressed", "Progressed", "Ended", "Closed"] == [
        name for name in names if name != "SourceSelected"
    ]
