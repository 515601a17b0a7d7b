"""Where events go: a worker for each destination that is switched on, and the account's sessions for all of them.

Contract: `destinations` makes the workers, registered with the store; `start` gives them threads. `apply` has them go
on by other settings while they run, and says whose connection is new. Called by the main loop alone; nothing here waits
for the network or for a thread.
Rules: a destination that is off is passed over by the store, counted; one that never was on is not mentioned. Each has
one thread at most, which stays when it is switched off and serves again when it is switched on; the thread carries out
what it is told between two requests (agent.delivery.worker). All share one source of sessions, so that one renewal
serves all; a login has a wire of its own, for it may run on any worker's thread. A source that was replaced is closed
once no worker sends with it any more.
Reasons: decisions 8 and 10: a change of settings must neither lose nor double a message, and nobody waits for it.
"""

import random
from collections.abc import Callable
from typing import Any, Final

import structlog

from agent.config.model import Settings
from agent.delivery.connection import Connection, Proof
from agent.delivery.status import SinkStatus
from agent.delivery.worker import Order, Worker
from agent.kernel.instants import Clock
from agent.outbox.errors import StoreTrouble
from agent.outbox.store import Outbox
from agent.runtime.assembly import semantics, wire_to
from agent.runtime.connections import Plan, account_of, connection, plans
from agent.runtime.learning import marks
from agent.runtime.session import Sessions, sessions
from agent.sinks.kaltura.semantics import milestones as semantics_milestones
from agent.sinks.kaltura.sessions import NoSession, SessionStatus
from agent.sinks.kaltura.sink import NAME as STATS_COLLECT
from agent.sinks.track_event.player import MILESTONES

Spawn = Callable[[str, Callable[[], None]], Any]
"""Starts a named thread, as `Crew.spawn`."""

NO_ACCOUNT: Final = (NoSession,)

log = structlog.get_logger()


