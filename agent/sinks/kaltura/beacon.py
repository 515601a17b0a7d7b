"""A message as a GET beacon: the event in the address, for services that count by their access logs.

Contract: pure. The same message and attempt give the same address.
Rules: `index.php?service=stats&action=collect` first and so spelt, then the event with colon keys, as the only public
consumer of these logs reads it and as Kaltura's own player sends it. `format`, `clientTag`, `eventId` and `attempt` as
in the POST, for a server that does run the call. No session: an address stands in the logs of every server and proxy on
the way, and stats.collect reads nothing from a session. Nor is a batch a beacon.
An address must fit into a web server's request line (about 8 KiB with Apache and nginx): all fields but the referrer
are short, and the referrer is cut.
Reasons: kaltura.md section 5; get-01 to get-05 of tests/vectors/kaltura.jsonl.
"""

import re
from typing import Final
from urllib.parse import quote, unquote

from agent.sinks.base import Message
from agent.sinks.kaltura.encode import OBJECT_TYPE, api_url

REFERRER_BYTES: Final = 3000
"""Of the encoded referrer. All other fields together take 3500 at most, every letter of theirs beyond ASCII."""

_CUT: Final = re.compile("%[0-9A-F]?$")


def beacon_url(service_url: str, message: Message, *, attempt: int, client_tag: str) -> str:
    """The whole address."""
    pairs = [("format", "1"), ("clientTag", client_tag), ("event:objectType", OBJECT_TYPE)]
    pairs += ((f"event:{name}", value) for name, value in message.fields.items())
    pairs.append(("eventId", message.token))
    if attempt:
        pairs.append(("attempt", str(attempt)))
    query = "&".join(f"{name}={_quoted(name, value)}" for name, value in pairs)
    return f"{api_url(service_url)}/index.php?service=stats&action=collect&{query}"


def _quoted(name: str, value: str) -> str:
    quoted = quote(value, safe="")
    if name != "event:referrer" or len(quoted) <= REFERRER_BYTES:
        return quoted
    # Cut, without half an escape and without half a letter.
    return quote(unquote(_CUT.sub("", quoted[:REFERRER_BYTES]), errors="ignore"), safe="")
