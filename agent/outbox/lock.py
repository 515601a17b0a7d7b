"""One process a store: a lock file held for as long as the store is open.

Contract: `Lock.take` returns a held lock or raises `StoreBusy` with the holder's process id.
Reasons: SQLite 3.7.0 to 3.51.2 can corrupt a WAL database that two connections write (edge.md section 1), so a second
daemon must not even open it. flock dies with the process, so SIGKILL leaves nothing to clean up.
"""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.outbox.errors import StoreBusy, StoreUnreachable, StoreUnusable

LOCK_NAME = "store.lock"

DISK_FAULTS = {errno.EROFS, errno.EIO, errno.ENOSPC, errno.EDQUOT}
"""What a disk says that is no mistake of whoever set the device up."""


class Lock:
    """A held lock."""

    def __init__(self, folder: Path, descriptor: int) -> None:
        self._folder = folder
        self._descriptor = descriptor

    @classmethod
    def take(cls, folder: Path, *, make_folder: bool = False) -> "Lock":
        """Take the lock of `folder`. Raises StoreBusy, or StoreUnusable where the file cannot be made."""
        path = folder / LOCK_NAME
        try:
            if make_folder:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
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
        return cls(folder, descriptor)

    @contextmanager
    def released_on_failure(self) -> Iterator[None]:
        """Give the lock back where what is done with it fails; the system's errors become StoreUnusable."""
        try:
            yield
        except OSError as error:
            self.release()
            raise unusable(self._folder, error) from error
        except BaseException:
            self.release()
            raise

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
    found = StoreUnreachable if error.errno in DISK_FAULTS else StoreUnusable
    return found(f"The state folder {folder} cannot be used: {error.strerror}.", remedy=remedy)
