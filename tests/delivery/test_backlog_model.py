"""The pump, the real store and a service that fails as it likes, against the promise; a crash between any two calls.

The service of the model has the response cache of the real one: a request that it knows is answered and not counted
again, and it knows one only by road, identity and attempt. So a message that changes its road is found out here.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agent.delivery.detour import FORGOTTEN
from agent.delivery.pump import Pump
from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, ServerTime, Verdict
from agent.outbox.store import Outbox
from agent.sinks.base import Message, Outgoing, Projection
from agent.sinks.capture import Capture
from tests.support.delivery import open_store, records
from tests.support.playback import NOW
from tests.support.pumping import AWAY, BAD, BUSY, HELD, LOST, PARTS, UNPACED, account

LIMIT = 5
ROWS_READ_AT_MOST = 16

POISON = frozenset({"bad", "odd-bad"})
ODD = frozenset({"odd", "odd-bad"})
KINDS = ["a", "a", "a", "a", "silent", "double", "bad", "odd", "odd-bad"]

ITEMS: dict[str, Verdict] = {
    "ok": Delivered(),
    "busy": BUSY,
    "held": HELD,
    "away": AWAY,
    "blocked": Later(Cause.THROTTLED, "ACTION_BLOCKED", answered=True, retry_after=40.0),
}
WHOLE: dict[str, Later | Held] = {
    "away": AWAY,
    "lost": LOST,
    "lost-but-counted": LOST,
    "held": Held(Cause.CONFIGURATION, "a portal", answered=False),
    "mended": Later(Cause.SESSION, "renewed", answered=False, mended=True),
}


class KilledError(Exception):
    """Here the process died."""


@dataclass
class Service:
    """What the service does with requests. `plan`: how it fails next."""

    counted: list[str] = field(default_factory=list)
    known: dict[tuple[str, str, int], Verdict] = field(default_factory=dict)
    acknowledged: set[str] = field(default_factory=set)
    unsettled: set[str] = field(default_factory=set)
    whole: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    now: float = 0.0
    first_counted: dict[str, float] = field(default_factory=dict)
    forgotten: int = 0

    def answer(self, road: str, batch: Sequence[tuple[Message, int]]) -> Sequence[Verdict] | Later | Held | Refused:
        """Process a request, or fail."""
        assert not self.acknowledged & {message.token for message, _ in batch}, "it was known to be accepted"
        if road == "batch" and any(message.name in ODD for message, _ in batch):
            return Refused("BATCH", "not in a batch")
        whole = self.whole.pop(0) if self.whole else "no"
        if whole != "no" and whole != "lost-but-counted":
            return WHOLE[whole]
        answers = [self._item(road, message, attempt) for message, attempt in batch]
        if whole == "lost-but-counted":
            return LOST
        for (message, _), verdict in zip(batch, answers, strict=True):
            if isinstance(verdict, Delivered):
                self.unsettled.add(message.token)
        return answers

    def _item(self, road: str, message: Message, attempt: int) -> Verdict:
        key = (road, message.token, attempt)
        if key not in self.known:
            verdict = BAD if message.name in POISON else ITEMS[self.items.pop(0) if self.items else "ok"]
            if verdict is AWAY:
                return verdict
            self.known[key] = verdict
            if isinstance(verdict, Delivered):
                self._count(message.token)
        return self.known[key]

    def _count(self, token: str) -> None:
        """Nobody can help it that an event is counted again of which the service has forgotten that it was."""
        if self.now - self.first_counted.setdefault(token, self.now) >= FORGOTTEN:
            self.forgotten += 1
        else:
            self.counted.append(token)


class Road:
    """The sink: the projection of `Capture`, and the service behind it."""

    name = "capture"
    batch = LIMIT

    def __init__(self, service: Service) -> None:
        self._service = service
        self._projection = Capture(parts=PARTS)

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None) -> Projection:
        return self._projection.project(state, event, time=time, age=age)

    def send(self, message: Message, *, attempt: int) -> Verdict:
        answer = self._service.answer("single", [(message, attempt)])
        return answer[0] if isinstance(answer, list) else answer  # type: ignore[return-value]

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict] | Later | Held | Refused:
        assert len(messages) <= LIMIT
        return self._service.answer("batch", [(one.message, one.attempt) for one in messages])

    def ask_time(self) -> ServerTime:
        return ServerTime(None)

    def close(self) -> None:
        """Nothing is open."""


class Mortal:
    """What dies at its `left`-th call: just before the call, or just after it, when its work is done."""

    def __init__(self, inner: Any, life: list[tuple[int, bool]]) -> None:
        self._inner = inner
        self._life = life

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._watched(found, name) if callable(found) else found

    def _watched(self, found: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*positional: Any, **named: Any) -> Any:
            if name == "peek":
                assert positional[1] <= ROWS_READ_AT_MOST
            if not self._life:
                return found(*positional, **named)
            left, is_after = self._life.pop()
            if left:
                self._life.append((left - 1, is_after))
            elif not is_after:
                raise KilledError
            answer = found(*positional, **named)
            if not left:
                raise KilledError
            return answer

        return call


class Drain(RuleBasedStateMachine):
    """One sink, its store and its service."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.service = Service()
        self.life: list[tuple[int, bool]] = []
        self.expected: list[tuple[str, str]] = []
        self.now = NOW
        self.store: Outbox = open_store(self.folder)
        self.store.register("capture")
        self.pump = self._pump()

    def _pump(self) -> Pump:
        # The store's plain properties die with the process anyway; its calls are where work is done.
        log: Any = Mortal(self.store, self.life)
        sink: Any = Mortal(Road(self.service), self.life)
        return Pump(log, sink, chance=lambda: 0.5, pace=UNPACED)

    def _reopen(self) -> None:
        self.life.clear()
        self.store.close()
        self.store = open_store(self.folder)
        self.service.unsettled.clear()
        self.pump = self._pump()

    @initialize(number=st.integers(0, 30))
    def backlog(self, number: int) -> None:
        """Most interesting things need some events."""
        self.append(["a"] * number)

    @rule(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=15))
    def append(self, kinds: list[str]) -> None:
        """The kiosk plays on."""
        if not kinds:
            return
        ticket = self.store.append(records(*kinds))
        for sequence, kind in enumerate(kinds, start=ticket.first):
            for part in range(PARTS.get(kind, 1)):
                self.expected.append((f"{self.store.generation}-{sequence}-{part}", kind))

    @rule(whole=st.lists(st.sampled_from([*WHOLE, "no"]), max_size=4))
    def fail_whole(self, whole: list[str]) -> None:
        """The next requests end so."""
        self.service.whole = whole

    @rule(items=st.lists(st.sampled_from([*ITEMS, "ok", "ok"]), max_size=12))
    def fail_items(self, items: list[str]) -> None:
        """The next messages end so."""
        self.service.items = items

    @rule()
    def kick(self) -> None:
        """The network has changed."""
        self.pump.kick()

    @rule(number=st.integers(1, 8))
    def step(self, number: int) -> None:
        """Time goes on to what is due."""
        for _ in range(number):
            if not self._step():
                return

    def _step(self) -> bool:
        self.service.now = self.now.boottime
        try:
            due = self.pump.step(self.now).next_due
        except KilledError:
            self._reopen()
            return False
        self.service.acknowledged |= self.service.unsettled
        self.service.unsettled.clear()
        if due is not None:
            self.now = self.now.at(max(due, self.now.boottime))
        return due is not None

    @rule(calls=st.integers(0, 14), is_after=st.booleans())
    def die(self, calls: int, is_after: bool) -> None:
        """SIGKILL at that call, or between two steps."""
        self.life[:] = [(calls, is_after)]
        self.step(4)
        self._reopen()

    @invariant()
    def nothing_is_counted_twice(self) -> None:
        """The service knows every repeat: it came on the same road, with the same identity and attempt."""
        assert len(self.service.counted) == len(set(self.service.counted))

    def teardown(self) -> None:
        """The service gets well; then the promise holds."""
        self.service.whole, self.service.items = [], []
        self.life.clear()
        self.pump.kick()
        for _ in range(2000):
            if not self._step():
                break
        self._promise()
        self.store.close()
        shutil.rmtree(self.folder)

    def _promise(self) -> None:
        figures = account(self.store)
        wanted = [token for token, kind in self.expected if kind not in POISON]
        assert sorted(wanted) == sorted(self.service.counted), "exactly what was due was counted"
        letters = [letter.event.identity.token(letter.part) for letter in self.store.dead_letters(limit=1000)]
        assert [token for token, kind in self.expected if kind in POISON] == letters
        assert self.service.forgotten <= figures.resent + figures.perhaps_repeated
        assert (len(wanted), 0) == (figures.delivered, figures.depth)
        place = {token: number for number, (token, _) in enumerate(self.expected)}
        order = [place[token] for token in self.service.counted]
        overtakers = sum(number > min(order[at:]) for at, number in enumerate(order))
        assert overtakers <= figures.accepted_ahead + figures.perhaps_repeated + figures.resent
        assert self.now.boottime >= NOW.boottime


TestDrain = Drain.TestCase
TestDrain.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
