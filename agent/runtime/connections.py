"""What the settings ask of each destination, and how its connection is made.

Contract: `plans` is pure: two plans are equal where a change of settings is none to the destination. `connection` makes
a new way to it; nothing is sent by that.
Rules: a plan names its road apart from its words: another road (address, proxy, timeouts, style, session) is a new
connection that may fail, other words (semantics, application, ages) go the old road. The account's sessions are part of
a road as far as they decide with what, and by what address, messages go.
Reasons: decisions 5 and 17; which setting restarts delivery stands in the schema (agent.config).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from attrs import evolve

from agent.config.kaltura import Kaltura, SequenceField
from agent.config.model import Settings
from agent.config.session import SessionMode
from agent.config.xapi import Authentication, Xapi
from agent.delivery.connection import Connection, Proof
from agent.delivery.pace import Pace
from agent.runtime.assembly import semantics, wire_to
from agent.runtime.learning import store
from agent.runtime.probes import empty_event, ping
from agent.sinks.http.client import Wire
from agent.sinks.kaltura.batch import LARGEST
from agent.sinks.kaltura.sessions import SessionSource
from agent.sinks.kaltura.sink import NAME as STATS_COLLECT
from agent.sinks.kaltura.sink import CollectSettings, StatsCollect, Style
from agent.sinks.track_event.kinds import MaxAge
from agent.sinks.track_event.projection import Rules
from agent.sinks.track_event.sink import NAME as TRACK_EVENT
from agent.sinks.track_event.sink import TrackEvent, TrackSettings
from agent.sinks.xapi.sink import NAME as XAPI

Wanted = tuple[object, ...]
"""Settings in a row, to be compared."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One destination's. `road`: what makes a connection a new one. `words`: what else its sink is made of."""

    name: str
    is_on: bool
    pace: Pace
    road: Wanted
    words: Wanted


def plans(settings: Settings) -> Mapping[str, Plan]:
    """By name, those that are off too."""
    kaltura, track = settings.kaltura, settings.track_event
    speed = paces(settings)
    ways, account = _ways(kaltura), account_of(kaltura)
    collect = Plan(
        STATS_COLLECT,
        kaltura.enabled,
        speed[STATS_COLLECT],
        (kaltura.service_url, kaltura.request_style, ways, account),
        (kaltura.event_semantics, kaltura.sequence_field),
    )
    tracked = Plan(
        TRACK_EVENT,
        track.enabled,
        speed[TRACK_EVENT],
        (track.url, ways, account),
        (track.player_events, track.application, track.max_age),
    )
    learned = Plan(XAPI, settings.xapi.enabled, speed[XAPI], *_learned(settings.xapi, ways))
    return {plan.name: plan for plan in (collect, tracked, learned)}


def _learned(xapi: Xapi, ways: Wanted) -> tuple[Wanted, Wanted]:
    """The road to the LRS, and the words."""
    words = evolve(xapi, enabled=False, endpoint=None, authentication=Authentication(), batch_size=1, coalesce_s=0.0)
    return (xapi.endpoint, xapi.authentication, ways), (words,)


def account_of(kaltura: Kaltura) -> Wanted:
    """What the account's sessions depend on. Where they are started, that is where, how, and as whom."""
    match kaltura.session.mode:
        case SessionMode.NONE:
            return (SessionMode.NONE,)
        case SessionMode.KS_FILE:
            return (SessionMode.KS_FILE, kaltura.session.ks_file)
        case SessionMode.APP_TOKEN | SessionMode.SECRET:
            return (kaltura.session, kaltura.service_url, kaltura.partner_id, kaltura.user_id, _ways(kaltura))
        case _:
            assert_never(kaltura.session.mode)


def paces(settings: Settings) -> dict[str, Pace]:
    """How fast each destination's backlog goes. trackEvent has no batches: nothing waits there to travel together."""
    backlog, xapi = settings.kaltura.backlog, settings.xapi
    return {
        STATS_COLLECT: Pace(backlog.batch_size, backlog.rate, backlog.coalesce_s),
        TRACK_EVENT: Pace(batch_size=1, rate=backlog.rate),
        XAPI: Pace(xapi.batch_size, backlog.rate, xapi.coalesce_s),
    }


def connection(name: str, settings: Settings, source: SessionSource, proof: Proof) -> Connection:
    """A new way to the destination called `name`. `proof`: what is known of its road."""
    kaltura, track = settings.kaltura, settings.track_event
    wire = wire_to(kaltura)
    if name == XAPI:
        sink, lrs = store(settings, wire)
        return Connection(sink, probe=(lambda: False) if lrs is None else lrs.is_there, proof=proof, source=source)
    if name == TRACK_EVENT:
        probe = empty_event(wire, track.url, kaltura.client_version, source)
        return Connection(_track_event(settings, wire, source), probe=probe, proof=proof, source=source)
    probe = ping(wire, kaltura.service_url or "", kaltura.client_version, source)
    return Connection(_collect(kaltura, wire, source), probe=probe, proof=proof, source=source)


def stats_collect(kaltura: Kaltura, session: SessionSource) -> StatsCollect:
    """stats.collect as configured; `verify` sends by the same one."""
    return _collect(kaltura, wire_to(kaltura), session)


def _collect(kaltura: Kaltura, wire: Wire, session: SessionSource) -> StatsCollect:
    # How many of them go together is the pace's matter, which may change while the sink stays.
    collect = CollectSettings(
        kaltura.service_url or "",
        kaltura.client_version,
        semantics(kaltura),
        style=Style(kaltura.request_style.value),
        batch=LARGEST,
        numbered=kaltura.sequence_field is SequenceField.CONTROL_ID,
    )
    return StatsCollect(collect, wire, session=session)


def _track_event(settings: Settings, wire: Wire, session: SessionSource) -> TrackEvent:
    track, age = settings.track_event, settings.track_event.max_age
    rules = Rules(
        player_events=track.player_events,
        application=track.application,
        max_age=MaxAge(age.application_s, age.play_s, age.detail_s),
    )
    return TrackEvent(TrackSettings(track.url, settings.kaltura.client_version, rules), wire, session=session)


def _ways(kaltura: Kaltura) -> Wanted:
    """What every wire is made of."""
    timeouts = (kaltura.connect_timeout_s, kaltura.read_timeout_s, kaltura.total_timeout_s)
    return (kaltura.proxy, *timeouts, kaltura.client_version)
