"""Has the media of the list kept on this machine, where an item wants that.

Contract: `attend` makes the director ask for the nearest copy of what it plays; `look` follows the settings; `status`
is the part `cache` of the status, if any. Nothing of agent.player.cache is loaded before an item wants it.
Rules: a folder that cannot be used is told, and everything is played from its address as without a cache.
Reasons: decision 36 (memory: most kiosks cache nothing); house rule 8.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog

from agent.config.player import Player
from agent.kernel.instants import Clock
from agent.outbox.bounds import default_bounds
from agent.player.conductor import Conductor
from agent.player.director import Director
from agent.player.items import Item
from agent.sinks.http.client import Timeouts

if TYPE_CHECKING:
    from agent.player.cache.library import Library

log = structlog.get_logger()

FOLDER: Final = "cache"
MIB: Final = 1 << 20
# For the system, and for what is written beside the queue.
SPARE_BYTES: Final = 64 * MIB
TIMEOUTS: Final = Timeouts(connect=15.0, read=60.0, total=60.0)


def folder_of(player: Player, state_dir: Path) -> Path:
    """Where the copies are."""
    return Path(player.cache.dir) if player.cache.dir is not None else state_dir / FOLDER


class Caching:
    """`queue_bytes`: the queue's bound, None: its default. `spawn` starts a thread."""

    def __init__(
        self,
        state_dir: Path,
        clock: Clock,
        *,
        queue_bytes: int | None,
        user_agent: str,
        spawn: Callable[[str, Callable[[], None]], object],
    ) -> None:
        self._state_dir = state_dir
        self._clock = clock
        self._queue_bytes = queue_bytes
        self._user_agent = user_agent
        self._spawn = spawn
        self._director: Director | None = None
        self._player: Callable[[], Player] | None = None
        self._seen: Player | None = None
        self._library: Library | None = None
        self._problem: str | None = None

    def attend(self, director: Conductor, player: Callable[[], Player]) -> None:
        """This is what plays, by these settings. One that is not ours takes its media from where it likes."""
        if isinstance(director, Director):
            self._director, self._player = director, player
            director.nearest = self._nearest

    def look(self) -> None:
        """The settings may be others now."""
        if self._director is None or self._player is None or self._player() is self._seen:
            return
        self._seen = self._player()
        wanted = [item for each in self._director.items for item in (each, *(spot.item for spot in each.spots))]
        wanted = [item for item in wanted if item.cached]
        if wanted or self._library is not None:
            self._want(wanted, self._seen)

    def status(self) -> dict[str, Any]:
        """The part `cache`, where an item wants a copy."""
        if self._library is not None:
            return {"cache": self._library.status()}
        return {} if self._problem is None else {"cache": {"last_error": self._problem}}

    def stop(self) -> None:
        """The thread is to end."""
        if self._library is not None:
            self._library.stop()

    def _nearest(self, uri: str) -> str:
        self.look()
        return uri if self._library is None else self._library.nearest(uri)

    def _want(self, items: Sequence[Item], player: Player) -> None:
        from agent.player.cache.fetching import Wish  # noqa: PLC0415

        if self._library is None:
            self._library = self._opened(player)
        if self._library is not None:
            wishes = [Wish(item.media.uri, item.sha256) for item in items]
            self._library.want(wishes, max_bytes=player.cache.max_mib * MIB)

    def _opened(self, player: Player) -> "Library | None":
        from agent.player.cache.copies import Shelf  # noqa: PLC0415
        from agent.player.cache.library import Library  # noqa: PLC0415
        from agent.sinks.http.download import Download  # noqa: PLC0415

        folder = folder_of(player, self._state_dir)
        try:
            queue = default_bounds(self._state_dir).total_bytes if self._queue_bytes is None else self._queue_bytes
            shelf = Shelf(folder, max_bytes=player.cache.max_mib * MIB, reserve=queue + SPARE_BYTES)
        except OSError as error:
            self._problem = f"{folder} cannot be used: {error.strerror or error}"
            log.warning("nothing is cached", folder=str(folder), problem=error.strerror or str(error))
            return None
        library = Library(
            shelf,
            wire=lambda: Download(
                user_agent=self._user_agent, monotonic=lambda: self._clock.now().boottime, timeouts=TIMEOUTS
            ),
            now=lambda: self._clock.now().boottime,
            wall=lambda: self._clock.now().wall,
        )
        self._spawn("cache", library.run)
        return library
