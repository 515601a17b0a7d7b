"""The thread of one destination.

Contract: `run` is the body of a thread, for example `crew.spawn(worker.name, worker.run)`; it returns after `stop`, and
raises what the pump raises, which ends the process (house rules 7 and 9). `wake`, `kick` and `stop` may be called from
any thread and never wait for the network.
Rules: one line a cause when an outage begins, one when it ends; one for the first message refused with a code. A send
under way at `stop` is abandoned: its message is sent again after the next start, recognisable by its identity.
Reasons: house rules 5, 7, 9; decision 8.
"""

import threading
from typing import Final, assert_never

import structlog

from agent.delivery.pump import Pump, Step
from agent.delivery.status import BatchesNotTaken, MessageRefused, News, OutageBegan, OutageEnded, SinkStatus
from agent.kernel.instants import Clock
from agent.sinks.base import Sink

LONGEST_SLEEP: Final = 60.0
"""Seconds. A wait does not count the time while the machine was suspended, the boot-time clock does: look again."""

log = structlog.get_logger()


class Worker:
    """Steps the pump of one sink whenever that is worth while."""

    def __init__(self, pump: Pump, sink: Sink, clock: Clock) -> None:
        self.name = f"deliver {sink.name}"
        self._pump = pump
        self._sink = sink
        self._clock = clock
        self._changed = threading.Condition()
        self._is_woken = False
        self._is_kicked = False
        self._is_stopped = False

    def wake(self) -> None:
        """There are new events."""
        with self._changed:
            self._is_woken = True
            self._changed.notify()

    def kick(self) -> None:
        """Something has changed that may let messages through: try at once."""
        with self._changed:
            self._is_kicked = True
            self._changed.notify()

    def stop(self) -> None:
        """Have `run` return; at once when it waits, after the send when it sends."""
        with self._changed:
            self._is_stopped = True
            self._changed.notify()

    def status(self) -> SinkStatus:
        """How the sink stands."""
        return self._pump.status()

    def run(self) -> None:
        """Deliver until stopped."""
        try:
            while not self._is_stopped:
                now = self._clock.now()
                step = self._pump.step(now)
                for news in step.news:
                    self._tell(news)
                self._wait(step)
        finally:
            self._sink.close()

    def _wait(self, step: Step) -> None:
        """Sleep until the step's due time, a wake, a kick or a stop."""
        with self._changed:
            if not (self._is_woken or self._is_kicked or self._is_stopped):
                self._changed.wait(self._seconds_to(step.next_due))
            self._is_woken = False
            if self._is_kicked:
                self._is_kicked = False
                self._pump.kick()

    def _seconds_to(self, due: float | None) -> float:
        if due is None:
            return LONGEST_SLEEP
        return min(max(due - self._clock.now().boottime, 0.0), LONGEST_SLEEP)

    def _tell(self, news: News) -> None:
        sink = self._sink.name
        match news:
            case OutageBegan(cause=cause, text=text, is_held=True):
                log.error("delivery held until somebody acts", sink=sink, cause=cause.value, text=text)
            case OutageBegan(cause=cause, text=text):
                log.warning("delivery waiting", sink=sink, cause=cause.value, text=text)
            case OutageEnded(tries=tries, seconds=seconds):
                log.info("delivery goes on", sink=sink, tries=tries, seconds=round(seconds, 1))
            case BatchesNotTaken():
                log.warning("batches not taken, sending one by one", sink=sink)
            case MessageRefused(name=name, token=token, code=code, answer=answer):
                log.error("message refused", sink=sink, message=name, identity=token, code=code, answer=answer)
            case _:
                assert_never(news)
