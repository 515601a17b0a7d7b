"""One process a store: a lock file held for as long as the store is open.

Contract: `Lock.take` returns a held lock or raises `StoreBusy` with the holder's process id.
Reasons: SQLite 3.7.0 to 3.51.2 can corrupt a WAL database that two connections write (edge.md section 1), so a second
daemon must not even open it. flock dies with the process, so SIGKILL leaves nothing to clean up.
"""

import errno
import fcntl
import os
from pathlib import Path

from agent.outbox.errors import StoreBusy, StoreUnusable

LOCK_NAME = "store.lock"


class Lock:
    """A held lock."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path) -> "Lock":
        """Take the lock of `folder`. Raises StoreBusy, or StoreUnusable where the file cannot be made."""
        path = folder / LOCK_NAME
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unusable(folder, error) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            told = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise StoreBusy(folder, int(told) if told.isdecimal() else None) from error
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            # A full disk must not stop the daemon: the process id is only a courtesy to whoever comes second.
            if error.errno != errno.ENOSPC:
                os.close(descriptor)
                raise unusable(folder, error) from error
        return cls(descriptor)

    def release(self) -> None:
        """Give the lock back; the file stays, since removing it would race with the next holder."""
        os.close(self._descriptor)


def unusable(folder: Path, error: OSError) -> StoreUnusable:
    """The error that a person can act on, for a folder that the system refused."""
    match error.errno:
        case errno.EROFS:
            remedy = "Mount the file system read-write, or choose another folder with --state-dir."
        case errno.EACCES | errno.EPERM:
            remedy = "Give the user that runs kiosk-agent the right to write there (chown), or choose another folder."
        case errno.ENOSPC | errno.EDQUOT:
            remedy = "Free some space on the file system."
        case _:
            remedy = "Check the path and the disk, or choose another folder with --state-dir."
    return StoreUnusable(f"The state folder {folder} cannot be used: {error.strerror}.", remedy=remedy)
