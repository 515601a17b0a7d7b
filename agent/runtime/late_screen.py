"""A screen that comes after the player: the player is started again, with outputs that are seen.

Contract: `look` is called by the main loop after each step.
Rules: where nobody decided whether the player has outputs (`headless = "auto"`), that was decided when it was started,
by whether there was a screen; without one it plays into null outputs, for as long as it lives. So somebody has to look
until there is one. A host that is a service of its own decides for itself.
Reasons: issue 6 (no display is noticed); a television that is switched on after the kiosk is the usual case.
"""

from collections.abc import Callable
from typing import Final, Protocol

import structlog

from agent.config.player import Headless, HostMode
from agent.config.player import Player as PlayerSettings
from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.runtime import assembly

log = structlog.get_logger()

LOOK_EVERY_S: Final = 5.0


class Reconfigurable(Protocol):
    """What is needed of the host's keeper."""

    def reconfigure(self, options: HostOptions, rules: RestartRules) -> None:
        """Have the host end, and another come. Never waits."""
        ...


class LateScreen:
    """`settings` are the player's, as they count. `has_screen` asks whether there is one now."""

    def __init__(
        self, settings: Callable[[], PlayerSettings], keeper: Reconfigurable, has_screen: Callable[[], bool]
    ) -> None:
        self._settings = settings
        self._keeper = keeper
        self._has_screen = has_screen
        self._seen: PlayerSettings | None = None
        self._is_without = False
        self._look_at = 0.0

    def look(self, now: float) -> None:
        """Look, where some seconds have passed (`now` in boot-time s)."""
        settings = self._settings()
        if settings is not self._seen:
            # With other settings the player may have been started anew meanwhile.
            self._seen = settings
            self._is_without = _asks(settings) and not self._has_screen()
        if not self._is_without or now < self._look_at:
            return
        self._look_at = now + LOOK_EVERY_S
        if self._has_screen():
            self._is_without = False
            log.info("a screen is there now, the player is started again for it")
            self._keeper.reconfigure(assembly.host_options(settings), assembly.restart_rules(settings))


def _asks(settings: PlayerSettings) -> bool:
    ours = settings.host is HostMode.CHILD and not settings.is_attached
    return ours and settings.headless is Headless.AUTO
