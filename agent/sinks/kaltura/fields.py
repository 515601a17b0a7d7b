"""The fields of a KalturaStatsEvent.

Contract: pure. `fields` gives them as texts, cleaned, in the order in which they are always sent: the server's cache
key has that order, so a new field goes to the end, and what is not set is left out.
Rules: who and where comes from the frozen attribution, what happened from the fact. GUIDE's times are whole seconds and
left out while unknown; PLAYER's are milliseconds, and 0 while unknown. `seek` is sticky, as the server means it: the
viewer has ever jumped in this session. `newPoint` belongs to SEEK alone.
`controlId` carries the event's number where that is wanted, and how many before it were given up: the kiosk's
application says what a visitor did, not by which control, so the field is free, and the server logs it.
Not sent: `processDuration` (what it measures is documented nowhere), `isFirstInSession`, `applicationId` and
`featureType` (the server logs none of them; an application is named by the session's appId).
Reasons: the guide's 5.2 and 5.3, kaltura.md section 1, decisions 5 and 17.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from agent.kernel.attribution import Attribution, Identity
from agent.kernel.events import Playhead
from agent.sinks.kaltura import clean
from agent.sinks.kaltura.kinds import Kind
from agent.sinks.kaltura.semantics import Semantics

OWNERS_KEPT: Final = 64
"""Attributions whose cleaned texts are kept: a batch touches few sessions, and cleaning is most of the work."""

GENERATION_DIGITS: Final = 4
"""With a hyphen they leave ten digits for the number in what the server keeps: an event a second for 300 years."""


def fields(
    kind: Kind,
    owner: Attribution,
    head: Playhead,
    *,
    wire: str,
    time: float,
    target: float | None,
    semantics: Semantics,
) -> dict[str, str]:
    """`wire`: the session's id; `time`: wall seconds; `target`: where a seek went on, in media seconds, else None."""
    before, after = _owned(owner)
    found = {
        "partnerId": str(owner.partner_id),
        "entryId": owner.entry_id or "",
        "eventType": str(int(kind)),
        "sessionId": _session(wire),
        "eventTimestamp": str(_scaled(time, semantics)),
    }
    found.update(before)
    found.update(_position(head, semantics))
    found["seek"] = "true" if head.seeked else "false"
    if target is not None:
        found["newPoint"] = str(_scaled(target, semantics))
    found.update(after)
    return found


def numbered(found: Mapping[str, str], identity: Identity, given_up: int = 0) -> dict[str, str]:
    """`found` with the event's number: some digits of the generation, within which no number is used twice.

    `given_up`: how many events between this and the message before it were given up on the device. As a third part,
    `-250`, where that fits, else `-+`: some were, and the two numbers bound how many.
    """
    number = f"{identity.generation[:GENERATION_DIGITS]}-{identity.sequence}"
    for told in (f"-{given_up}", "-+") if given_up else ():
        if len(number) + len(told) <= clean.CONTROL_ID_LENGTH:
            number += told
            break
    return {**found, "controlId": clean.text(number, length=clean.CONTROL_ID_LENGTH)}


@lru_cache(maxsize=OWNERS_KEPT)
def why_not(entry_id: str | None) -> str | None:
    """Why nothing can be told of this entry; None where it can."""
    if entry_id is None:
        return "no-entry"
    return None if clean.is_entry_id(entry_id) else "bad-entry-id"


@lru_cache(maxsize=OWNERS_KEPT)
def _session(wire: str) -> str:
    return clean.text(wire, length=clean.SESSION_ID_LENGTH)


_Pairs = tuple[tuple[str, str], ...]


@lru_cache(maxsize=OWNERS_KEPT)
def _owned(owner: Attribution) -> tuple[_Pairs, _Pairs]:
    """The fields that a session's events share: those before what happened, and those behind it."""
    before = [] if owner.uiconf_id is None else [("uiconfId", str(owner.uiconf_id))]
    before += _cleaned(
        ("clientVer", owner.client_version, clean.CLIENT_VERSION_LENGTH),
        ("referrer", owner.referrer, clean.REFERRER_LENGTH),
        ("userId", owner.user_id, clean.USER_ID_LENGTH),
    )
    after = _cleaned(
        ("uniqueViewer", owner.unique_viewer, clean.UNIQUE_VIEWER_LENGTH),
        ("widgetId", owner.widget_id, clean.WIDGET_ID_LENGTH),
        ("contextId", owner.context_id, clean.CONTEXT_ID_LENGTH),
    )
    return tuple(before), tuple(after)


def _cleaned(*named: tuple[str, str | None, int]) -> Iterator[tuple[str, str]]:
    for name, value, length in named:
        cleaned = clean.text(value or "", length=length)
        if cleaned:
            yield name, cleaned


def _position(head: Playhead, semantics: Semantics) -> Iterator[tuple[str, str]]:
    """currentPoint and duration. The guide's are optional and left out while unknown; players send 0 then."""
    if head.position is not None or semantics is Semantics.PLAYER:
        yield "currentPoint", str(_scaled(head.position or 0.0, semantics))
    if head.duration or semantics is Semantics.PLAYER:
        yield "duration", str(round(head.duration or 0.0))


def _scaled(seconds: float, semantics: Semantics) -> int:
    """Whole seconds for GUIDE, whole milliseconds for PLAYER, never below 0; rounded down: the point was reached."""
    match semantics:
        case Semantics.GUIDE:
            return max(int(seconds), 0)
        case Semantics.PLAYER:
            return max(int(seconds * 1000), 0)
