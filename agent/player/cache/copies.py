"""Copies of media on the disk: which are whole, and which must go so that another one fits.

Contract: a `Shelf` keeps whole copies in one folder; `room` makes place or says that there is none; `leaving` is the
pure rule behind it. OSError is raised where the disk refuses.
Rules: a copy is there once its note (a small JSON file) names it: the data are written, synced and closed before, and
the note is put in place by a rename, so a power cut leaves the old copy, the new one or none. A file of ours that no
note names is swept away, but for one that a player may be about to open; what a download has begun stays. The bound
holds for all of it, what is being fetched included. Least recently used go first; what the list wants never goes for
something else that it wants (it would be fetched again in a circle), nor does what is being played.
Reasons: house rule 9; the address itself, which may hold a secret, is not kept: a name is made of its hash.
"""

import hashlib
import json
import math
import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from agent.player.kinds import MEDIA_FILES, extension_of

# A card is not written each time that a short clip begins again.
USED_EVERY_S: Final = 3600.0
READ_BYTES: Final = 1 << 20
# A player that is a service has a user of its own; the folder says who comes near.
READABLE: Final = 0o644
_OURS: Final = re.compile(r"[0-9a-f]{32}(-[0-9a-f]{12}(\.[a-z0-9]{1,5})?|\.(json|tmp|part|begun))")


@dataclass(frozen=True, slots=True)
class Copy:
    """One whole copy. `sha256`: of what was written. `used`: when it was last played (wall s), roughly."""

    key: str
    file: str
    size: int
    sha256: str
    etag: str | None = None
    last_modified: str | None = None
    used: float = 0.0


