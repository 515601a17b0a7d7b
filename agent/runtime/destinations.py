"""Where events go: a worker for each destination that is switched on, and the account's sessions for all of them.

Contract: `destinations` makes the workers, registered with the store; nothing is started here.
Rules: a destination that is off is passed over by the store, counted; one that never was on is not mentioned. All share
one source of sessions, so that one renewal serves all; a login has a wire of its own, for it may run on any worker's
thread.
Reasons: decision 10.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from agent.config.kaltura import Kaltura
from agent.config.model import Settings
from agent.delivery.pace import Pace
from agent.delivery.pump import Pump
from agent.delivery.status import SinkStatus
from agent.delivery.worker import Worker
from agent.kernel.instants import Clock
from agent.outbox.store import Outbox
from agent.runtime.assembly import semantics, wire_to
from agent.runtime.session import Sessions, sessions
from agent.sinks.base import Sink
from agent.sinks.kaltura.semantics import milestones as semantics_milestones
from agent.sinks.kaltura.sessions import NoSession, SessionSource, SessionStatus
from agent.sinks.kaltura.sink import NAME as STATS_COLLECT
from agent.sinks.kaltura.sink import CollectSettings, StatsCollect, Style
from agent.sinks.track_event.kinds import MaxAge
from agent.sinks.track_event.player import MILESTONES
from agent.sinks.track_event.projection import Rules
from agent.sinks.track_event.sink import NAME as TRACK_EVENT
from agent.sinks.track_event.sink import TrackEvent, TrackSettings


@dataclass(frozen=True, slots=True)
class Destinations:
    """All that are on."""

    workers: tuple[Worker, ...]
    account: Sessions

    def wake(self) -> None:
        """There are new events."""
        for worker in self.workers:
            worker.wake()

    def kick(self) -> None:
        """Something has changed that may let messages through."""
        for worker in self.workers:
            worker.kick()

    def stop(self) -> None:
        """Have the workers end."""
        for worker in self.workers:
            worker.stop()

    def watch(self) -> Callable[[float], None]:
        """What the main loop calls now and then: a secret's file may have changed."""
        return self.account.watch(self.kick)

    def standings(self) -> tuple[SinkStatus, ...]:
        """How each stands."""
        return tuple(worker.status() for worker in self.workers)

    def session(self) -> SessionStatus:
        """How the account's sessions stand."""
        return self.account.source.status()


def destinations(settings: Settings, outbox: Outbox, clock: Clock) -> Destinations:
    """The workers of what `settings` switch on."""
    kaltura, track = settings.kaltura, settings.track_event
    known = {sink.name for sink in outbox.statistics().sinks}
    wanted = {STATS_COLLECT: kaltura.enabled, TRACK_EVENT: track.enabled}
    for name, enabled in wanted.items():
        if enabled or name in known or name == STATS_COLLECT:
            outbox.register(name, enabled=enabled)
    account = Sessions(NoSession())
    if any(wanted.values()):
        account = sessions(kaltura, lambda: wire_to(kaltura), clock, chance=random.random)
    workers: list[Worker] = []
    if kaltura.enabled:
        workers.append(_worker(outbox, stats_collect(kaltura, account.source), clock, paces(kaltura)[STATS_COLLECT]))
    if track.enabled:
        workers.append(_worker(outbox, _track_event(settings, account.source), clock, paces(kaltura)[TRACK_EVENT]))
    return Destinations(tuple(workers), account)


def paces(kaltura: Kaltura) -> dict[str, Pace]:
    """How fast each destination's backlog goes. trackEvent has no batches: nothing waits there to travel together."""
    backlog = kaltura.backlog
    return {
        STATS_COLLECT: Pace(backlog.batch_size, backlog.rate, backlog.coalesce_s),
        TRACK_EVENT: Pace(batch_size=1, rate=backlog.rate),
    }


def milestones(settings: Settings) -> tuple[float, ...]:
    """The fractions of a playback (0..1) that the destinations need to be told of."""
    fractions = semantics_milestones(semantics(settings.kaltura))
    if wants_heartbeat(settings):
        fractions = tuple(sorted({*fractions, *MILESTONES}))
    return fractions


def wants_heartbeat(settings: Settings) -> bool:
    """Whether a destination needs to hear every ten seconds that a play goes on."""
    return settings.track_event.enabled and settings.track_event.player_events


def _worker(outbox: Outbox, sink: Sink, clock: Clock, pace: Pace) -> Worker:
    return Worker(Pump(outbox, sink, chance=random.random, pace=pace), sink, clock)


def _track_event(settings: Settings, session: SessionSource) -> Sink:
    track, age = settings.track_event, settings.track_event.max_age
    rules = Rules(
        player_events=track.player_events,
        application=track.application,
        max_age=MaxAge(age.application_s, age.play_s, age.detail_s),
    )
    client_tag = settings.kaltura.client_version
    return TrackEvent(TrackSettings(track.url, client_tag, rules), wire_to(settings.kaltura), session=session)


def stats_collect(kaltura: Kaltura, session: SessionSource) -> StatsCollect:
    """stats.collect as configured; `verify` sends by the same one."""
    collect = CollectSettings(
        kaltura.service_url or "",
        kaltura.client_version,
        semantics(kaltura),
        style=Style(kaltura.request_style.value),
        batch=kaltura.backlog.batch_size,
    )
    return StatsCollect(collect, wire_to(kaltura), session=session)
