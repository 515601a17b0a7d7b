"""Who this device is when nobody has named it.

Contract: `derived_id` is pure; `read_machine` reads the two facts it needs from this machine.
Rules: the id is a keyed hash, so that the machine id itself, which is confidential (machine-id(5)), never leaves the
device. The board's serial number takes part, so that a cloned card on another board is another device (decision 4).
Only sources that every user may read are used: root's `config show` and the unprivileged daemon must come to the same
id. On a Raspberry Pi the serial number is one; on a PC it is root's, so there the machine id alone decides.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_KEY = b"kiosk-agent device id"
_MACHINE_ID = re.compile(r"[0-9a-f]{32}")
_MACHINE_ID_FILES = ("etc/machine-id", "var/lib/dbus/machine-id")
_SERIAL_FILES = ("sys/firmware/devicetree/base/serial-number", "sys/class/dmi/id/board_serial")
_NO_SERIALS = frozenset(
    {"", "none", "default string", "to be filled by o.e.m.", "not specified", "system serial number"}
)
_READABLE_BY_ALL = 0o004


@dataclass(frozen=True, slots=True)
class Machine:
    """What this machine is known by; None where it has no such thing that everybody may read."""

    machine_id: str | None
    board_serial: str | None


def derived_id(machine: Machine) -> str | None:
    """`kiosk-` and twelve hexadecimal digits, or None for a machine that cannot be told from others."""
    if machine.machine_id is None and machine.board_serial is None:
        return None
    facts = f"{machine.machine_id or ''}\n{machine.board_serial or ''}"
    return "kiosk-" + hashlib.blake2b(facts.encode(), key=_KEY, digest_size=6).hexdigest()


def read_machine(root: Path = Path("/")) -> Machine:
    """Reads machine-id and the board's serial number below `root`; never raises for what is missing."""
    machine_ids = (_public_text(root / name).lower() for name in _MACHINE_ID_FILES)
    serials = (_public_text(root / name) for name in _SERIAL_FILES)
    return Machine(
        next((text for text in machine_ids if _MACHINE_ID.fullmatch(text)), None),
        next((text for text in serials if text.lower() not in _NO_SERIALS and text.strip("0")), None),
    )


def _public_text(path: Path) -> str:
    try:
        if not path.stat().st_mode & _READABLE_BY_ALL:
            return ""
        return path.read_bytes()[:256].decode("ascii", "replace").strip("\0 \t\r\n")
    except OSError:
        return ""
