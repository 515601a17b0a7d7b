"""Writing a file onto a medium that may be full, slow, or pulled out at any moment.

Contract: `whole_file` gives a file to write to, and gives it its name once all of it is on the medium; otherwise there
is no file of that name, or the one that was there before. Raises MediumError with a sentence for a person.
Rules: written under another name, fsynced, renamed, and the folder fsynced. A USB stick's FAT knows no owners, no
permissions and no file of 4 GiB; names are those that it takes too.
"""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_STRANGE = re.compile(r"[^A-Za-z0-9._-]+")
DRAFT = ".part"

_TEXTS = {
    errno.ENOSPC: "is full",
    errno.EDQUOT: "is full",
    errno.EFBIG: "takes no file of this size (FAT takes 4 GiB at most)",
    errno.EROFS: "is read-only",
    errno.EIO: "fails, or was pulled out",
    errno.ENODEV: "was pulled out",
    errno.ENXIO: "was pulled out",
}


class MediumError(Exception):
    """The medium does not take the file."""


def plain_name(text: str) -> str:
    """`text` as a part of a file name that every file system takes."""
    return _STRANGE.sub("-", text)[:64]


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A new file that becomes `path` at the end of the block, or nothing."""
    draft = path.with_name(path.name + DRAFT)
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        _remove(draft)
        what = _TEXTS.get(error.errno or 0, f"cannot be written: {(error.strerror or 'unknown reason').lower()}")
        raise MediumError(f"{path.parent} {what}.") from error
    except BaseException:
        _remove(draft)
        raise


def _remove(draft: Path) -> None:
    with suppress(OSError):  # the medium is gone, or the draft never was
        draft.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems cannot sync a folder
            raise
    finally:
        os.close(descriptor)
