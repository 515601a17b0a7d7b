"""The package's files before they are packed, in a folder that stands for the device's root.

Contract: `Tree(root)` takes files, links and folders by their place on the device; `seal(epoch)` gives all of them one
time and folders one mode, and answers md5sums as dpkg keeps them.
Rules: a file's mode is said where it is put, so that the umask of the builder changes nothing. Nothing is put twice.
"""

import gzip
import os
from hashlib import md5
from pathlib import Path

from tools.deb.failure import BuildError

PROGRAM = 0o755
TEXT = 0o644


class Tree:
    """A folder that becomes the package's content."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, place: str, content: str | bytes, mode: int = TEXT) -> None:
        """A file; `place` is absolute, as on the device."""
        path = self._free(place)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        path.chmod(mode)

    def put_packed(self, place: str, content: str) -> None:
        """A file compressed as Debian's policy wants manual pages and changelogs; its name gets `.gz`."""
        self.put(f"{place}.gz", gzip.compress(content.encode(), compresslevel=9, mtime=0))

    def link(self, place: str, target: str) -> None:
        """A symbolic link to `target`, which is relative to the link's folder."""
        self._free(place).symlink_to(target)

    def at(self, place: str) -> Path:
        """Where `place` of the device lies here."""
        return self.root / place.lstrip("/")

    def _free(self, place: str) -> Path:
        path = self.at(place)
        if path.exists() or path.is_symlink():
            raise BuildError(f"Two files of the package want to be {place}.")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def seal(self, epoch: int) -> str:
        """The content of DEBIAN/md5sums."""
        sums = []
        for path in sorted(self.root.rglob("*")):
            if path.is_symlink():
                pass
            elif path.is_dir():
                path.chmod(0o755)
            else:
                digest = md5(path.read_bytes(), usedforsecurity=False).hexdigest()
                sums.append(f"{digest}  {path.relative_to(self.root).as_posix()}\n")
        self.root.chmod(0o755)
        self.settle(epoch)
        return "".join(sums)

    def settle(self, epoch: int) -> None:
        """Give everything the same time, folders after what is in them."""
        for path in [*sorted(self.root.rglob("*"), reverse=True), self.root]:
            os.utime(path, (epoch, epoch), follow_symlinks=False)
