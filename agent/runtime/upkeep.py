"""What the agent sees to beside its work: that the picture moves, that it is known to live, and what it stands on.

Contract: `look` is called by the main loop after each step; `status` are the parts of the status that come from here,
`counters` are counted with the others. `stop` says the end to systemd.
Rules: nothing is decided here; the parts are agent.player.frozen_watch, agent.runtime.late_screen, readiness, watchdog
safe_mode and caching.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import structlog

from agent.config.player import Player as PlayerSettings
from agent.config.player_watch import Frozen
from agent.kernel.liveness import Pulse
from agent.player.conductor import Conductor
from agent.player.display import has_display
from agent.player.frozen_watch import FrozenWatch, Keeping
from agent.player.installation import plugin_cache
from agent.player.operations import Operation
from agent.runtime.caching import Caching
from agent.runtime.checks.finding import Level
from agent.runtime.checks.player import judge_cache
from agent.runtime.late_screen import LateScreen, Reconfigurable
from agent.runtime.readiness import Readiness, stopping
from agent.runtime.safe_mode import Footing
from agent.runtime.watchdog import Watchdog
from agent.service.notify import Notifier

log = structlog.get_logger()


def tell_plugin_cache() -> None:
    """Say in the log why the player's starts are slow, where they are; a thread's work, since a slow card's folder of
    hundreds of plugins is read for it."""
    found = judge_cache(plugin_cache())
    if found.level is not Level.OK:
        log.warning("libvlc starts slowly or not at all", cache=found.text, remedy=found.remedy)


def _watched(player: PlayerSettings) -> Frozen:
    """How the picture is watched: not at all where it is not ours, for nothing is known of its frames."""
    return Frozen(enabled=False) if player.is_attached else player.frozen


class PlayerKeeper(Keeping, Reconfigurable, Protocol):
    """What is needed of the host's keeper."""


class Upkeep:
    """`player`: its settings. `again` has the agent begin again; the others are as the parts name them."""

    def __init__(
        self,
        notifier: Notifier,
        footing: Footing,
        director: Conductor,
        keeper: PlayerKeeper,
        *,
        player: Callable[[], PlayerSettings],
        obey: Callable[[Operation], None],
        pulses: Callable[[], Iterable[Pulse]],
        gone: Callable[[], Sequence[str]],
        status: Callable[[], Mapping[str, Any]],
        again: Callable[[], None],
        caching: Caching | None = None,
    ) -> None:
        self._notifier = notifier
        self._footing = footing
        self._director = director
        self._again = again
        self._caching = caching
        if caching is not None:
            caching.attend(director, player)
        self._frozen = FrozenWatch(director, keeper, lambda: _watched(player()), obey)
        self._screen = LateScreen(player, keeper, lambda: has_display(os.environ))
        self._watchdog = Watchdog(notifier, pulses, gone)
        self._readiness = Readiness(notifier, status)

    @property
    def counters(self) -> Counter[str]:
        """The steps against a frozen picture; and, while it lasts, the safe mode, so that a fleet can count it."""
        safe = self._footing.status()
        standing = {"safe-mode": int(safe["on"]), "last-good-configuration": int(safe["configuration"] is not None)}
        return self._frozen.counters + Counter(standing)

    def look(self, now: float) -> None:
        """The main loop has stepped, at `now` (boot-time s)."""
        self._frozen.look(now)
        self._screen.look(now)
        self._footing.look(now, shows=self._director.shows, again=self._again)
        self._watchdog.look(now)
        self._readiness.look(now)
        if self._caching is not None:
            self._caching.look()

    def status(self, now: float) -> dict[str, Any]:
        """The parts `frozen`, `watchdog` and `safe_mode`, and `cache` where an item wants one."""
        return {
            "frozen": self._frozen.status(now),
            "watchdog": self._watchdog.status(),
            "safe_mode": self._footing.status(),
            **(self._caching.status() if self._caching is not None else {}),
        }

    def leave(self) -> None:
        """The parts that have threads of their own are to end."""
        if self._caching is not None:
            self._caching.stop()

    def stop(self) -> None:
        """The agent ends, and does not begin again."""
        stopping(self._notifier)
