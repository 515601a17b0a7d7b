"""A file that is given up when the disk is full.

Contract: `keep` allocates the file where there is room; `give_up` removes it and says whether there was one.
Reasons: on a really full disk SQLite's DELETE and checkpoint fail too, since both write to the WAL first, so the
queue could never free itself (edge.md section 1).
"""

import os
from pathlib import Path

BALLAST_NAME = "store.ballast"

BALLAST_BYTES = 1024 * 1024
"""The WAL at its usual size (300 pages of 1 KiB) and several batches of deletes fit into it."""


def keep(folder: Path) -> bool:
    """Allocate the file unless it is there. False: the disk has no room to spare for it now."""
    path = folder / BALLAST_NAME
    # A power cut may have left its name and nothing of its size.
    if path.exists() and path.stat().st_size >= BALLAST_BYTES:
        return True
    status = os.statvfs(folder)
    # Twice its size must be free, or making it would be what fills the disk.
    if status.f_bavail * status.f_frsize < 2 * BALLAST_BYTES:
        return False
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return False
    try:
        os.posix_fallocate(descriptor, 0, BALLAST_BYTES)
    except OSError:
        path.unlink(missing_ok=True)
        return False
    finally:
        os.close(descriptor)
    return True


def is_disk_full(folder: Path) -> bool:
    """Whether less than a ballast's worth is left for us, so that a failed write is the disk's fault."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize < BALLAST_BYTES


def give_up(folder: Path) -> bool:
    """Remove the file. False: it was not there any more."""
    try:
        (folder / BALLAST_NAME).unlink()
    except OSError:
        return False
    return True
