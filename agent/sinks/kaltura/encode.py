"""From a message to the body of the POST.

Contract: pure. The same message and attempt give the same bytes, but for the KS and the client tag, which the server
leaves out of its cache key.
Rules: bracket form as in the guide, the order fixed. `eventId` stands outside `event[...]`, is ignored by the service
and varies its cache key: two equal events never collapse into one, and a resend after a lost answer is recognised by
the server itself for 600 s. `attempt` is added after an answered error only, since an error is cached for 120 s and
an identical request would get it again after the server has recovered.
Reasons: kaltura.md section 1 (the response cache), decisions 3 and 6.
"""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import quote_plus, urlsplit

from agent.sinks.base import Message

ROUTE: Final = "/service/stats/action/collect"
"""Never index.php: a stock Apache answers that with a static page and the body is lost (kaltura.md section 1)."""

OBJECT_TYPE: Final = "KalturaStatsEvent"


def api_url(service_url: str) -> str:
    """The root of the API; `service_url` may end with /api_v3, with a slash, with both or with neither."""
    base = service_url.strip().rstrip("/")
    return base if base.endswith("/api_v3") else f"{base}/api_v3"


def collect_url(service_url: str) -> str:
    """The address of stats.collect."""
    return api_url(service_url) + ROUTE


def host_url(service_url: str) -> str:
    """The address of the web server's own front page, where nothing is counted."""
    parts = urlsplit(service_url.strip())
    return f"{parts.scheme}://{parts.netloc}/"


def form(message: Message, *, attempt: int, ks: str | None, client_tag: str) -> bytes:
    """The form body. `ks` None or empty: the call goes without a session, which stats.collect allows."""
    pairs = [("format", "1"), ("clientTag", client_tag)]
    if ks:
        pairs.append(("ks", ks))
    pairs.append(("event[objectType]", OBJECT_TYPE))
    pairs += [(f"event[{name}]", value) for name, value in message.fields.items()]
    pairs.append(("eventId", message.token))
    if attempt:
        pairs.append(("attempt", str(attempt)))
    return "&".join([f"{name}={_quoted(value)}" for name, value in pairs]).encode("ascii")


_PLAIN: Final = re.compile(r"[\w.~-]*", re.ASCII)


def _quoted(value: str) -> str:
    """As `quote_plus`, at a tenth of its price: most values need no quoting, and those that do come again and again."""
    return value if _PLAIN.fullmatch(value) else _slowly(value)


_slowly: Final = lru_cache(maxsize=256)(quote_plus)
