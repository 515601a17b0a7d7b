"""A pump by hand: a real store, a sink that answers as it is told, and time as a number."""

from collections.abc import Callable, Sequence
from typing import Any

from agent.delivery.pace import Pace
from agent.delivery.pump import Pump
from agent.kernel.instants import Instant
from agent.kernel.verdict import Cause, Held, Later, Refused, Verdict
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.sinks.base import Outgoing, Sink
from agent.sinks.capture import Capture
from tests.support.playback import NOW

AWAY = Later(Cause.NETWORK, "refused", answered=False)
LOST = Later(Cause.TIMEOUT, "no answer", answered=False, lost=True)
BUSY = Later(Cause.SERVER, "SOME_CODE: no", answered=True)
HELD = Held(Cause.CONFIGURATION, "SERVICE_FORBIDDEN: no", answered=True)
BAD = Refused("INVALID_ENUM_VALUE", "INVALID_ENUM_VALUE: no")
PARTS = {"silent": 0, "double": 2}
UNPACED = Pace(rate=0.0)
MIDDLE = 0.5

Whole = Later | Held | Refused


class Batching(Capture):
    """A sink that takes batches. `whole`: how the next batches end as a whole, None for one by one.

    `requests`: the names of the messages of each request so far, and whether it was a batch. `unbatchable`: kinds that
    no batch may hold.
    """

    def __init__(
        self,
        answers: Sequence[Verdict] = (),
        *,
        whole: Sequence[Whole | None] = (),
        limit: int = 4,
        unbatchable: frozenset[str] = frozenset(),
        parts: dict[str, int] | None = None,
    ) -> None:
        super().__init__(answers, parts=parts)
        self.whole = list(whole)
        self.limit = limit
        self.unbatchable = unbatchable
        self.requests: list[tuple[list[str], bool]] = []
        self.outgoing: list[Outgoing] = []

    @property
    def batch(self) -> int:
        """As it was told."""
        return self.limit

    def send(self, message: Any, *, attempt: int) -> Verdict:
        """Note the request and answer it."""
        self.requests.append(([message.name], False))
        return super().send(message, attempt=attempt)

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict] | Whole:  # type: ignore[override]
        """Note the request and answer it."""
        assert len(messages) <= self.limit
        self.requests.append(([one.message.name for one in messages], True))
        self.outgoing += messages
        if any(one.message.name in self.unbatchable for one in messages):
            return Refused("BATCH", "not in a batch")
        answer = self.whole.pop(0) if self.whole else None
        if answer is not None:
            return answer
        return [super(Batching, self).send(one.message, attempt=one.attempt) for one in messages]


def pump_of(log: Any, sink: Sink, *, pace: Pace = UNPACED, chance: Callable[[], float] = lambda: MIDDLE) -> Pump:
    """A pump whose chance is always the middle, and that is in no hurry unless told so."""
    return Pump(log, sink, chance=chance, pace=pace)


def run(pump: Pump, *, now: Instant = NOW, limit: int = 500) -> tuple[Instant, list[object]]:
    """Step until nothing is due any more, moving the time to what is due; all news."""
    news: list[object] = []
    for _ in range(limit):
        step = pump.step(now)
        news += step.news
        if step.next_due is None:
            return now, news
        now = now.at(max(step.next_due, now.boottime))
    raise AssertionError("the pump does not come to rest")


def account(store: Outbox) -> SinkStatistics:
    """The sink's row of the statistics."""
    (found,) = store.statistics().sinks
    return found


def names(sink: Batching) -> str:
    """What was accepted, in order."""
    return "".join(message.name for message in sink.accepted)


def sizes(sink: Batching) -> list[int]:
    """How many messages each request carried; a message alone is 0."""
    return [len(carried) if batched else 0 for carried, batched in sink.requests]


def send(pump: Pump, sink: Batching, *, now: Instant = NOW, requests: int = 1) -> None:
    """Step until so many more requests were made."""
    before = len(sink.requests)
    for _ in range(20):
        if len(sink.requests) == before + requests:
            return
        pump.step(now)
    raise AssertionError("no request was made")
