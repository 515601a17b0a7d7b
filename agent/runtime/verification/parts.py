"""What a verification is made of, from the settings.

Contract: one function a part; nothing is sent here. Raises nothing.
Rules: the test play goes the way of real events: the same destination, projection, semantics, request style, session
and proxy. Its generation is fresh, so that the service never takes it for an event of the agent's.
"""

import random
from dataclasses import dataclass
from uuid import uuid4

from agent.config.model import Settings
from agent.config.session import SessionMode
from agent.kernel.attribution import Attribution, session_id
from agent.kernel.instants import Clock
from agent.kernel.verdict import Held, Later
from agent.runtime.assembly import wire_to
from agent.runtime.connections import stats_collect
from agent.runtime.session import KeptSession, login, secret_file
from agent.runtime.verification import testplay
from agent.runtime.verification.course import Plan
from agent.runtime.verification.inquiry import Key
from agent.sinks.http.client import Wire
from agent.sinks.kaltura.door import Door, TokenLogin
from agent.sinks.kaltura.login import Digest, Session, Wanted
from agent.sinks.kaltura.sessions import NoSession, SessionSource
from agent.sinks.kaltura.sink import StatsCollect
from agent.sinks.kaltura.started import StartedSessions

OPERATOR_LIFETIME_S = 600
"""Each look starts a session of its own; one must outlast a question and its repeats."""


@dataclass(frozen=True, slots=True)
class AppToken:
    """An operator's app token: its id, its value, and the hash that it was made with."""

    ident: str
    token: str
    digest: Digest


def sink(settings: Settings, clock: Clock) -> StatsCollect:
    """The destination of real events."""
    return stats_collect(settings.kaltura, _device_session(settings, clock))


def _device_session(settings: Settings, clock: Clock) -> SessionSource:
    kaltura = settings.kaltura
    file = secret_file(kaltura.session)
    match kaltura.session.mode:
        case SessionMode.KS_FILE if file is not None:
            return KeptSession(file)
        case SessionMode.APP_TOKEN | SessionMode.SECRET:
            wire = wire_to(kaltura)
            return StartedSessions(
                kaltura.session.mode.value,
                login(kaltura, wire),
                now=lambda: clock.now().boottime,
                chance=random.random,
                tell=lambda _: None,
                close=wire.close,
            )
        case _:
            return NoSession()


def plan(settings: Settings, entry_id: str, to: StatsCollect) -> Plan:
    """A test play of `entry_id`, as this device would report it."""
    kaltura, generation = settings.kaltura, str(uuid4())
    owner = Attribution(
        device_id=settings.device.id,
        session_id=session_id(generation, 1),
        referrer=testplay.referrer(settings.device.id),
        partner_id=kaltura.partner_id or 0,
        entry_id=entry_id,
        media_uri="",
        user_id=kaltura.user_id,
        uiconf_id=kaltura.uiconf_id,
        client_version=kaltura.client_version,
        widget_id=kaltura.widget_id,
    )
    return Plan(
        service_url=kaltura.service_url or "",
        partner_id=owner.partner_id,
        entry_id=entry_id,
        session_id=owner.session_id,
        play=lambda ended: testplay.messages(to, owner, generation=generation, ended=ended),
    )


def token_key(token: AppToken, wire: Wire, service_url: str, *, partner_id: int, client_tag: str) -> Key:
    """The operator's session, started anew for each question: a wait of half an hour outlives short ones."""
    wanted = Wanted(partner_id=partner_id, lifetime=OPERATOR_LIFETIME_S)
    start = TokenLogin(
        Door(wire, service_url, client_tag),
        wanted,
        token_id=token.ident,
        digest=token.digest,
        token=lambda: token.token,
    )

    def key() -> str | Later | Held:
        found = start()
        return found.ks if isinstance(found, Session) else found

    return key
