"""Whether there is something to show a picture on.

Contract: `has_display` looks at the environment and at what the kernel says of its connectors; it never raises.
Rules: a console kiosk has no DISPLAY, and VLC draws on the connector itself. A graphics card alone is no display: most
servers and virtual machines have one, with nothing connected.
"""

from collections.abc import Mapping
from pathlib import Path

CONNECTORS = Path("/sys/class/drm")


def has_display(environment: Mapping[str, str], connectors: Path = CONNECTORS) -> bool:
    """Whether the session has a screen, or a monitor is connected."""
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return True
    return any(_is_connected(status) for status in connectors.glob("card*-*/status"))


def _is_connected(status: Path) -> bool:
    try:
        return status.read_text(encoding="ascii").strip() == "connected"
    except (OSError, ValueError):
        return False
