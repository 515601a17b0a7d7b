"""What a power cut can leave of the files that a recording wrote.

Contract: `Disk` is told the operations one by one; `states` gives contents that the disk may have after a cut at this
moment, each with the name of its kind. The same seed gives the same states.
Rules, of a disk and a file system that keep their promises and no more:
- What a file's fsync returned for is there; what came since may be there or not, each write and resize by itself, in
  any order, a write in parts (torn at 512-byte sectors and at 4 KiB blocks), or its size without its data (zeros).
- Names (made, renamed, removed) last from the folder's fsync on; those since may be there or not, but none that
  builds upon one that is not.
- Flash may turn the one 4 KiB block that it was writing into garbage, neighbours included.
`honest=False` is the disk that takes an fsync for nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from tests.crash.recording import Mark, Operation, Rename, Resize, Sync, SyncFolder, Write

SECTOR = 512
BLOCK = 4096

LATEST = 8

T = TypeVar("T")

State = Mapping[str, bytes]
Change = Write | Resize | Rename


class Disk:
    """The disk at one moment of a recording. `before`: what was durable at the start."""

    def __init__(self, before: Mapping[str, bytes], *, honest: bool = True) -> None:
        self._names = {name: number for number, name in enumerate(before)}
        self._contents = dict(enumerate(before.values()))
        self._honest = honest
        self.pending: list[Change] = []

    def advance(self, operation: Operation) -> None:
        """This happens."""
        match operation:
            case Write() | Resize() | Rename():
                self.pending.append(operation)
            case Sync(file):
                self._settle(lambda change: not isinstance(change, Rename) and change.file == file)
            case SyncFolder(folder):
                self._settle(lambda change: isinstance(change, Rename) and folder in _folders(change))
            case Mark():
                pass

    def state(self, changes: Sequence[Change]) -> dict[str, bytes]:
        """The files, where of all that is pending only `changes` came to the disk."""
        names, contents = self._applied(changes)
        return {name: contents.get(file, b"") for name, file in names.items()}

    def states(self, random: Random, most: int) -> Iterator[tuple[str, State]]:
        """About `most` contents: all that was written; nothing since the fsyncs; and more at random.

        Names change seldom and matter much: each of the latest is left out once, beyond the number.
        """
        yield "prefix", self.state(self.pending)
        for index, change in enumerate(self.pending):
            if most > 1 and isinstance(change, Rename) and index >= len(self.pending) - LATEST:
                yield "one name dropped", self._without(index)
        if self.pending and most > 1:
            yield "unsynced dropped", self.state([])
        for _ in range(most - 2 if self.pending else 0):
            kind, make = random.choice(KINDS)
            found = make(self, random)
            if found is not None:
                yield kind, found

    def _settle(self, lasts: Callable[[Change], bool]) -> None:
        if self._honest:
            self._names, self._contents = self._applied([change for change in self.pending if lasts(change)])
            self.pending = [change for change in self.pending if not lasts(change)]

    def _applied(self, changes: Sequence[Change]) -> tuple[dict[str, int], dict[int, bytes]]:
        names, contents = dict(self._names), dict(self._contents)
        open_files: dict[int, bytearray] = {}
        for change in changes:
            if isinstance(change, Rename):
                names.pop(change.gone, None)
                if change.made:
                    names[change.made] = change.file
                continue
            content = open_files.get(change.file)
            if content is None:
                content = open_files[change.file] = bytearray(contents.get(change.file, b""))
            if isinstance(change, Write):
                _grow(content, change.offset + len(change.data))
                content[change.offset : change.offset + len(change.data)] = change.data
            else:
                _grow(content, change.size)
                if not change.grows_only:
                    del content[change.size :]
        return names, contents | {file: bytes(content) for file, content in open_files.items()}

    # Kinds of states; each None where there is nothing to spoil.

    def dropped(self, random: Random) -> State | None:
        """All but one."""
        lost = _chosen(random, range(len(self.pending)))
        return self._without(lost)

    def alone(self, random: Random) -> State | None:
        """One overtook all others."""
        first = _chosen(random, range(len(self.pending)))
        return self.state(_possible(self.pending, [index == first for index in range(len(self.pending))]))

    def reordered(self, random: Random) -> State | None:
        """Any of them."""
        share = random.random()
        return self.state(_possible(self.pending, [random.random() < share for _ in self.pending]))

    def torn(self, random: Random) -> State | None:
        """A write in parts, with those before it and any of those after it."""
        unit = random.choice((SECTOR, BLOCK))
        found = self._one_write(random, lambda write: write.offset // unit != (_end(write) - 1) // unit)
        if found is None:
            return None
        index, write = found
        parts = [part for part in _pieces(write, unit) if random.random() < 0.5]
        return self.state([*self.pending[:index], *parts, *self._some_after(index, random)])

    def sized(self, random: Random) -> State | None:
        """The size of a write came to the disk and its data did not."""
        found = self._one_write(random, lambda write: _end(write) > len(self._contents.get(write.file, b"")))
        if found is None:
            return None
        index, write = found
        grown = Resize(write.file, _end(write), grows_only=True)
        return self.state([*self.pending[:index], grown, *self._some_after(index, random)])

    def garbage(self, random: Random) -> State | None:
        """The block that was being written is noise."""
        found = self._one_write(random, lambda _: True)
        if found is None:
            return None
        index, write = found
        start = random.randrange(write.offset // BLOCK, (_end(write) - 1) // BLOCK + 1) * BLOCK
        made = [*self.pending[:index], write]
        _, contents = self._applied(made)
        size = min(BLOCK, len(contents[write.file]) - start)
        return self.state([*made, Write(write.file, start, random.randbytes(size))])

    def _without(self, lost: int) -> State:
        return self.state(_possible(self.pending, [index != lost for index in range(len(self.pending))]))

    def _one_write(self, random: Random, fits: Callable[[Write], bool]) -> tuple[int, Write] | None:
        found = [(index, each) for index, each in enumerate(self.pending) if isinstance(each, Write) and fits(each)]
        return _chosen(random, found) if found else None

    def _some_after(self, index: int, random: Random) -> list[Change]:
        after = self.pending[index + 1 :]
        share = random.choice((0.0, 0.5, 1.0))
        return _possible(after, [random.random() < share for _ in after])


KINDS: Sequence[tuple[str, Callable[[Disk, Random], State | None]]] = (
    ("one write dropped", Disk.dropped),
    ("one write alone", Disk.alone),
    ("reordered", Disk.reordered),
    ("torn", Disk.torn),
    ("size without data", Disk.sized),
    ("garbage", Disk.garbage),
)


def _chosen(random: Random, found: Sequence[T]) -> T:
    """Mostly one of the latest: the earlier ones are files that nobody ever makes durable, such as the lock's."""
    return random.choice(found[-LATEST:] if random.random() < 0.8 else found)


def _possible(changes: Sequence[Change], kept: Sequence[bool]) -> list[Change]:
    """Those of `changes` that were `kept`, without names that build upon one that was not."""
    made: list[Change] = []
    missing: set[str] = set()
    for change, is_kept in zip(changes, kept, strict=True):
        if isinstance(change, Rename):
            touched = {change.gone, change.made} - {""}
            if not is_kept or touched & missing:
                missing |= touched
                continue
        elif not is_kept:
            continue
        made.append(change)
    return made


def _pieces(write: Write, unit: int) -> Iterator[Write]:
    """A write in parts that the disk writes whole."""
    at = write.offset
    while at < _end(write):
        end = min((at // unit + 1) * unit, _end(write))
        yield replace(write, offset=at, data=write.data[at - write.offset : end - write.offset])
        at = end


def _folders(change: Rename) -> set[str]:
    return {name.rpartition("/")[0] for name in (change.gone, change.made) if name}


def _end(write: Write) -> int:
    return write.offset + len(write.data)


def _grow(content: bytearray, size: int) -> None:
    if len(content) < size:
        content += bytes(size - len(content))
