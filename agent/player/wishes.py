"""The `[player]` settings as the values that the player's parts take.

Contract: pure but for `has_display`, which looks at the environment and at what the kernel says of its connectors.
Rules: headless = "auto" plays into null outputs only where neither a session with a screen nor a connected monitor is
to be found: a console kiosk has no DISPLAY, and VLC draws on the connector itself.
Reasons: vlc.md sections 1 and 8.
"""

from collections.abc import Mapping
from pathlib import Path

from agent.config.player import Headless, Player
from agent.kernel.rotation import Rotation
from agent.player.hostoptions import HostOptions
from agent.player.items import Screen
from agent.player.supervisor import RestartRules

CONNECTORS = Path("/sys/class/drm")


def has_display(environment: Mapping[str, str], connectors: Path = CONNECTORS) -> bool:
    """Whether there is something to show a picture on."""
    if environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"):
        return True
    for status in connectors.glob("card*-*/status"):
        try:
            if status.read_text(encoding="ascii").strip() == "connected":
                return True
        except (OSError, ValueError):
            continue
    return False


def host_options(player: Player, *, display: bool) -> HostOptions:
    """How libvlc is started; `display`: whether there is one."""
    headless = not display if player.headless is Headless.AUTO else player.headless is Headless.ALWAYS
    return HostOptions(headless=headless, vlc_options=player.vlc_options)


def restart_rules(player: Player) -> RestartRules:
    """When a host is taken for hung, and how soon another is started."""
    restart = player.restart
    return RestartRules(restart.hang_after_s, restart.first_delay_s, restart.longest_delay_s)


def screen(player: Player) -> Screen:
    """How items are shown that do not say otherwise."""
    return Screen(player.volume, player.audio_device, player.rotation.value, player.fullscreen)


def rotation(player: Player, seed: str) -> Rotation:
    """The order of the list; `seed` (the device id) makes each kiosk's shuffle its own."""
    return Rotation((), loop=player.loop, shuffle=player.shuffle, seed=seed)
