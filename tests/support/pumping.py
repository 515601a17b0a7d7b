"""A pump by hand: a real store, a sink that answers as it is told, and time as a number."""

from typing import Any

from agent.delivery.pump import Pump
from agent.kernel.instants import Instant
from agent.kernel.verdict import Cause, Held, Later, Refused
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.sinks.capture import Capture
from tests.support.playback import NOW

AWAY = Later(Cause.NETWORK, "refused", answered=False)
LOST = Later(Cause.TIMEOUT, "no answer", answered=False, lost=True)
BUSY = Later(Cause.SERVER, "SOME_CODE: no", answered=True)
HELD = Held(Cause.CONFIGURATION, "SERVICE_FORBIDDEN: no", answered=True)
BAD = Refused("INVALID_ENUM_VALUE", "INVALID_ENUM_VALUE: no")
PARTS = {"silent": 0, "double": 2}


def pump_of(log: Any, sink: Capture) -> Pump:
    """A pump whose chance is always the middle."""
    return Pump(log, sink, chance=lambda: 0.5)


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
