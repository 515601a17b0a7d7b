"""Writes a small file so that a power cut leaves the old content or the new one, whole.

Contract: `write` returns once the content is durable; raises OSError, and the old content then stands.
Rules: a temporary file beside it, fsync, rename, fsync of the folder. Mode 0600: documents may hold what a fleet does
not show to every user of a machine. The temporary file's name is fixed, so that a crash leaves one at most.
Reasons: SQLite's commit would be as safe, but the last good configuration must be there where the database is damaged.
"""

import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Make `content` the file's whole content."""
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