def key_of(uri: str) -> str:
    """The name under which the medium at `uri` is kept."""
    return hashlib.blake2b(uri.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def leaving(
    copies: Iterable[Copy], *, need: int, free: int, wanted: Collection[str], kept: Collection[str]
) -> list[Copy] | None:
    """What must go so that `need` bytes fit where `free` are; None where that is too little. Pure.

    `wanted`: keys that the list wants, `kept`: those that must stay whatever happens.
    """
    gone: list[Copy] = []
    for copy in sorted(copies, key=lambda copy: (copy.used, copy.key)):
        if need <= free:
            break
        if copy.key not in wanted and copy.key not in kept:
            gone.append(copy)
            free += copy.size
    return gone if need <= free else None


class Shelf:
    """The copies in `folder`. `reserve`: bytes of the disk that are not ours to use: the queue's."""

    def __init__(self, folder: Path, *, max_bytes: int, reserve: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._reserve = reserve
        folder.mkdir(parents=True, exist_ok=True)
        self.copies: dict[str, Copy] = {}
        self._read()

    def part(self, key: str) -> Path:
        """Where what is fetched of a medium lies until it is whole."""
        return self.folder / f"{key}.part"

    def path(self, copy: Copy) -> Path:
        return self.folder / copy.file

    @property
    def size(self) -> int:
        """Bytes on the disk, what is being fetched included."""
        return sum(entry.stat().st_size for entry in self._files() if not entry.name.endswith((".json", ".tmp")))

    def is_whole(self, key: str) -> bool:
        """Whether the copy is there, as long as it was written."""
        copy = self.copies.get(key)
        try:
            return copy is not None and self.path(copy).stat().st_size == copy.size
        except OSError:
            return False

    def is_sound(self, key: str) -> bool:
        """Whether the copy still holds what was written; it is read whole."""
        copy = self.copies[key]
        digest = hashlib.sha256()
        try:
            with self.path(copy).open("rb") as file:
                while piece := file.read(READ_BYTES):
                    digest.update(piece)
        except OSError:
            return False
        return digest.hexdigest() == copy.sha256

    def room(self, need: int, *, wanted: Collection[str], kept: Collection[str]) -> bool:
        """Have place for `need` bytes more, within the bound and what the disk may be used for."""
        disk = os.statvfs(self.folder)
        free = min(self.max_bytes - self.size, disk.f_bavail * disk.f_frsize - self._reserve)
        gone = leaving(self.copies.values(), need=need, free=free, wanted=wanted, kept=kept)
        for copy in gone or ():
            self.remove(copy.key)
        return gone is not None

    def shrink(self, *, kept: Collection[str]) -> int:
        """Keep to the bound, which may be a smaller one now; how many copies went."""
        gone = leaving(self.copies.values(), need=0, free=self.max_bytes - self.size, wanted=(), kept=kept) or []
        for copy in gone:
            self.remove(copy.key)
        return len(gone)

    def tidy(self, wanted: Collection[str]) -> None:
        """What was begun of a medium that nobody wants any more goes."""
        for entry in self._files():
            key, _, kind = entry.name.partition(".")
            if kind in ("part", "begun") and key not in wanted:
                Path(entry.path).unlink(missing_ok=True)

    def adopt(self, uri: str, copy: Copy) -> None:
        """What was fetched of `uri` is whole, synced and closed: it is the copy from now on."""
        extension = extension_of(uri)
        suffix = f".{extension}" if extension in MEDIA_FILES else ""
        copy = replace(copy, file=f"{copy.key}-{copy.sha256[:12]}{suffix}")
        part = self.part(copy.key)
        part.chmod(READABLE)
        part.replace(self.folder / copy.file)
        self._sync_folder()
        self._note(copy)

    def sweep(self, *, kept: Path | None = None) -> bool:
        """What no note names goes, but for `kept`; whether that one stayed for its sake alone."""
        named = {copy.file for copy in self.copies.values()} | {f"{key}.json" for key in self.copies}
        loose = [Path(entry.path) for entry in self._files() if entry.name not in named]
        loose = [path for path in loose if path.suffix not in (".part", ".begun")]
        for path in loose:
            if path != kept:
                path.unlink(missing_ok=True)
        return kept in loose

    def renew(self, copy: Copy) -> None:
        """Note what is now known of a copy."""
        self._note(copy)

    def remove(self, key: str) -> None:
        """The copy goes: its note first."""
        copy = self.copies.pop(key, None)
        (self.folder / f"{key}.json").unlink(missing_ok=True)
        if copy is not None:
            self.path(copy).unlink(missing_ok=True)

    def _note(self, copy: Copy) -> None:
        path = self.folder / f"{copy.key}.json"
        fresh = path.with_suffix(".tmp")
        with fresh.open("w", encoding="utf-8") as file:
            json.dump(asdict(copy), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        self._sync_folder()
        self.copies[copy.key] = copy

    def _sync_folder(self) -> None:
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _files(self) -> list[os.DirEntry[str]]:
        """Ours, by their names: the folder may be somebody else's, too."""
        found = [entry for entry in os.scandir(self.folder) if _OURS.fullmatch(entry.name)]
        return [entry for entry in found if entry.is_file(follow_symlinks=False)]

    def _read(self) -> None:
        for entry in self._files():
            copy = _copy_of(Path(entry.path)) if entry.name.endswith(".json") else None
            if copy is not None:
                self.copies[copy.key] = copy
        self.copies = {key: copy for key, copy in self.copies.items() if self.is_whole(key)}
        self.sweep()


def _copy_of(path: Path) -> Copy | None:
    """The copy that a note names; None where it is damaged, or another's."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        copy = Copy(**found) if isinstance(found, Mapping) else None
    except (OSError, ValueError, TypeError):
        return None
    if copy is None or copy.key != path.stem or not str(copy.file).startswith(f"{copy.key}-"):
        return None
    is_plain = _OURS.fullmatch(str(copy.file)) is not None and type(copy.size) is int and isinstance(copy.sha256, str)
    is_dated = type(copy.used) in (int, float) and math.isfinite(copy.used)
    are_words = all(word is None or isinstance(word, str) for word in (copy.etag, copy.last_modified))
    return copy if is_plain and is_dated and are_words else None
