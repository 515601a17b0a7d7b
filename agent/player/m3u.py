"""M3U lists of media.

Contract: `entries_of` reads the text of a list; pure, and whatever the text, it raises nothing.
Rules: an entry is a line that is no comment; a relative one starts where the list is. `#EXTINF:` gives the seconds of
the entry after it; -1 and nonsense are "unknown". A file with `#EXT-X-` tags is an HLS stream and no list: it is a
medium. At most `MOST_ENTRIES` count.
"""

import math
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

# A day of ten-second items, and more than any list that somebody keeps by hand.
MOST_ENTRIES = 10_000

_HLS_TAG = "#EXT-X-"
_INFO_TAG = "#EXTINF:"


@dataclass(frozen=True, slots=True)
class Entry:
    """`duration`: seconds as the list has it, None where unknown."""

    uri: str
    duration: float | None


def is_hls(text: str) -> bool:
    """Whether this is an HLS stream's playlist and not a list of media."""
    return any(line.strip().startswith(_HLS_TAG) for line in text.splitlines())


def entries_of(text: str, base: str) -> list[Entry]:
    """The entries of a list that stands at the URL `base`."""
    found: list[Entry] = []
    duration: float | None = None
    for line in (line.strip() for line in text.lstrip("\ufeff").splitlines()):
        if line.startswith(_INFO_TAG):
            duration = _seconds(line.removeprefix(_INFO_TAG))
        elif line and not line.startswith("#") and len(found) < MOST_ENTRIES:
            uri = _absolute(line, base)
            if uri is not None:
                found.append(Entry(uri, duration))
            duration = None
    return found


def _seconds(info: str) -> float | None:
    try:
        seconds = float(info.split(",", 1)[0].split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _absolute(line: str, base: str) -> str | None:
    """A URL for a line, which may be a URL, or a path with any characters in it (`#` is no URL syntax there)."""
    try:
        if "://" in line and urlsplit(line).scheme:
            return line
        return urljoin(base, quote(line, safe="/", errors="surrogateescape"))
    except ValueError:
        return None
