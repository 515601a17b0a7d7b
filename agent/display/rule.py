"""Is the screen on? What is made of all that is known about it.

Contract: pure. `judge` answers a `Seen`: on, off or unknown, and why, for people. `elsewhere` answers why the picture
is on no connector of this machine, or None.
Rules
- A connector is OFF where no monitor hangs on it, nothing draws on it, or its power is off; ON where a monitor hangs on
  it and is sent a picture; else UNKNOWN. Of several one that is on is enough for ON, and all must be off for OFF: a
  second socket without a cable is no dark screen, and a laptop's own panel is a screen. A configured name counts alone.
- The screens of virtual machines and the writeback connectors of drivers are none, unless one is configured by name.
- NVIDIA's own driver keeps two of the three attributes at what they were at the start: only a missing monitor is
  believed of it.
- A television in standby is OFF whatever the connector says. One that is on proves nothing: it may show another input.
Reasons: config/display.md.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.display.drm import Connector, Link, Power
from agent.display.tv import Tv
from agent.kernel.display import Display

NO_SCREENS: Final = ("Virtual", "Writeback")
FROZEN: Final = frozenset({"nvidia"})
"""Drivers of which `enabled` and `dpms` say nothing (NVIDIA/open-gpu-kernel-modules issue 889)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`why`: half a sentence."""

    display: Display
    why: str


def judge(connectors: Sequence[Connector], tv: Tv | None = None, *, wanted: str | None = None) -> Seen:
    """What the screen is. `tv`: what it last said, None where it is not asked or does not answer. `wanted`: a name."""
    if tv is Tv.STANDBY:
        return Seen(Display.OFF, "the television is in standby (HDMI-CEC)")
    if wanted is not None:
        counted = [each for each in connectors if each.is_called(wanted)]
        none = f"this machine has no connector {wanted}"
    else:
        counted = [each for each in connectors if not each.name.startswith(NO_SCREENS)]
        none = "this machine has no connector for a screen"
    if not counted:
        return Seen(Display.UNKNOWN, none)
    found = [of_connector(each) for each in counted]
    for display in (Display.ON, Display.UNKNOWN):
        if said := [each.why for each in found if each.display is display]:
            return Seen(display, said[0])
    return Seen(Display.OFF, "; ".join(each.why for each in found))


def of_connector(connector: Connector) -> Seen:
    """What one connector is by itself."""
    name = connector.name
    if connector.link is Link.DISCONNECTED:
        return Seen(Display.OFF, f"{name} has no monitor")
    if connector.driver in FROZEN:
        return Seen(Display.UNKNOWN, f"the driver {connector.driver} does not tell whether {name} is on")
    if connector.power is Power.OFF or connector.is_enabled is False:
        return Seen(Display.OFF, f"{name} is switched off")
    if connector.link is Link.CONNECTED and connector.power is Power.ON:
        return Seen(Display.ON, f"{name} is on")
    return Seen(Display.UNKNOWN, f"the kernel does not tell whether {name} is on")


def elsewhere(environment: Mapping[str, str]) -> str | None:
    """Why the picture is on no connector of this machine: the X server is another's. None: it may well be."""
    display = environment.get("DISPLAY", "")
    if environment.get("WAYLAND_DISPLAY") or not display or re.fullmatch(r"(?:unix)?:\d+(?:\.\d+)?", display):
        return None
    return "the picture goes to another machine (DISPLAY)"
