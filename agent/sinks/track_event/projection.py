"""From an event to trackEvent's messages.

Contract: pure, but for what `views` says. `project` gives the messages of an event and the state after it; the same
state, event, age class and `views` always give the same.
Rules: an event that is older than its kind's limit is passed over and counted, for the service would date it wrongly;
so is a VIEW while the service wants none. Neither advances eventIndex. A play without a usable entry, or whose
opening was never seen, is counted once. Player events are told only where the settings ask for them.
Reasons: kaltura.md section 3; decisions 1, 10, 20.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from agent.kernel.activity import Activity, ButtonClicked, Custom, Engaged, PageViewed, PortalUsed
from agent.kernel.events import Event, Opened
from agent.kernel.leaving_out import why_passed
from agent.kernel.records import StoredEvent
from agent.sinks.base import Message, Projection
from agent.sinks.track_event import application, encode, player
from agent.sinks.track_event.drafts import Draft
from agent.sinks.track_event.encode import number, text
from agent.sinks.track_event.kinds import Kind, MaxAge, Weight, weight
from agent.sinks.track_event.memory import Memory

NO_PLAYBACK: Final = "no-playback"
"""A deed of a visitor that concerns no playback of which the service was told."""

NO_OPENING: Final = "no-opening"
"""A session whose beginning this destination never saw: it was switched on in mid-play."""

VIEWS_OFF: Final = "views-off"
"""A VIEW that the service said it does not want."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What of the settings decides what is told. `application`: see config.track_event."""

    player_events: bool = False
    application: str | None = None
    max_age: MaxAge = field(default_factory=MaxAge)


def project(
    state: str,
    stored: StoredEvent,
    event: Event | Activity,
    *,
    time: float,
    age: float | None,
    rules: Rules,
    views: Callable[[str], bool],
) -> Projection:
    """What `event`, which is `stored` decoded, becomes. `views`: whether a session's VIEWs are wanted."""
    match event:
        case PageViewed() | ButtonClicked() | Custom():
            return _application(state, stored, event, time=time, age=age, rules=rules)
        case PortalUsed():
            return Projection(state, ())
        case _ if not rules.player_events:
            return Projection("", ())
        case Engaged() if not stored.attribution.session_id or stored.attribution.session_id != Memory.read(state).own:
            known = bool(player.happened(Memory(), stored, event)[1])
            return Projection(state, (), NO_PLAYBACK if known else None)
        case _:
            return _player(Memory.read(state), stored, event, time=time, age=age, rules=rules, views=views)


def _application(
    state: str,
    stored: StoredEvent,
    event: PageViewed | ButtonClicked | Custom,
    *,
    time: float,
    age: float | None,
    rules: Rules,
) -> Projection:
    found = application.fields(event, stored.attribution, application=rules.application)
    if found is None:
        return Projection(state, (), application.NO_NUMBER)
    too_old = rules.max_age.passed(Weight.APPLICATION, age)
    if too_old is not None:
        return Projection(state, (), too_old)
    name, fields = found
    return Projection(state, (Message(stored.identity.token(0), name, fields, time),))


def _player(
    memory: Memory,
    stored: StoredEvent,
    event: Event | Engaged,
    *,
    time: float,
    age: float | None,
    rules: Rules,
    views: Callable[[str], bool],
) -> Projection:
    own = stored.attribution.session_id
    if not isinstance(event, Opened) and memory.own != own:
        return Projection(Memory(own=own, unseen=True).written(), (), NO_OPENING)
    if memory.unseen and not isinstance(event, Opened):
        return Projection(memory.written(), ())
    memory, drafts = player.happened(memory, stored, event)
    entry_id, missing = encode.entry(stored.attribution)
    if entry_id is None:
        reason = why_passed(event, stored.attribution, missing or "") if isinstance(event, Opened) else None
        return Projection(memory.written(), (), reason)
    wanted, reason = _wanted(drafts, memory, age=age, rules=rules, views=views)
    messages: list[Message] = []
    for draft in drafts:
        if draft not in wanted:
            memory = player.dropped(memory, draft)
            continue
        memory = player.sent(memory, draft, event.at)
        fields = _fields(draft, memory, stored, event, entry_id=entry_id, application=rules.application)
        messages.append(Message(stored.identity.token(len(messages)), draft.kind.name, fields, time))
    return Projection(memory.written(), tuple(messages), reason)


def _wanted(
    drafts: Sequence[Draft], memory: Memory, *, age: float | None, rules: Rules, views: Callable[[str], bool]
) -> tuple[Sequence[Draft], str | None]:
    """Those that are told, and why the others are not."""
    if not drafts:
        return (), None
    too_old = rules.max_age.passed(weight(draft.kind for draft in drafts), age)
    if too_old is not None:
        return (), too_old
    if any(draft.kind is Kind.VIEW for draft in drafts) and not views(memory.wire):
        return [draft for draft in drafts if draft.kind is not Kind.VIEW], VIEWS_OFF
    return drafts, None


def _fields(
    draft: Draft,
    memory: Memory,
    stored: StoredEvent,
    event: Event | Engaged,
    *,
    entry_id: str,
    application: str | None,
) -> dict[str, str]:
    """A player event's parameters in the order in which they are always sent; what is unknown is left out."""
    owner, head = stored.attribution, event.head
    position = head.position if draft.position is None else draft.position
    fields = {
        "eventType": str(int(draft.kind)),
        "partnerId": str(owner.partner_id),
        "entryId": entry_id,
        "sessionId": memory.wire,
        "eventIndex": str(memory.index),
        "referrer": encode.referrer(owner.referrer),
        "deliveryType": memory.delivery,
        "playbackType": "live" if memory.live else "vod",
        "clientVer": text(owner.client_version),
        "uiConfId": "" if owner.uiconf_id is None else str(owner.uiconf_id),
        # The offset from the live edge, as the player means it; VLC does not tell one.
        "position": "0" if memory.live else number(position or 0.0),
        "playbackSpeed": number(head.rate),
        **dict(encode.owner_fields(owner)),
        "application": text(application),
        **draft.fields,
        "caption": "off" if memory.captions_off else "",
    }
    return {name: value for name, value in fields.items() if value}