class Destinations:
    """All of them. Made by `destinations`."""

    def __init__(self, outbox: Outbox, clock: Clock) -> None:
        self._outbox = outbox
        self._clock = clock
        self._spawn: Spawn | None = None
        self._plans: dict[str, Plan] = {}
        self._workers: dict[str, Worker] = {}
        self._connections: dict[str, Connection] = {}
        self._account = Sessions(NoSession())
        self._account_of: tuple[object, ...] = NO_ACCOUNT
        self._look: Callable[[float], None] = lambda _: None
        self._replaced: list[Sessions] = []

    @property
    def workers(self) -> tuple[Worker, ...]:
        """Of those that are on."""
        return tuple(worker for name, worker in self._workers.items() if self._plans[name].is_on)

    def start(self, spawn: Spawn) -> None:
        """Give each worker a thread, and those that are switched on later."""
        self._spawn = spawn
        for worker in self._workers.values():
            spawn(worker.name, worker.run)

    def apply(self, settings: Settings) -> frozenset[str]:
        """Go on by these settings; the names of those that are on and whose connection is a new one."""
        wanted = plans(settings)
        self._change_account(settings, is_needed=any(plan.is_on for plan in wanted.values()))
        changed = [plan for name, plan in wanted.items() if plan != self._plans.get(name)]
        renewed = frozenset(plan.name for plan in changed if plan.is_on and not self._goes_the_road_of(plan))
        for plan in changed:
            self._give_order(plan, settings)
        self._plans.update(wanted)
        return renewed

    def up(self, name: str) -> bool:
        """Whether the service has answered as it should since this connection was made; see `Proof`."""
        return self._is_on(name) and self._connections[name].proof.is_up

    def works(self, name: str) -> bool:
        """Whether the last attempt by this connection was answered; False where there was none yet."""
        return self._is_on(name) and self._connections[name].proof.works

    def tries(self, name: str) -> int:
        """How many attempts by this connection have ended."""
        return self._connections[name].proof.tries if self._is_on(name) else 0

    def answers(self, name: str) -> int:
        """How many of them were answered."""
        return self._connections[name].proof.answers if self._is_on(name) else 0

    def probe(self, name: str, until: float) -> None:
        """Until that boot-time second, have the worker ask the service if no message tells whether it is there.

        May be called again and again; the pauses between the probes do not begin anew by that.
        """
        if self._is_on(name) and not self.up(name):
            self._workers[name].probe(until)

    def wake(self) -> None:
        """There are new events."""
        for worker in self.workers:
            worker.wake()

    def kick(self) -> None:
        """Something has changed that may let messages through."""
        for worker in self.workers:
            worker.kick()

    def stop(self) -> None:
        """Have all threads end."""
        for worker in self._workers.values():
            worker.stop()

    def watch(self) -> Callable[[float], None]:
        """What the main loop calls now and then: a secret's file may have changed, a login's wire be of no more use."""

        def look(now: float) -> None:
            self._look(now)
            if self._replaced:
                self._close_replaced()

        return look

    def standings(self) -> tuple[SinkStatus, ...]:
        """How each stands."""
        return tuple(worker.status() for worker in self.workers)

    def session(self) -> SessionStatus:
        """How the account's sessions stand."""
        return self._account.source.status()

    def _is_on(self, name: str) -> bool:
        return name in self._plans and self._plans[name].is_on

    def _goes_the_road_of(self, plan: Plan) -> bool:
        before = self._plans.get(plan.name)
        return before is not None and plan.road == before.road

    def _change_account(self, settings: Settings, *, is_needed: bool) -> None:
        wanted = account_of(settings.kaltura) if is_needed else NO_ACCOUNT
        if wanted == self._account_of:
            return
        self._replaced.append(self._account)
        self._account, self._account_of = Sessions(NoSession()), wanted
        if is_needed:
            kaltura = settings.kaltura
            self._account = sessions(kaltura, lambda: wire_to(kaltura), self._clock, chance=random.random)
        self._look = self._account.watch(self.kick)

    def _close_replaced(self) -> None:
        used = [worker.in_force.connection.source for worker in self._workers.values() if worker.in_force.is_on]
        for account in [account for account in self._replaced if account.source not in used]:
            account.source.close()
            self._replaced.remove(account)

    def _give_order(self, plan: Plan, settings: Settings) -> None:
        before = self._plans.get(plan.name)
        was_on = before is not None and before.is_on
        if plan.is_on:
            self._serve(plan, settings, before if was_on else None)
        elif was_on:
            self._workers[plan.name].order(Order(self._connections[plan.name], plan.pace, is_on=False))
        if self._spawn is not None and plan.is_on != was_on:
            log.info("destination switched on" if plan.is_on else "destination switched off", sink=plan.name)

    def _serve(self, plan: Plan, settings: Settings, before: Plan | None) -> None:
        """`before`: what was in force; None where it was off."""
        name = plan.name
        if before is None or (before.road, before.words) != (plan.road, plan.words):
            is_known = before is not None and before.road == plan.road
            proof = self._connections[name].proof if is_known else Proof()
            self._connections[name] = connection(name, settings, self._account.source, proof)
        order = Order(self._connections[name], plan.pace)
        worker = self._workers.get(name)
        if before is None and (worker is None or not worker.in_force.is_on):
            self._register(name)
        if worker is not None:
            worker.order(order)
            return
        worker = self._workers[name] = Worker(self._outbox, order, self._clock, chance=random.random)
        if self._spawn is not None:
            self._spawn(worker.name, worker.run)

    def _register(self, name: str) -> None:
        """At once, so that it misses no event from now on; where the disk is full, by its thread when that has room."""
        try:
            self._outbox.register(name)
        except StoreTrouble as error:
            log.warning("destination waits for room in the store", sink=name, error=str(error))


def destinations(settings: Settings, outbox: Outbox, clock: Clock) -> Destinations:
    """The workers of what `settings` switch on."""
    known = {sink.name for sink in outbox.statistics().sinks}
    for name, plan in plans(settings).items():
        if not plan.is_on and (name in known or name == STATS_COLLECT):
            outbox.register(name, enabled=False)
    found = Destinations(outbox, clock)
    found.apply(settings)
    return found


def milestones(settings: Settings) -> tuple[float, ...]:
    """The fractions of a playback (0..1) that the destinations need to be told of."""
    fractions = semantics_milestones(semantics(settings.kaltura))
    if wants_heartbeat(settings):
        fractions = (*fractions, *MILESTONES)
    if settings.xapi.enabled:
        fractions = (*fractions, *marks(settings.xapi))
    return tuple(sorted(set(fractions)))


def wants_heartbeat(settings: Settings) -> bool:
    """Whether a destination needs to hear every ten seconds that a play goes on."""
    return settings.track_event.enabled and settings.track_event.player_events
