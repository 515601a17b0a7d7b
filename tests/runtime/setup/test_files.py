"""Files that are whole after a power cut, with their modes; and files that are gone."""

import os
from pathlib import Path

import pytest

from agent.runtime.setup import files
from tests.support.setups import mode


def test_installed_file_has_its_mode_before_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that everybody could read for a millisecond is a secret no more."""
    path = tmp_path / "app-token"
    seen: list[str] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        seen.append(mode(self))
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", watched)
    old = os.umask(0)
    try:
        files.install(path, b"s3cret\n", mode=0o600)
    finally:
        os.umask(old)
    assert (["600"], b"s3cret\n", "600") == (seen, path.read_bytes(), mode(path))


def test_what_a_power_cut_left_is_not_written_through(tmp_path: Path) -> None:
    """A link in the temporary file's place would have us write somewhere else, with another's permissions."""
    other = tmp_path / "other"
    other.write_text("untouched")
    (tmp_path / "token.new").symlink_to(other)
    files.install(tmp_path / "token", b"new", mode=0o600)
    assert ("untouched", b"new") == (other.read_text(), (tmp_path / "token").read_bytes())


@pytest.mark.parametrize("call", ["fsync", "write", "fchmod"])
def test_a_disk_that_fails_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    """Whole, whichever step it is."""
    path = tmp_path / "kiosk-agent.toml"
    files.install(path, b"old", mode=0o640)

    def failing(*_arguments: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, failing)
    with pytest.raises(OSError, match="No space"):
        files.install(path, b"new", mode=0o640)
    assert b"old" == path.read_bytes()


def test_wiped_file_is_overwritten_before_it_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """FAT only forgets the name: the blocks would still say the token to whoever looks."""
    path = tmp_path / "kiosk-agent.token"
    path.write_bytes(b"s3cret")
    seen: list[bytes] = []
    unlink = Path.unlink

    def watched(self: Path, *, missing_ok: bool = False) -> None:
        seen.append(self.read_bytes())
        unlink(self, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", watched)
    files.wipe(path)
    assert ([bytes(6)], False) == (seen, path.exists())
    assert files.is_wiped(seen[0])
    assert files.is_wiped(b"s3c\0\0\0")
    assert not files.is_wiped(b"s3cret\r\n")


def test_folder_and_file_that_are_there_are_put_right(tmp_path: Path) -> None:
    """Somebody made the folder by hand, for all to read."""
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)
    files.make_folder(folder, mode=files.SECRETS_MODE)
    (folder / "ks").write_text("x")
    files.put_right(folder / "ks", mode=files.SECRET_MODE)
    assert ("700", "600") == (mode(folder), mode(folder / "ks"))


def test_group_is_none_where_the_package_has_made_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the package."""
    monkeypatch.setattr(files, "GROUP", "no-such-group-here")
    assert files.agents_group() is None
    monkeypatch.setattr(files, "GROUP", "root")
    assert 0 == files.agents_group()
