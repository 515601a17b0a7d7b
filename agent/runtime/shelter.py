"""Where the agent lives: in its state folder, or in memory while its disk cannot be used.

Contract: `open_home` gives the open store: of the state folder, or, where the disk is read-only, broken or has no room
for it, of a refuge in memory. `Home.watch` makes what the main loop calls now and then; it asks to begin again once
the disk can be used and everything that was kept in memory has been delivered. It also has the store's books looked
through.
Rules: a broken card must not keep the screen black, and what is played meanwhile is delivered as far as the network is
there. Only the disk's own faults are sheltered from: a store that another process has, of a later version, of another
program, or a folder without permission is a mistake that somebody has to see.
What is kept in memory is lost with the power, and `status` says so (decision 30). It is another store with a generation
of its own, so no identity is given twice. A process that was killed in memory left its events there: the next one
delivers them before it goes home. What was lost with the power is counted at the next start at home as far as
agent.runtime.stake could note it; it is logged each hour how much is at stake.
Rejected: to carry the events over into the store on the disk, for a device that is online has delivered them within
seconds, and one that is not would rather keep them in one place than move them onto a card that has just failed.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog

from agent.config.model import Settings
from agent.outbox.bounds import Bounds
from agent.outbox.connection import STORE_NAME
from agent.outbox.errors import StoreError, StoreUnreachable
from agent.outbox.store import Outbox
from agent.outbox.volatility import volatility
from agent.runtime.bookkeeping import Books
from agent.runtime.opening import open_outbox
from agent.runtime.refuge import MEMORY, give_up, refuge, remains
from agent.runtime.stake import Note, clear, read

log = structlog.get_logger()

REFUGE_BYTES: Final = 8 * 1024 * 1024
"""Some twenty thousand events. It is memory, which a small board has little of."""

TELL_EVERY_S: Final = 3600.0
"""A log line an hour for as long as it lasts: nobody may be there who reads `status`."""

LOOK_EVERY_S: Final = 60.0
"""A look at a dying card may take half a minute, and the main loop waits for it."""


@dataclass(slots=True)
class Home:
    """`outbox`: the open store; `folder`: where the agent lives. `reason`: why in a refuge, None at home.

    `reopen` tries the state folder. `look_at`: the boot-time second of the next try. `note`: where it is written down
    what is at stake; `tell_at`: when it is logged the next time.
    """

    outbox: Outbox
    folder: Path
    reason: str | None = None
    reopen: Callable[[], Outbox] | None = None
    look_at: float | None = None
    note: Note | None = None
    tell_at: float | None = None

    @property
    def volatile(self) -> str | None:
        """Why what is kept will be gone after a power cut, for a person; None where it stays."""
        found = volatility(self.folder)
        return found if self.reason is None else f"{self.reason} Events are kept in memory, in {self.folder}"

    def watch(self, also: Callable[[float], None], go_home: Callable[[], None]) -> Callable[[float], None]:
        """What the main loop calls with the boot-time second: `also`, and `go_home` once that is possible."""
        books = Books(self.outbox)

        def look(now: float) -> None:
            also(now)
            books.look(now)
            if self.reopen is None or (self.look_at is not None and now < self.look_at):
                return
            is_first, self.look_at = self.look_at is None, now + LOOK_EVERY_S
            waiting = _waiting(self.outbox)
            self._tell(waiting, now)
            if not is_first and not waiting and self._is_mended():
                log.info("state folder can be used again")
                go_home()

        return look

    def _tell(self, waiting: int, now: float) -> None:
        """Say what the next power cut would take: durably where the disk takes that, and each hour in the log."""
        if self.note is not None:
            self.note.put(waiting)
        if waiting and (self.tell_at is None or now >= self.tell_at):
            self.tell_at = now + TELL_EVERY_S
            log.warning("events are in memory alone, a power cut loses them", events=waiting)

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
        log.error("state folder cannot be used, living in memory", error=str(error), remedy=error.remedy)
        return _sheltered(state_dir, settings, str(error), memory)
    left = _left(state_dir, settings, memory)
    if left:
        outbox.close()
        log.warning("events that an earlier process had in memory are delivered first", events=left)
        return _sheltered(state_dir, settings, "What an earlier process had in memory is delivered first.", memory)
    if left is None:
        _count_the_lost(outbox, state_dir)
    clear(state_dir)
    give_up(state_dir, memory=memory)
    return Home(outbox, state_dir)


def _sheltered(state_dir: Path, settings: Settings, reason: str, memory: Path) -> Home:
    folder = refuge(state_dir, memory=memory)
    outbox = open_outbox(folder, settings, bounds=Bounds(REFUGE_BYTES))
    note = Note(state_dir)
    note.put(_waiting(outbox))
    return Home(outbox, folder, reason, reopen=lambda: open_outbox(state_dir, settings, patience_s=0.0), note=note)


def _waiting(outbox: Outbox) -> int:
    return max((sink.depth for sink in outbox.statistics().sinks), default=0)


def _left(state_dir: Path, settings: Settings, memory: Path) -> int | None:
    """How many events wait in the refuge of an earlier process; None where there is none, or it cannot be read."""
    folder = remains(state_dir, STORE_NAME, memory=memory)
    if folder is None:
        return None
    try:
        with closing(open_outbox(folder, settings, bounds=Bounds(REFUGE_BYTES))) as outbox:
            return _waiting(outbox)
    except (StoreError, OSError) as error:
        log.error("what an earlier process had in memory cannot be read", error=str(error))
        return None


def _count_the_lost(outbox: Outbox, state_dir: Path) -> None:
    """Count what a power cut took from an earlier life in memory, as far as that was noted."""
    events = read(state_dir)
    if events is None:
        return
    log.error("a power cut took what was in memory alone", events=events, unknown="those of the last minute")
    if events:
        outbox.lose(events)
