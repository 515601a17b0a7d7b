"""The clocks of a process as a test wants them, changeable while it runs; see shifted_clock/shifted_clock.c.

`Clocks` stands for the machine: its wall clock, its boots, and whether a time server was heard.
"""

import hashlib
import mmap
import os
import shutil
import struct
import subprocess
import tempfile
import time
import uuid
from pathlib import Path

import pytest

_SOURCE = Path(__file__).parent / "shifted_clock" / "shifted_clock.c"
_FOLDER = Path(tempfile.gettempdir(), f"kiosk-agent-clocks-{os.getuid()}")
_SHIFTS = struct.Struct("<qqq")
_NS = 1_000_000_000

needs_compiler = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc makes the library that shifts the clock")


def library() -> Path:
    """The compiled library; made once for each version of its source."""
    path = _FOLDER / f"{hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:16]}.so"
    if not path.exists():
        _FOLDER.mkdir(mode=0o700, exist_ok=True)
        part = path.with_suffix(f".{uuid.uuid4()}")
        flags = ["-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror"]
        subprocess.run(["gcc", *flags, "-o", str(part), str(_SOURCE)], check=True)
        part.replace(path)
    return path


class Clocks:
    """`true` is the wall time that would be right: the real one, and however long the machine was without power."""

    def __init__(self, folder: Path) -> None:
        self._boot_id = folder / "boot_id"
        path = folder / "clocks"
        path.write_bytes(bytes(_SHIFTS.size))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self._wall = self._boottime = 0.0
        self._dark = 0.0
        self._is_synchronised = False
        self.environment = {
            "LD_PRELOAD": str(library()),
            "SHIFTED_CLOCK": str(path),
            "SHIFTED_BOOT_ID": str(self._boot_id),
        }
        self.boot()

    @property
    def true(self) -> float:
        """The right wall time at this moment."""
        return time.time() + self._dark

    def boot(self, *, after: float = 0.0, up: float = 130.0) -> None:
        """Another boot, `after` seconds without power; its boot-time clock reads `up`, and no time server was heard.

        By default the two minutes are over in which a fresh boot waits for its clock.
        """
        self._dark += after
        self._boot_id.write_text(f"{uuid.uuid4()}\n")
        self._boottime = up - time.clock_gettime(time.CLOCK_BOOTTIME)
        self._is_synchronised = False
        self._write()

    def reads(self, wall: float) -> None:
        """The wall clock is stepped to `wall`, by whom nobody knows."""
        self._wall = wall - time.time()
        self._is_synchronised = False
        self._write()

    def synchronise(self, *, wrong_by: float = 0.0) -> None:
        """A time server answers."""
        self._wall = self._dark + wrong_by
        self._is_synchronised = True
        self._write()

    def _write(self) -> None:
        shifts = (round(self._wall * _NS), round(self._boottime * _NS), int(self._is_synchronised))
        self._map[:] = _SHIFTS.pack(*shifts)
