"""A stick is full, slow, or gone: then there is no file, and a sentence."""

import errno
import os
from pathlib import Path

import pytest

from agent.runtime.portable.medium import MediumError, plain_name, whole_file


def test_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    """Whoever pulls the stick out too early must not carry half a file home."""
    path = tmp_path / "file"
    with whole_file(path) as file:
        file.write(b"all of it")
        assert not path.exists()
    assert (b"all of it", [path]) == (path.read_bytes(), list(tmp_path.iterdir()))


def test_failure_leaves_what_was_there(tmp_path: Path) -> None:
    """A file that is written again must not be lost by that."""
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with pytest.raises(ValueError, match="other"), whole_file(path) as file:
        file.write(b"half")
        raise ValueError("other")
    assert (b"before", [path]) == (path.read_bytes(), list(tmp_path.iterdir()))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EFBIG, "FAT takes 4 GiB"),
        (errno.EIO, "was pulled out"),
        (errno.ENODEV, "was pulled out"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "cannot be written: permission denied"),
    ],
)
def test_each_failure_has_its_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, text: str) -> None:
    """The person with the stick reads this, not a traceback."""

    def fail(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(MediumError, match=text), whole_file(tmp_path / "file") as file:
        file.write(b"x")
    assert [] == list(tmp_path.iterdir())


def test_folder_that_went_away_is_a_sentence(tmp_path: Path) -> None:
    """The stick was pulled out before anything was written."""
    with pytest.raises(MediumError, match="cannot be written"), whole_file(tmp_path / "gone" / "file"):
        pass


def test_file_system_that_cannot_sync_a_folder_is_good_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some that sticks carry cannot; the file itself is synced."""
    sync = os.fsync

    def fail(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").resolve().is_dir():
            raise OSError(errno.EINVAL, "no")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with whole_file(tmp_path / "file") as file:
        file.write(b"x")
    assert b"x" == (tmp_path / "file").read_bytes()


def test_names_are_those_that_every_file_system_takes() -> None:
    """FAT takes no colon, and a device may be called anything."""
    assert "Lobby-Berlin-1" == plain_name("Lobby: Berlin/1")
    assert 64 == len(plain_name("x" * 500))
