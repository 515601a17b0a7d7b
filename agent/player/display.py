"""Whether there is something to show a picture on.

Contract: `has_display` looks at the environment and at what the kernel says of its connectors; `answers` asks whether
what there should be is there now. They never raise and never wait.
Rules: a console kiosk has no DISPLAY, and VLC draws on the connector itself. A graphics card alone is no display: most
servers and virtual machines have one, with nothing connected. An X server or compositor that takes a connection is
there; one that is busy is, too; of one on another machine nothing is known.
"""

import re
import socket
from collections.abc import Mapping
from pathlib import Path

CONNECTORS = Path("/sys/class/drm")
X_SOCKETS = Path("/tmp/.X11-unix")


def has_display(environment: Mapping[str, str], connectors: Path = CONNECTORS) -> bool:
    """Whether the session has a screen, or a monitor is connected."""
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return True
    return any(_is_connected(status) for status in connectors.glob("card*-*/status"))


def answers(environment: Mapping[str, str], connectors: Path = CONNECTORS, x_sockets: Path = X_SOCKETS) -> bool | None:
    """Whether the session's server, or without one any monitor, is there; None where nobody can tell."""
    wayland, x = environment.get("WAYLAND_DISPLAY"), environment.get("DISPLAY")
    if wayland:
        return _takes(str(Path(environment.get("XDG_RUNTIME_DIR", "/"), wayland)))
    if x:
        local = re.fullmatch(r"(?:unix)?:(\d+)(?:\.\d+)?", x)
        if local is None:
            return None
        path = str(x_sockets / f"X{local[1]}")
        # As X's own library does: the abstract name first.
        return _takes("\0" + path) or _takes(path)
    states = [_is_connected(status) for status in connectors.glob("card*-*/status")]
    return any(states) if states else None


def _takes(address: str) -> bool:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.setblocking(False)
            line.connect(address)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return True


def _is_connected(status: Path) -> bool:
    try:
        return status.read_text(encoding="ascii").strip() == "connected"
    except (OSError, ValueError):
        return False
