"""The options of VLC that a playlist from the broker may give a medium, as data with reasons.

Contract: `medium_option_fault(option)` says in half a sentence why an option may not stand there, or None. Pure.
Rules: a list of what is harmless, never of what is harmful: VLC has some two thousand options, and `:sout`, `:demux`,
`:input-slave` or a filter's file write files, read them or choose code. An option is named whole, as VLC compares it,
with a value of its own small shape, so that none smuggles a path in. start-time, stop-time and image-duration are left
out for another reason: the agent sets them from start_s, stop_s and duration_s, from which it also counts quartiles.
Reasons: decision 35; vlc.md section 6.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agent.config.kinds import either

# VLC's own bound on its buffers, in milliseconds.
_LONGEST_CACHE_MS = 60_000
# Tracks are numbered from 0; -1 is "as VLC likes". Pictures are at most 16K wide.
_MOST_TRACKS = 1000
_WIDEST = 16_384
# VLC's own bound.
_MOST_REPEATS = 65_535
_LANGUAGES = re.compile("(any|none|[A-Za-z]{2,3})(,(any|none|[A-Za-z]{2,3})){0,15}")
_OPTION = re.compile(":(?P<name>[a-z0-9-]+)(?P<given>=(?P<value>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Bare:
    """It stands without a value."""

    def takes(self, value: str | None) -> bool:
        return value is None

    def __str__(self) -> str:
        return "no value"


@dataclass(frozen=True, slots=True)
class Between:
    """A whole number."""

    least: int
    most: int

    def takes(self, value: str | None) -> bool:
        return value is not None and bool(re.fullmatch("-?[0-9]{1,6}", value)) and self.least <= int(value) <= self.most

    def __str__(self) -> str:
        return f"a whole number from {self.least} to {self.most}"


@dataclass(frozen=True, slots=True)
class Languages:
    """Codes of languages, the best first."""

    def takes(self, value: str | None) -> bool:
        return value is not None and _LANGUAGES.fullmatch(value) is not None

    def __str__(self) -> str:
        return "languages as de,en"


Shape = Bare | Between | Languages


@dataclass(frozen=True, slots=True)
class Harmless:
    """`why`: what it does, and that is all that it does."""

    shape: Shape
    why: str


_CACHE = Between(0, _LONGEST_CACHE_MS)
_TRACK = Between(-1, _MOST_TRACKS)

HARMLESS: Mapping[str, Harmless] = {
    "network-caching": Harmless(_CACHE, "how much of a stream is buffered (ms)"),
    "live-caching": Harmless(_CACHE, "how much of a live source is buffered (ms)"),
    "file-caching": Harmless(_CACHE, "how much of a file is buffered (ms)"),
    "disc-caching": Harmless(_CACHE, "how much of a disc is buffered (ms)"),
    "http-reconnect": Harmless(Bare(), "a stream that broke off is asked for again, at the same address"),
    "rtsp-tcp": Harmless(Bare(), "a camera's stream comes through its one connection"),
    "adaptive-maxwidth": Harmless(Between(0, _WIDEST), "no flavor wider than the screen is fetched"),
    "adaptive-maxheight": Harmless(Between(0, _WIDEST), "no flavor higher than the screen is fetched"),
    "input-repeat": Harmless(Between(0, _MOST_REPEATS), "how often it is played again, without a gap"),
    "no-audio": Harmless(Bare(), "no sound"),
    "no-video": Harmless(Bare(), "no picture"),
    "no-spu": Harmless(Bare(), "no subtitles"),
    "no-sub-autodetect-file": Harmless(Bare(), "no subtitles from files beside the medium"),
    "audio-track": Harmless(_TRACK, "which of the medium's own sound tracks"),
    "sub-track": Harmless(_TRACK, "which of the medium's own subtitles"),
    "audio-language": Harmless(Languages(), "which of the medium's own sound tracks"),
    "sub-language": Harmless(Languages(), "which of the medium's own subtitles"),
}

# Who writes one of these is told what to write in its place.
_OURS = {"start-time": "start_s", "stop-time": "stop_s", "run-time": "duration_s", "image-duration": "duration_s"}


def medium_option_fault(option: str) -> str | None:
    """Why a playlist from the broker may not have `option`, which has a colon before it; None: it may."""
    found = _OPTION.fullmatch(option)
    name = found["name"] if found else ""
    if name in _OURS:
        return f"is not set by an option: see {_OURS[name]}"
    harmless = HARMLESS.get(name)
    if found is None or harmless is None:
        return f"is none of those that the broker may set, which are {either(HARMLESS)}"
    value = found["value"] if found["given"] else None
    return None if harmless.shape.takes(value) else f"takes {harmless.shape}"
