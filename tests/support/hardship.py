"""Machines in a bad state, for tests: a small disk, a read-only one, permissions that hold for root too.

Each skips the test, with the reason, on a machine that does not allow it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Root reads and writes everything by these two capabilities; without them a file's mode counts for root as well.
_OVERRIDE = "--bounding-set=-dac_override,-dac_read_search"


def under_permissions() -> tuple[str, ...]:
    """A command's beginning with which file permissions hold, whoever runs the tests."""
    if os.geteuid() != 0:
        return ()
    found = shutil.which("setpriv")
    if found is None or subprocess.run([found, _OVERRIDE, "true"], capture_output=True, timeout=60).returncode:
        pytest.skip("the tests run as root, and setpriv cannot take its power over file permissions away")
    return (found, _OVERRIDE)


@contextmanager
def small_disk(folder: Path, *, kibibytes: int) -> Iterator[Path]:
    """A file system of this size, mounted at `folder`, which is created."""
    folder.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={kibibytes}k", "kiosk-test", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True, timeout=60)


def make_read_only(disk: Path) -> None:
    """Let a `small_disk` refuse to be written, as a worn-out SD card does."""
    _mount("-o", "remount,ro", str(disk))


def fill(disk: Path) -> Path:
    """Leave no byte free on `disk`; the file that takes the space."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (65_536, 4096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return filler


def _mount(*arguments: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can mount the file system that this test needs")
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, timeout=60)
    if done.returncode:
        pytest.skip(f"mount is not allowed here: {done.stderr.strip()}")
