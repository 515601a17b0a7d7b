"""What the kernel says of the ways out for a picture: the connectors of its graphics drivers (DRM).

Contract: `connectors` reads them all; never raises. Safe to be called in the main loop: the three attributes are the
kernel's own memory, read without a lock (drm_sysfs.c since Linux 4.1; before, a read of `status` asked the monitor).
What probes is writing to `status`, and what may wait is reading `edid` or `modes`; neither is done here.
Rules: any file may be missing, empty or hold a word that nobody knows: that is UNKNOWN or None, never off. A connector
that goes away between two reads has nothing to say.
Reasons: config/display.md, which says what was tried and what was only read about.
"""

import os
import re
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

CONNECTORS: Final = Path("/sys/class/drm")
MOST: Final = 64
"""A wall of screens has a dozen."""

_NAME: Final = re.compile(r"(card\d+)-([A-Za-z][A-Za-z0-9-]*)")
_LONGEST_WORD: Final = 32


class Link(Enum):
    """Whether a monitor hangs on it."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    UNKNOWN = "unknown"


class Power(Enum):
    """Whether a picture is sent (DPMS); standby and suspend are stages of off that monitors no longer tell apart."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


_POWERS: Final = {"on": Power.ON, "off": Power.OFF, "standby": Power.OFF, "suspend": Power.OFF}


@dataclass(frozen=True, slots=True)
class Connector:
    """`name`: as in HDMI-A-1. `is_enabled`: something draws on it, None where nobody tells. `driver`: the card's."""

    card: str
    name: str
    link: Link = Link.UNKNOWN
    is_enabled: bool | None = None
    power: Power = Power.UNKNOWN
    driver: str | None = None

    def is_called(self, name: str) -> bool:
        """Whether a person means this one by `name`: HDMI-A-1, or card1-HDMI-A-1 where two cards have one."""
        return name in (self.name, f"{self.card}-{self.name}")


def connectors(folder: Path = CONNECTORS) -> tuple[Connector, ...]:
    """All of this machine, by card and name; none where it has no such driver."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return ()
    shapes = [found for name in names if (found := _NAME.fullmatch(name)) is not None]
    return tuple(_connector(folder / found[0], found[1], found[2]) for found in shapes[:MOST])


def _connector(path: Path, card: str, name: str) -> Connector:
    link, enabled = _word(path / "status"), _word(path / "enabled")
    return Connector(
        card=card,
        name=name,
        link=next((each for each in Link if each.value == link), Link.UNKNOWN),
        is_enabled={"enabled": True, "disabled": False}.get(enabled),
        power=_POWERS.get(_word(path / "dpms"), Power.UNKNOWN),
        driver=_driver(path),
    )


def _word(path: Path) -> str:
    """What stands in the file, in small letters; "" where nothing can be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        return os.read(descriptor, _LONGEST_WORD).decode("ascii", "replace").strip().lower()
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def _driver(path: Path) -> str | None:
    """The driver of the card: a connector's device is the card, whose device is the hardware."""
    try:
        return (path / "device" / "device" / "driver").readlink().name or None
    except OSError:
        return None
