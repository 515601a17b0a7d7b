"""What support asks for, in one piece: the answer to the command `diagnostics`.

Contract: `Diagnostics.collect` returns JSON-able data of at most `LARGEST_BYTES`; it raises nothing for a file or a
folder that cannot be read, and says so in its place.
Rules: no secret: every text goes through the redaction of the log, which knows those in use by heart, and that of the
configuration. Too large a bundle is cut, the least telling part first, and says what was cut.
Reasons: a screen is 600 km away and the person beside it has no keyboard.
"""

import json
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from sqlite3 import sqlite_version  # the number of the library; nothing is opened here
from typing import Any

import attrs

from agent.config.files import Loaded
from agent.config.redact import masked_line
from agent.config.show import as_tree, origins
from agent.kernel.instants import Instant
from agent.kernel.release import VERSION
from agent.runtime.checks.versions import LIBRARIES
from agent.runtime.logs import RING, without_secrets

# Brokers take a megabyte where nothing else is said; a slow line takes this in half a minute.
LARGEST_BYTES = 192 * 1024
# To show 2,000 items takes the main loop half a second (measured on x86-64); how they look is seen in fewer.
FEW_ITEMS = 20
# What `cut` itself takes beside the names.
_CUT_ROOM = 20
_PROC_LINES = ("MemTotal", "MemAvailable", "SwapFree", "VmRSS", "VmHWM", "Threads")


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Where it comes from. `status`: the status as JSON-able data."""

    state_dir: Path
    loaded: Callable[[], Loaded]
    status: Callable[[], dict[str, Any]]
    now: Callable[[], Instant]

    def collect(self) -> dict[str, Any]:
        """The bundle."""
        now, whole = self.now(), self.loaded()
        loaded = _few_items(whole)
        bundle = {
            "v": 1,
            "version": VERSION,
            "at": now.wall,
            "boot_id": now.boot_id,
            "machine_uptime_s": now.boottime,
            "status": self.status(),
            "configuration": as_tree(loaded),
            "playlist_items": len(whole.settings.player.playlist),
            "origins": origins(loaded),
            "software": _software(),
            "machine": {**_figures(Path("/proc/meminfo")), **_figures(Path("/proc/self/status")), **_load()},
            "state_folder": _folder(self.state_dir),
            "log": RING.lines(),
        }
        return fitted(_clean(bundle))


def fitted(bundle: dict[str, Any], largest: int = LARGEST_BYTES) -> dict[str, Any]:
    """The bundle, cut to `largest` bytes of JSON where it is larger; `cut` names what was cut."""
    cut: list[str] = []
    for name, less in _CUTS:
        excess = _size(bundle) - largest
        if excess <= 0:
            break
        cut.append(name)
        bundle = {**bundle, "cut": list(cut)}
        bundle |= less(bundle, excess + len(name) + _CUT_ROOM)
    return bundle


def _few_items(loaded: Loaded) -> Loaded:
    """The same with the beginning of a long playlist."""
    settings = loaded.settings
    player = attrs.evolve(settings.player, playlist=settings.player.playlist[:FEW_ITEMS])
    return replace(loaded, settings=attrs.evolve(settings, player=player))


def _fewer_lines(bundle: dict[str, Any], excess: int) -> dict[str, Any]:
    """Without the oldest lines that take `excess` bytes."""
    lines = list(bundle["log"])
    while lines and excess > 0:
        excess -= _size(lines.pop(0)) + len(", ")
    return {"log": lines}


_CUTS: tuple[tuple[str, Callable[[dict[str, Any], int], dict[str, Any]]], ...] = (
    ("origins", lambda *_: {"origins": None}),
    ("log", _fewer_lines),
    ("configuration", lambda *_: {"configuration": None}),
    ("status", lambda *_: {"status": None}),
)


def _size(value: Any) -> int:
    return len(json.dumps(value))


def _clean(value: Any) -> Any:
    match value:
        case str():
            return without_secrets(masked_line(value))
        case dict():
            return {key: _clean(each) for key, each in value.items()}
        case list() | tuple():
            return [_clean(each) for each in value]
    return value


def _software() -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "kernel": platform.release(),
        "machine": platform.machine(),
        "sqlite": sqlite_version,
        "libraries": {name: _installed(name) for name in LIBRARIES},
    }


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _figures(path: Path) -> dict[str, str]:
    """The lines of interest of a file of the kernel's, as they stand there."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}  # ProcSubset=pid hides meminfo
    pairs = (line.partition(":") for line in lines)
    return {name: text.strip() for name, _, text in pairs if name in _PROC_LINES}


def _load() -> dict[str, Any]:
    return {"load": list(os.getloadavg()), "processors": os.cpu_count()}


def _folder(path: Path) -> dict[str, Any]:
    """The state folder's room and files, by name and size."""
    try:
        room = os.statvfs(path)
        files = {entry.name: entry.stat(follow_symlinks=False).st_size for entry in os.scandir(path)}
    except OSError as error:
        return {"path": str(path), "problem": error.strerror}
    return {
        "path": str(path),
        "free_bytes": room.f_bavail * room.f_frsize,
        "bytes": room.f_blocks * room.f_frsize,
        "free_inodes": room.f_favail,
        "files": dict(sorted(files.items())[:100]),
    }
