"""The `[player.cache]` table: the copies of media from the network; and what an item may say of its own.

Contract and rules: as agent.config.model. `cache_problems` judges one item of the playlist, in the plain tree.
Rules: what has no file behind it (a live stream, a stream of segments, a device) is not cached. A player that is a
service has a user of its own, who must be able to read the copies.
Reasons: decision 35: of a broker's document the address is judged, cached or not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import attrs

from agent.config.broker import FolderPath
from agent.config.kinds import MisfitError, Whole, quoted
from agent.config.problems import Place, Problem
from agent.config.setting import Effect, setting

_LARGEST_MIB = 1_048_576
_CHECKSUM = re.compile("[0-9a-f]{64}")
_SEGMENTS = (".m3u8", ".mpd", ".ism", ".f4m")
_SEGMENT_PARTS = ("/format/applehttp", "/format/mpegdash", "/format/hls", "/format/hdnetworkmanifest")


@dataclass(frozen=True, slots=True)
class Checksum:
    """A SHA-256, as sha256sum writes it."""

    @property
    def allowed(self) -> str:
        return "64 digits of 0 to 9 and a to f, as the command sha256sum writes them"

    def read(self, value: object) -> str:
        text = value.lower() if isinstance(value, str) else ""
        if _CHECKSUM.fullmatch(text) is None:
            raise MisfitError(f"found {quoted(value)}", self.allowed)
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9A-Fa-f]{64}$"}


@attrs.frozen(kw_only=True)
class Cache:
    """Where the copies are, and how much they may take."""

    max_mib: int = setting(
        Whole(1, _LARGEST_MIB),
        "The most that the copies may take on the disk. What the queue may need of it is never used.",
        default=1024,
        unit="MiB",
    )
    dir: str | None = setting(
        FolderPath(),
        "The folder of the copies, which the agent can write to and the player read.",
        effect=Effect.AGENT,
        unset="cache in the state folder",
        example="/var/lib/kiosk-media",
    )


def cache_problems(item: Mapping[str, Any], place: Place) -> Iterator[Problem]:
    """What is wrong with an item's `cache`."""
    if item.get("cache") is not True:
        return
    doubt = _doubt(item)
    if doubt is not None:
        remedy = "Take cache = true out, or name a file at an http:// or https:// address."
        yield Problem((*place, "cache"), f"is true, but {doubt}", remedy=remedy)


def _doubt(item: Mapping[str, Any]) -> str | None:
    uri = item.get("uri")
    if item.get("live") is True:
        return "the item is a live stream, which has no file to keep"
    if not isinstance(uri, str):
        return None
    try:
        address = urlsplit(uri)
    except ValueError:
        return None
    path = address.path.lower()
    if address.scheme.lower() not in ("http", "https"):
        return "only what is at an http:// or https:// address is cached"
    if path.endswith(_SEGMENTS) or any(part in path for part in _SEGMENT_PARTS):
        return "the address is a stream of segments (HLS, DASH), which is no file"
    return None
