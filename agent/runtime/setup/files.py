"""Writes files of the configuration, so that a power cut leaves the old content or the new one, whole.

Contract: `install` returns once the content is durable under its name, with its mode and owner; `wipe` once nothing
is left of a file. Both raise OSError.
Rules: a file has its mode and owner before it has its name, so nobody ever reads a secret in between. The temporary
file's name is fixed, so that a power cut leaves one at most. As root only: an ordinary user, who sets up an image that
belongs to himself, cannot give files away.
"""

import grp
import os
from pathlib import Path
from typing import Final

from agent.runtime.setup.places import GROUP

FOLDER_MODE: Final = 0o750
CONFIG_MODE: Final = 0o640
SECRETS_MODE: Final = 0o700
SECRET_MODE: Final = 0o600


def agents_group() -> int | None:
    """The number of the agent's group; None where the package has not made it."""
    try:
        return grp.getgrnam(GROUP).gr_gid
    except KeyError:
        return None


def make_folder(path: Path, *, mode: int, group: int | None = None) -> None:
    """The folder with this mode, root's and the group's; made where it is missing, put right where it is there."""
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, 0, group or 0)


def install(path: Path, content: bytes, *, mode: int, group: int | None = None) -> None:
    """Make `content` the file's whole content, root's and the group's."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)  # one that a power cut left may have another mode, or be a link
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        _write(descriptor, content)
        if os.geteuid() == 0:
            os.fchown(descriptor, 0, group or 0)
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    beside.replace(path)
    sync_folder(path.parent)


def put_right(path: Path, *, mode: int, group: int | None = None) -> None:
    """Give a file that is there the mode and the owner that `install` gives a new one."""
    if os.geteuid() == 0:
        os.chown(path, 0, group or 0)
    path.chmod(mode)


def wipe(path: Path) -> None:
    """Overwrite a secret where it stands, and remove it.

    A card may keep the old block behind the controller's back, which no program can help; what a reader of the card
    sees is gone.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _write(descriptor, bytes(os.fstat(descriptor).st_size))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    path.unlink()
    sync_folder(path.parent)


def is_wiped(content: bytes) -> bool:
    """Whether a power cut came between the two halves of `wipe`: no secret has such a byte."""
    return b"\0" in content


def sync_folder(folder: Path) -> None:
    """Make what was renamed and removed in `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
