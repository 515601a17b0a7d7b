"""What the media of a playlist from the broker may be: files of the machine's own folders, and streams of named hosts.

Contract: `medium_fault(uri, …)` answers what is wrong with the address of one medium, as a problem without its origin,
or None. Pure: where a path really leads is asked through `is_below`, which is agent.config.real_paths on a machine.
Rules: a device (a camera, the screen, a microphone) never; a host is compared whole, and an address that two readers
could understand in two ways names none. The text is the same whether a file exists or not, so that no document finds
out what is on a disk. M3U lists and folders below a media root are the machine's own: what they name is not judged.
Reasons: decision 35. VLC reads the address again, with readers of its own (the one for rtsp is not the one for http).
"""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never
from urllib.parse import unquote_to_bytes, urlsplit

from agent.config.addresses import scheme_of
from agent.config.kinds import quoted
from agent.config.problems import Place, Problem

# Of addresses.MEDIA_SCHEMES those that name a host; the rest are files and devices.
NETWORK_SCHEMES = frozenset(
    {
        *("http", "https", "rtsp", "rtsps", "rtp", "udp", "rtmp", "rtmps", "mms", "mmsh", "srt", "ftp", "sftp"),
        *("smb", "nfs", "satip"),
    }
)
_AUTHORITY = re.compile(
    r"(?:[A-Za-z0-9._~%!$&'()*+,;=:-]*@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::[0-9]{1,5})?"
)
_REMEDY = (
    "A playlist from the broker names what remote.media_roots and remote.media_hosts of the machine's file permit."
)


@dataclass(frozen=True, slots=True)
class File:
    """A path, as it is written: `..` and symbolic links are still in it."""

    path: str


@dataclass(frozen=True, slots=True)
class Stream:
    """A medium on a host, in lower case."""

    host: str


@dataclass(frozen=True, slots=True)
class Unfit:
    """No playlist from a broker may name it, whatever folders and hosts there are."""

    what: str


Aim = File | Stream | Unfit


def aim_of(uri: str, folder: Path) -> Aim:
    """What an address that agent.config.addresses takes leads to; a relative path starts at `folder`."""
    scheme = scheme_of(uri)
    if scheme is None:
        return File(str(Path(folder, uri)))
    if scheme == "file":
        # VLC and we would have to agree on what comes before these marks; in a path they are written %3F and %23.
        if "?" in uri or "#" in uri:
            return Unfit("has ? or # in the address of a file")
        path = os.fsdecode(unquote_to_bytes(urlsplit(uri).path))
        return Unfit("has %00 in it") if "\0" in path else File(path)
    if scheme not in NETWORK_SCHEMES:
        return Unfit(f"names a device of the machine ({scheme}:)")
    found = _AUTHORITY.fullmatch(urlsplit(uri).netloc)
    return Stream(found["host"].lower()) if found else Unfit("names no host, or not plainly")


def plain_fault(place: Place, uri: str) -> Problem | None:
    """What can be said about an address before it is known on which machine it will be played."""
    match aim_of(uri, Path("/")):
        case Unfit(what):
            return _problem(place, what)
    return None


def medium_fault(
    place: Place,
    uri: str,
    *,
    is_overlay: bool,
    folder: Path,
    hosts: Sequence[str],
    is_below: Callable[[str], bool],
) -> Problem | None:
    """What is wrong with one address. `is_below`: whether a path really leads below one of the media roots."""
    match aim_of(uri, folder):
        case Unfit(what):
            return _problem(place, what)
        case Stream(host) if not any(_is_on(host, each) for each in hosts):
            return _problem(place, f"names a medium on {quoted(host)}, which is none of remote.media_hosts")
        case File(path) if not is_below(path):
            return _problem(place, "names a file or folder that is not below one of remote.media_roots")
        # VLC's filter for overlays takes a text of several files, divided by ; and their times, by a comma.
        case File(path) if is_overlay and (";" in path or "," in path):
            return _problem(place, "names an overlay with ; or a comma in its path")
        case File() | Stream():
            return None
        case never:
            assert_never(never)


def _is_on(host: str, allowed: str) -> bool:
    return host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed


def _problem(place: Place, what: str) -> Problem:
    return Problem(place, what, remedy=_REMEDY)
