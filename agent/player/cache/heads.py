"""What an answer says of itself before its bytes come: is it the medium, and which part of it; and where to ask next.

Contract: pure, and raises nothing, whatever a server says. `doubt` is why an answer is no medium that can be kept, in
words, or None; `begins_as_list` is the same question for its first bytes. `span_of` reads a Content-Range. `onward` is
the address that a redirect leads to, None where it is not followed. `login` are the headers for an address's own user.
Rules: pages and errors that come with 200 are no films. What is made of segments (HLS, DASH) is a list of addresses:
a copy of the list would play nothing without the network. An address's user and password go to its own host only.
Reasons: what was said by servers that were made to say it (tests/player/cache).
"""

import re
from base64 import b64encode
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

_SPAN: Final = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")
_PAGES: Final = ("text/html", "text/xml", "application/xhtml", "application/xml", "application/json")
_SEGMENTS: Final = ("mpegurl", "dash+xml", "vnd.ms-sstr", "application/f4m")
_LIST: Final = b"#EXTM3U"
_MARK: Final = b"\xef\xbb\xbf"

SEGMENTS: Final = "the address is a list or a stream of segments (HLS, DASH), which is no file: take cache = true out"


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes of a medium from `first` on. `whole`: its length, None where nobody knows."""

    first: int
    whole: int | None


def doubt(head: Any, *, has_checksum: bool) -> str | None:
    """Why what `head` (agent.sinks.http.download's) announces is not kept."""
    kind = str(head.content_type).lower().strip()
    if any(word in kind for word in _SEGMENTS):
        return SEGMENTS
    if kind.startswith(_PAGES):
        return f"the server answers with a page ({kind[:40]}), as an error does, and the login of a hotel's network"
    if head.encoding.lower() not in ("", "identity"):
        return f"the server packs it ({head.encoding[:20]}), which it was not asked for"
    if head.length == 0:
        return "the server answers with nothing"
    if head.length is None and not head.chunked and not has_checksum:
        return "the server says no length, so nobody can know whether it is whole"
    return None


def begins_as_list(piece: bytes) -> bool:
    """Whether what begins so is a list of addresses, whatever the server calls it."""
    return piece.removeprefix(_MARK).startswith(_LIST)


def span_of(content_range: str | None) -> Span | None:
    """Which bytes an answer 206 brings."""
    found = _SPAN.fullmatch(content_range or "")
    return None if found is None else Span(int(found[1]), None if found[2] == "*" else int(found[2]))


def onward(uri: str, location: str) -> str | None:
    """Where a redirect leads; never from https to http, and to nothing but these two."""
    try:
        found = urljoin(uri, location)
        before, after = urlsplit(uri).scheme.lower(), urlsplit(found).scheme.lower()
    except ValueError:
        return None
    return found if after in ("http", "https") and (before, after) != ("https", "http") else None


def login(uri: str) -> dict[str, str]:
    """VLC sends the user and the password that stand in an address, and so does the cache."""
    try:
        parts = urlsplit(uri)
        if parts.username is None:
            return {}
        pair = unquote_to_bytes(parts.username) + b":" + unquote_to_bytes(parts.password or "")
    except ValueError:
        return {}
    return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}
