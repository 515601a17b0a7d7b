"""The list of devices that a fleet should have, as a file that is edited while the exporter runs.

Contract: `Inventory.look` reads the file where it has changed, and answers the ids where they are others than before,
else None. `is_readable`: whether the last look could use it.
Rules: the list is `kiosk-fleet enroll`'s (a column `id`, others if one likes). A file that cannot be used leaves what
was known: an editor that saves half a file must not retire half a fleet.
"""

from pathlib import Path

from agent.fleet.enroll_list import ListError, read_list

LONGEST_BYTES = 16 * 1024 * 1024


class InventoryError(Exception):
    """The file cannot be used; the text says why."""


class Inventory:
    """The list in `path`; raises InventoryError where it cannot be used at the start."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = self._stamped()
        self.ids = self._read()
        self.is_readable = True

    def look(self) -> frozenset[str] | None:
        """Whether there is news."""
        try:
            stamp = self._stamped()
            if stamp == self._stamp and self.is_readable:
                return None
            ids = self._read()
        except InventoryError:
            self.is_readable = False
            return None
        self._stamp, self.is_readable = stamp, True
        if ids == self.ids:
            return None
        self.ids = ids
        return ids

    def _stamped(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError as error:
            raise InventoryError(f"{self._path} cannot be read: {error.strerror}.") from error
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> frozenset[str]:
        try:
            with self._path.open("rb") as file:
                text = file.read(LONGEST_BYTES).decode("utf-8", "replace")
            return frozenset(entry.id for entry in read_list(text))
        except OSError as error:
            raise InventoryError(f"{self._path} cannot be read: {error.strerror}.") from error
        except ListError as error:
            raise InventoryError(f"{self._path}: {error}") from error
