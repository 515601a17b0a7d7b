"""The thread of one destination.

Contract: `run` is the body of a thread, for example `crew.spawn(worker.name, worker.run)`; it returns after `stop`, and
raises what the pump raises, which ends the process (house rules 7 and 9). `wake`, `kick`, `order`, `probe` and `stop`
may be called from any thread and never wait for the network.
Rules: an order is carried out between two requests, by this thread alone: a request under way is finished and its
answer written by the settings with which it left. Only the newest order counts, so an off and an on in one breath are
nothing. Switched off, the thread waits for another order, so that a destination never has two.
One line a cause when an outage begins, one when it ends; one for the first message refused with a code. A send under
way at `stop` is abandoned: its message is sent again after the next start, recognisable by its identity; should it end
after the store was closed, it is as if it had not.
Reasons: house rules 5, 7, 9; decision 8.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, assert_never

import structlog

from agent.delivery.connection import Connection
from agent.delivery.log import Log
from agent.delivery.pace import Pace
from agent.delivery.probing import Probing
from agent.delivery.pump import DISK_RETRY, Pump, Step
from agent.delivery.status import BatchesNotTaken, MessageRefused, News, OutageBegan, OutageEnded, SinkStatus
from agent.kernel.instants import Clock, Instant
from agent.kernel.liveness import Pulse
from agent.outbox.errors import StoreClosed, StoreTrouble

LONGEST_SLEEP: Final = 60.0
"""Seconds. A wait does not count the time while the machine was suspended, the boot-time clock does: look again."""

ONE_STEP_S: Final = 1800.0
"""A request takes ten minutes at most (`total_timeout_s`), a login before it as long, and the disk its time."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Order:
    """How a destination is to be served. Not `is_on`: not at all, and the rest is of no account."""

    connection: Connection
    pace: Pace
    is_on: bool = True


class Worker:
    """Steps the pump of one sink whenever that is worth while. `chance` gives numbers from 0 up to, but not, 1.

    `pulse`: the life of the thread in `run`.
    """

    def __init__(self, store: Log, order: Order, clock: Clock, *, chance: Callable[[], float]) -> None:
        self.name = f"deliver {order.connection.name}"
        self.pulse = Pulse(self.name, ONE_STEP_S)
        self._store = store
        self._order = order
        self._in_force = replace(order, is_on=False)
        self._pump = Pump(store, order.connection, chance=chance, pace=order.pace)
        self._probing = Probing(now=lambda: clock.now().boottime, chance=chance)
        self._clock = clock
        self._changed = threading.Condition()
        self._stepping = threading.Lock()
        self._is_woken = False
        self._is_kicked = False
        self._is_stopped = False
        self._probe_until: float | None = None

    @property
    def in_force(self) -> Order:
        """The order that was carried out last."""
        return self._in_force

    def order(self, order: Order) -> None:
        """Serve the destination so from the next step on; nothing is begun by an older order any more."""
        with self._changed:
            self._order = order
            self._is_woken = True
            self._changed.notify()

    def probe(self, until: float) -> None:
        """Until that boot-time second, ask the service whether it is there if no message tells."""
        with self._changed:
            self._probe_until = until
            self._is_woken = True
            self._changed.notify()

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

    def hold(self) -> bool:
        """Have no step begin until `let_go`. False: one is under way, or an answer was not written yet; not held."""
        if not self._stepping.acquire(blocking=False):
            return False
        if self._pump.owes:
            self._stepping.release()
            return False
        return True

    def let_go(self) -> None:
        """End a `hold`; what the sink waits for may have changed meanwhile."""
        self._stepping.release()
        self.wake()

    def status(self) -> SinkStatus:
        """How the sink stands."""
        return self._pump.status()

    def run(self) -> None:
        """Deliver until stopped."""
        try:
            while not self._is_stopped:
                with self._stepping:
                    self.pulse.beat(self._clock.now().boottime)
                    step = self._step(self._clock.now())
                for news in step.news:
                    self._tell(news)
                self.pulse.rest()
                self._wait(step)
        except StoreClosed:
            if not self._is_stopped:
                raise
        finally:
            self._in_force.connection.close()

    def _step(self, now: Instant) -> Step:
        """Carry out an order, else deliver, else probe."""
        order = self._order
        if order is not self._in_force:
            if self._pump.owes and not order.is_on:
                return self._pump.step(now)
            try:
                self._carry_out(order, now)
            except StoreTrouble:
                return Step(now.boottime + DISK_RETRY)
        if not order.is_on:
            return Step(None)
        step = self._pump.step(now)
        if step.next_due is not None and step.next_due <= now.boottime:
            return step
        return self._probed(step, order.connection)

    def _carry_out(self, order: Order, now: Instant) -> None:
        """Raises StoreTrouble with nothing changed."""
        before = self._in_force
        # Whatever it was before: whoever gives the orders may have registered it meanwhile.
        self._store.register(order.connection.name, enabled=order.is_on)
        self._in_force = order
        if not order.is_on:
            before.connection.close()
            self._pump.end(now)
        elif order.connection is not before.connection:
            before.connection.close()
            self._pump.connect(order.connection, order.pace)
        else:
            self._pump.go_at(order.pace)

    def _probed(self, step: Step, connection: Connection) -> Step:
        """Nothing is to be sent now: `step`, with a probe if one is due. An answer lets what waits go at once."""
        with self._changed:
            until, self._probe_until = self._probe_until, None
        if until is not None:
            self._probing.ask(until)
        was_up = connection.proof.is_up
        look_at = self._probing.look(connection)
        if connection.proof.is_up and not was_up:
            self._pump.kick()
            return Step(self._clock.now().boottime, step.news)
        due = min((at for at in (step.next_due, look_at) if at is not None), default=None)
        return Step(due, step.news)

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
        sink = self._in_force.connection.name
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
