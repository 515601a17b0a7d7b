"""From values to the form that is posted, and to the address that it is posted to.

Contract: pure. The same message, attempt and start give the same bytes, but for the session and the client tag.
Rules: everything stands in the body, as in the guide, so no address that a proxy logs holds a session or a viewer.
The referrer is sent as the reference player sends it, in Base64. `eventId` is the event's identity (decision 3): the
service is not known to look at it, and whoever reads its log can tell a repeat by it.
Reasons: the guide's section 6; kaltura.md section 3; the player plugin's published page of parameters.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import quote_plus

from agent.kernel.attribution import Attribution
from agent.sinks.base import Message
from agent.sinks.kaltura import clean

ROUTE: Final = "/index.php?service=analytics&action=trackEvent"

TEXT_LENGTH: Final = 1000
"""The service names no bound. This one holds what a person would write, and keeps a request small."""

_BREAKS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def track_url(url: str) -> str:
    """The address of trackEvent; `url` may end with /api_v3, with a slash, with both or with neither."""
    base = url.strip().rstrip("/")
    return (base if base.endswith("/api_v3") else f"{base}/api_v3") + ROUTE


def text(value: str | None) -> str:
    """`value` as one bounded line of valid UTF-8. Commas stay: this service's log is not the unescaped one."""
    valid = (value or "").encode("utf-8", "ignore").decode("utf-8")
    return _BREAKS.sub(" ", valid).strip()[:TEXT_LENGTH].strip()


def number(value: float) -> str:
    """A number with at most three decimals and no more digits than it needs."""
    return f"{round(value, 3) + 0.0:.3f}".rstrip("0").rstrip(".")


def referrer(value: str) -> str:
    """`value` as the player encodes it; "" stays so."""
    return b64encode(text(value).encode()).decode("ascii")


def owner_fields(owner: Attribution) -> Iterator[tuple[str, str]]:
    """What application and player events say alike of whose they are, after type, partner and entry."""
    if owner.context_id:
        yield "playbackContext", text(owner.context_id)
    if owner.user_id:
        yield "userId", text(owner.user_id)


def entry(owner: Attribution) -> tuple[str | None, str | None]:
    """The entry to send and, where there is none, why."""
    if owner.entry_id is None:
        return None, "no-entry"
    return (owner.entry_id, None) if clean.is_entry_id(owner.entry_id) else (None, "bad-entry-id")


def form(message: Message, *, attempt: int, ks: str | None, client_tag: str, start: int | None) -> bytes:
    """The form body. `start`: the session's first answered time, where there is one."""
    pairs = [("format", "1"), ("clientTag", text(client_tag))]
    if ks:
        pairs.append(("ks", ks))
    pairs += _items(message.fields)
    if start is not None:
        pairs.append(("sessionStartTime", str(start)))
    pairs.append(("eventId", message.token))
    if attempt:
        pairs.append(("attempt", str(attempt)))
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode("ascii")


def _items(fields: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in fields.items() if value]
