"""Where a path really leads, as the kernel and VLC follow it.

Contract: `is_below(path, folders)`: whether `path` leads to one of `folders`, which come from `real_folders`, or into
it. Both ask the disk for symbolic links, open nothing, and raise nothing.
Rules: a path is followed twice, once as the kernel does (a link first, then the `..` behind it), once with its `..`
taken away before (as programs do that tidy a path), and both ends must lie below. What is not there yet counts by its
name, since a medium may come with the next synchronisation.
"""

import os
from collections.abc import Sequence


def real_folders(folders: Sequence[str]) -> tuple[str, ...]:
    """The folders, without the symbolic links on the way to them."""
    return tuple(found for each in folders if (found := _real(each)) is not None)


def is_below(path: str, folders: Sequence[str]) -> bool:
    """Whether all that `path` can lead to is one of `folders`, or below one."""
    ends = [_real(each) for each in dict.fromkeys((path, os.path.normpath(path)))]
    return all(end is not None and any(_is_in(end, folder) for folder in folders) for end in ends)


def _real(path: str) -> str | None:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return None


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")
