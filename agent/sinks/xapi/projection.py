"""From an event to the statements of a Learning Record Store.

Contract: pure. `project` gives the messages of an event and the state after it; the same state and event always give
the same.
Rules: what is about a medium needs its entry: a play without a usable one is passed over and counted once, where it
opens. `terminated` follows only what was initialized, so a missing file says nothing. No raw id of a device or of a
person leaves through a template unless the actors are accounts.
Reasons: decisions 1, 2, 10, 11, 12; kaltura.md section 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote

from agent.kernel.activity import Activity, PortalUsed
from agent.kernel.attribution import Attribution
from agent.kernel.events import Closed, Event, Loaded, Opened
from agent.kernel.leaving_out import why_passed
from agent.kernel.records import StoredEvent
from agent.sinks.base import Message, Projection
from agent.sinks.kaltura import clean
from agent.sinks.xapi.actors import Actors, Naming
from agent.sinks.xapi.facts import Profile, Said, said
from agent.sinks.xapi.statements import message
from agent.sinks.xapi.templates import Templates

NO_ENTRY: Final = "no-entry"
BAD_ENTRY: Final = "bad-entry-id"

INCOMPLETE: Final = "incomplete"
"""The reason under which an event is counted whose template lacks a value for its object."""


@dataclass(frozen=True, slots=True)
class Rules:
    """`portal_url`: without a slash at its end; `entry_url`, `category_url`: with {id} for the id.

    `marks`: the fractions (0..1) at which progress is told.
    """

    profile: Profile
    templates: Templates
    actors: Actors
    portal_url: str
    portal_name: str
    entry_url: str
    category_url: str
    marks: tuple[float, ...]


def project(state: str, stored: StoredEvent, event: Event | Activity, *, time: float, rules: Rules) -> Projection:
    """What `event`, which is `stored` decoded, becomes. `state`: see `_Memory`."""
    owner, memory = stored.attribution, _Memory.read(state)
    memory = replace(memory, untold=memory.untold + sum(stone.number for stone in stored.before))
    if isinstance(event, Loaded):
        memory = replace(memory, loaded=owner.session_id)
    is_over = isinstance(event, Closed) and memory.loaded != owner.session_id
    told = [] if is_over else list(said(rules.profile, event, rules.marks))
    missing = _missing(owner)
    if missing is not None and (isinstance(event, Opened) or _is_about_an_entry(event, told)):
        passed = why_passed(event, owner, missing) if isinstance(event, Opened | PortalUsed) else None
        return Projection(memory.written(), (), passed)
    messages: list[Message] = []
    for each in told:
        body = rules.templates.fill(each.name, _values(each, owner, memory, rules))
        if body is not None:
            messages.append(message(stored.identity, len(messages), each.name, body, time))
            memory = replace(memory, untold=0)
    unsaid = any(each.name in rules.templates.by_name for each in told) and not messages
    return Projection(memory.written(), tuple(messages), INCOMPLETE if unsaid else None)


@dataclass(frozen=True, slots=True)
class _Memory:
    """`loaded`: the session whose medium was loaded last; `untold`: how many events were given up since a statement."""

    loaded: str = ""
    untold: int = 0

    @staticmethod
    def read(state: str) -> "_Memory":
        loaded, _, untold = state.partition(" ")
        return _Memory(loaded, int(untold or 0))

    def written(self) -> str:
        return f"{self.loaded} {self.untold}" if self.untold else self.loaded


def _is_about_an_entry(event: Event | Activity, told: list[Said]) -> bool:
    if isinstance(event, PortalUsed):
        return event.portal_deed.value.startswith("entry")
    return bool(told)


def _missing(owner: Attribution) -> str | None:
    if owner.entry_id is None:
        return NO_ENTRY
    return None if clean.is_entry_id(owner.entry_id) else BAD_ENTRY


def _values(each: Said, owner: Attribution, memory: _Memory, rules: Rules) -> Mapping[str, Any]:
    category, collaborator = each.values.get("category_id"), each.values.get("collaborator")
    # What a visitor says is of a person; who may be known at all is the actors' matter.
    is_open = rules.actors.naming is Naming.ACCOUNT
    return {
        **each.values,
        "actor": rules.actors.of(owner),
        "entry_id": owner.entry_id,
        "session_id": owner.session_id or None,
        "visit_id": owner.context_id,
        "partner_id": owner.partner_id or None,
        "portal_url": rules.portal_url,
        "portal_name": rules.portal_name,
        "entry_url": None
        if owner.entry_id is None
        else rules.entry_url.replace("{id}", quote(owner.entry_id, safe="")),
        "category_url": None if category is None else rules.category_url.replace("{id}", quote(str(category), safe="")),
        "media_uri": owner.media_uri or None,
        "given_up": memory.untold or None,
        "client_version": owner.client_version,
        "user_id": owner.user_id if is_open else None,
        "collaborator": None if collaborator is None else rules.actors.user(str(collaborator)),
    }
