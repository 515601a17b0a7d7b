"""Where the agent lives: in its state folder, or in memory while its disk cannot be used.

Contract: `open_home` gives the open store: of the state folder, or, where the disk is read-only, broken or has no room
for it, of a refuge in memory. `Home.watch` makes what the main loop calls now and then; it asks to begin again once
the disk can be used and everything that was kept in memory has been delivered.
Rules: a broken card must not keep the screen black, and what is played meanwhile is delivered as far as the network is
there. Only the disk's own faults are sheltered from: a store that another process has, of a later version, of another
program, or a folder without permission is a mistake that somebody has to see.
What is kept in memory is lost with the power, and `status` says so (decision 30). It is another store with a generation
of its own, so no identity is given twice.
Rejected: to carry the events over into the store on the disk, for a device that is online has delivered them within
seconds, and one that is not would rather keep them in one place than move them onto a card that has just failed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from agent.config.model import Settings
from agent.outbox.bounds import Bounds
from agent.outbox.errors import StoreError, StoreUnreachable
from agent.outbox.store import Outbox
from agent.outbox.volatility import volatility
from agent.runtime.opening import open_outbox
from agent.runtime.refuge import MEMORY, give_up, refuge

log = structlog.get_logger()

REFUGE_BYTES: Final = 8 * 1024 * 1024
"""Some twenty thousand events. It is memory, which a small board has little of."""

LOOK_EVERY_S: Final = 60.0
"""A look at a dying card may take half a minute, and the main loop waits for it."""


@dataclass(slots=True)
class Home:
    """`outbox`: the open store; `folder`: where the agent lives. `reason`: why in a refuge, None at home.

    `reopen` tries the state folder. `look_at`: the boot-time second of the next try.
    """

    outbox: Outbox
    folder: Path
    reason: str | None = None
    reopen: Callable[[], Outbox] | None = None
    look_at: float | None = None

    @property
    def volatile(self) -> str | None:
        """Why what is kept will be gone after a power cut, for a person; None where it stays."""
        found = volatility(self.folder)
        return found if self.reason is None else f"{self.reason} Events are kept in memory, in {self.folder}"

    def watch(self, also: Callable[[float], None], go_home: Callable[[], None]) -> Callable[[float], None]:
        """What the main loop calls with the boot-time second: `also`, and `go_home` once that is possible."""
        if self.reopen is None:
            return also

        def look(now: float) -> None:
            also(now)
            if self.look_at is not None and now < self.look_at:
                return
            is_first, self.look_at = self.look_at is None, now + LOOK_EVERY_S
            if not is_first and self._is_delivered() and self._is_mended():
                log.info("state folder can be used again")
                go_home()

        return look

    def _is_delivered(self) -> bool:
        return not any(sink.depth for sink in self.outbox.statistics().sinks)

    def _is_mended(self) -> bool:
        assert self.reopen is not None
        try:
            self.reopen().close()
        except (StoreError, OSError):
            return False
        return True


def open_home(state_dir: Path, settings: Settings, *, memory: Path = MEMORY) -> Home:
    """The store in `state_dir`, or in a refuge. Raises StoreError, OSError."""
    try:
        outbox = open_outbox(state_dir, settings)
    except StoreUnreachable as error:
        folder = refuge(state_dir, memory=memory)
        log.error("state folder cannot be used, living in memory", error=str(error), remedy=error.remedy)
        return Home(
            open_outbox(folder, settings, bounds=Bounds(REFUGE_BYTES)),
            folder,
            reason=str(error),
            reopen=lambda: open_outbox(state_dir, settings, patience_s=0.0),
        )
    give_up(state_dir, memory=memory)
    return Home(outbox, state_dir)
