"""A machine's ways out for a picture, as files like the kernel's; and a cec-ctl that says what a test wants."""

from collections.abc import Sequence
from pathlib import Path

HDMI = "HDMI-A-1"


def connector(
    folder: Path,
    name: str = HDMI,
    *,
    card: int = 0,
    status: str | None = "connected",
    enabled: str | None = "enabled",
    dpms: str | None = "On",
    driver: str | None = "vc4-drm",
) -> Path:
    """Write a connector, or write it anew; None: that file is missing. Its folder."""
    own = folder / f"card{card}-{name}"
    own.mkdir(parents=True, exist_ok=True)
    for file, word in (("status", status), ("enabled", enabled), ("dpms", dpms)):
        (own / file).unlink(missing_ok=True)
        if word is not None:
            (own / file).write_text(word + "\n", encoding="ascii")
    hardware = folder / f"hardware{card}"
    hardware.mkdir(exist_ok=True)
    _link(folder / f"card{card}" / "device", hardware)
    _link(own / "device", folder / f"card{card}")
    (hardware / "driver").unlink(missing_ok=True)
    if driver is not None:
        (hardware / "driver").symlink_to(f"../../../bus/platform/drivers/{driver}")
    return own


def _link(place: Path, target: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.is_symlink():
        place.symlink_to(target)


NAMED = """\
Driver Info:
\tDriver Name                : vc4_hdmi
\tAvailable Logical Addresses: 1
\tPhysical Address           : 1.0.0.0
\tLogical Address Mask       : 0x0010
"""
NAMELESS = NAMED.replace("0x0010", "0x0000")
ASKED = "\nTransmit from Playback Device 1 to TV (4 to 0):\nGIVE_DEVICE_POWER_STATUS (0x8f)\n"
UNHEARD = NAMED + ASKED + "\tTx, Not Acknowledged (4), Max Retries\n"


def answer(state: str, number: int = 0) -> str:
    """What cec-ctl prints where the television says `state`."""
    return (
        NAMED + ASKED + "    Received from TV (0 to 4):\n"
        f"    REPORT_POWER_STATUS (0x90):\n\tpwr-state: {state} (0x{number:02x})\n"
    )


def cec_ctl(folder: Path, lines: Sequence[str]) -> str:
    """A program of these shell lines, which notes how it was called in `calls` beside it; its path."""
    program = folder / "cec-ctl"
    # A file of its own, then a rename: a program that is written while it is started cannot be started.
    new = folder / "cec-ctl.new"
    new.write_text("\n".join(["#!/bin/sh", f'echo "$@" >> {folder}/calls', *lines, ""]), encoding="utf-8")
    new.chmod(0o755)
    new.replace(program)
    return str(program)


def printing(text: str, *, status: int = 0) -> list[str]:
    """The lines of a program that prints `text` and ends."""
    return [f"cat <<'END'\n{text.rstrip()}\nEND", f"exit {status}"]


def calls(folder: Path) -> list[str]:
    """How the program was called."""
    file = folder / "calls"
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []
