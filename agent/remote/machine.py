"""What the machine under the agent tells of itself, on Linux.

Contract: `read` and `has_route` never raise; what a machine does not tell is None, and no route is no route.
Rules: only what every user may read, and no program is run. Under-voltage means: now, or at any time since the boot.
Reasons: a card that is full, a box that is too hot and a weak power supply are what screens die of. The route is the
witness of a network where no other connection can be one (agent.remote.trial).
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COOLEST_C, _HOTTEST_C = -60.0, 200.0
"""A sensor that says more, or less, is none."""
_PROCESSORS = ("cpu", "soc", "x86_pkg", "coretemp", "k10temp", "acpitz")
"""How zones and sensors of a processor are called, the best first."""
_THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"
# The Raspberry Pi's firmware: bit 0 says now, bit 16 since the boot.
_UNDER_VOLTAGE = 1 << 0 | 1 << 16
# Flags of routes: in use, and "nobody gets there".
_UP, _REJECT = 0x1, 0x200


@dataclass(frozen=True, slots=True)
class Readings:
    """`disk_free_bytes`, `disk_bytes`: of the state folder's file system. `temperature_c`: the processor's."""

    disk_free_bytes: int | None = None
    disk_bytes: int | None = None
    temperature_c: float | None = None
    under_voltage: bool | None = None


def read(folder: Path, root: Path = Path("/")) -> Readings:
    """The present readings; `folder` is the state folder, `root` holds `sys`."""
    free, size = _disk(folder)
    return Readings(free, size, _temperature(root), _under_voltage(root))


def has_route(root: Path = Path("/")) -> bool:
    """Whether packets for anywhere have a way out; `root` holds `proc`."""
    fourth = [line.split() for line in _text(root / "proc/net/route").splitlines()]
    sixth = [line.split() for line in _text(root / "proc/net/ipv6_route").splitlines()]
    # Interface, destination, gateway, flags, three numbers, mask; numbers in hexadecimal, below a heading.
    open_4 = (_is_open(words[0], words[3], words[1] + words[7]) for words in fourth if len(words) > 7)
    # Destination and its length, source and its length, gateway, three numbers, flags, interface.
    open_6 = (_is_open(words[9], words[8], words[0] + words[1]) for words in sixth if len(words) > 9)
    return any(open_4) or any(open_6)


def _is_open(interface: str, flags: str, destination: str) -> bool:
    state = _number(flags, base=16)
    anywhere = _number(destination, base=16) == 0
    return anywhere and interface != "lo" and state is not None and state & (_UP | _REJECT) == _UP


def _disk(folder: Path) -> tuple[int | None, int | None]:
    try:
        status = os.statvfs(folder)
    except OSError:
        return None, None
    return status.f_bavail * status.f_frsize, status.f_blocks * status.f_frsize


def _temperature(root: Path) -> float | None:
    found = [
        *_sensors(root / "sys/class/thermal", "thermal_zone*", "type", "temp"),
        *_sensors(root / "sys/class/hwmon", "hwmon*", "name", "temp1_input"),
    ]
    ranked = sorted(found, key=lambda each: _rank(each[0]))
    return next((degrees for name, degrees in ranked if _rank(name) < len(_PROCESSORS)), None)


def _rank(name: str) -> int:
    return next((rank for rank, word in enumerate(_PROCESSORS) if word in name), len(_PROCESSORS))


def _sensors(folder: Path, pattern: str, name: str, value: str) -> Iterator[tuple[str, float]]:
    for sensor in sorted(_globbed(folder, pattern)):
        degrees = _number(_text(sensor / value), base=10)
        if degrees is not None and _COOLEST_C < degrees / 1000 < _HOTTEST_C:
            yield _text(sensor / name).lower(), degrees / 1000


def _under_voltage(root: Path) -> bool | None:
    throttled = _number(_text(root / _THROTTLED), base=16)
    if throttled is not None:
        return throttled & _UNDER_VOLTAGE != 0
    for sensor in _globbed(root / "sys/class/hwmon", "hwmon*"):
        if _text(sensor / "name") == "rpi_volt":
            alarm = _number(_text(sensor / "in0_lcrit_alarm"), base=10)
            return None if alarm is None else alarm != 0
    return None


def _globbed(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except OSError:
        return []


def _number(text: str, *, base: int) -> int | None:
    try:
        return int(text, base)
    except ValueError:
        return None


def _text(path: Path) -> str:
    """At most 64 KiB: a table of routes may be long, and a default one stands at its beginning."""
    try:
        with path.open("rb") as file:
            return file.read(65_536).decode("ascii", "replace").strip("\0 \t\r\n")
    except OSError:
        return ""
