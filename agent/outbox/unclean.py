"""Whether the log of the last writes is missing beside a store that was not closed.

Contract: `begin` says that the store is open, `end` that it is about to be closed whole; `lost_its_log` is asked before
an opening.
Rules: a store that was closed has no log, one whose process died always has: a file system check or a careless copy may
have thrown it away. SQLite would open such a store as it was some hundred events ago, and the numbers of those would be
given again, to other events. The mark is put down when the log is durable, and is durably gone before the log goes, so
that no power cut leaves a mark without a log.
"""

from contextlib import suppress
from pathlib import Path

from agent.outbox.connection import STORE_NAME, sync_folder

UNCLEAN_NAME = "store.open"

WHY = "the log of its last writes is missing"


def begin(folder: Path) -> None:
    """Put the mark down; where that cannot be, a missing log will not be noticed."""
    with suppress(OSError):
        (folder / UNCLEAN_NAME).touch(mode=0o600)


def end(folder: Path) -> None:
    """Take the mark away, durably."""
    with suppress(OSError):
        (folder / UNCLEAN_NAME).unlink(missing_ok=True)
        sync_folder(folder)


def lost_its_log(folder: Path) -> bool:
    """Whether the store in `folder` was open, and its log is not there. Raises OSError."""
    if not (folder / UNCLEAN_NAME).exists() or not (folder / STORE_NAME).exists():
        return False
    log = folder / f"{STORE_NAME}-wal"
    return not log.exists() or log.stat().st_size == 0
