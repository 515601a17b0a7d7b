"""What simulated devices remember when their process is killed: a few numbers each, in one mapped file.

Contract: `Memory(path, devices)` opens or makes the file; `Slot` reads and writes one device's numbers.
Rules: a mapped page belongs to the kernel, so what was written outlives SIGKILL (not a power cut: the real agent's
outbox and vault are for that). One writer for each number.
"""

import mmap
import os
import struct
from pathlib import Path

_SLOT = struct.Struct("<dQQ")
_NUMBER = struct.Struct("<Q")


class Slot:
    """One device's numbers: when it began (wall s), how many events are delivered, how often it was started."""

    def __init__(self, memory: mmap.mmap, index: int, *, wall: float) -> None:
        self._memory = memory
        self._at = index * _SLOT.size
        self.began, _, _ = _SLOT.unpack_from(memory, self._at)
        if not self.began:
            self.began = wall
            _SLOT.pack_into(memory, self._at, wall, 0, 0)

    @property
    def delivered(self) -> int:
        """Events that are settled."""
        return int(_NUMBER.unpack_from(self._memory, self._at + 8)[0])

    @delivered.setter
    def delivered(self, number: int) -> None:
        _NUMBER.pack_into(self._memory, self._at + 8, number)

    @property
    def starts(self) -> int:
        """Of the program."""
        return int(_NUMBER.unpack_from(self._memory, self._at + 16)[0])

    @starts.setter
    def starts(self, number: int) -> None:
        _NUMBER.pack_into(self._memory, self._at + 16, number)


def slots(path: Path, devices: int, *, wall: float) -> list[Slot]:
    """The slots of so many devices."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(descriptor, max(1, devices) * _SLOT.size)
        memory = mmap.mmap(descriptor, 0)
    finally:
        os.close(descriptor)
    return [Slot(memory, index, wall=wall) for index in range(devices)]
