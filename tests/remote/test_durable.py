"""A small file is old or new, and whole."""

import os
import stat
from pathlib import Path

import pytest

from agent.remote import durable


def test_content_replaces_what_was_there_and_is_the_owners_alone(tmp_path: Path) -> None:
    """Documents may hold what not every user of a machine should read."""
    path = tmp_path / "fleet.json"
    path.write_bytes(b"old and longer")
    durable.write(path, b"new")
    assert b"new" == path.read_bytes()
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert [path] == list(tmp_path.iterdir())


def test_order_is_write_sync_rename_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other order can leave an empty file behind after a power cut."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else f"file of {os.fstat(descriptor).st_size}"
        steps.append(f"sync {kind}")
        fsync(descriptor)

    def replaced(self: Path, target: Path) -> Path:
        steps.append(f"rename to {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", replaced)
    durable.write(tmp_path / "fleet.json", b"12345")
    assert ["sync file of 5", "rename to fleet.json", "sync folder"] == steps


def test_failure_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk must not take the last good configuration with it."""
    path = tmp_path / "fleet.json"
    durable.write(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        durable.write(path, b"new")
    assert b"old" == path.read_bytes()
