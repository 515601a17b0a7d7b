"""A secret in a file that somebody else renews."""

import os
from pathlib import Path

import pytest

from agent.kernel.verdict import Cause, Held
from agent.runtime.logs import clean
from agent.runtime.secretfile import KeptSecret

OLD, NEW = "b0f698cd102f347210d41c9009de1999", "7aa8ca47c6c1a4b7c33cdddd5d3a8ae1"
SETTING = "kaltura.session.app_token_file"


def test_secret_is_read_and_read_again_when_it_changed(tmp_path: Path) -> None:
    """Whoever renews it does not restart the kiosk for that."""
    path = tmp_path / "token"
    path.write_text(f"{OLD}\n")
    kept = KeptSecret(path, SETTING)
    assert OLD == kept.read() == kept.read()
    fresh = tmp_path / "token.new"
    fresh.write_text(NEW)
    fresh.rename(path)
    assert NEW == kept.read()


def test_secret_is_hidden_in_every_line_from_then_on(tmp_path: Path) -> None:
    """A token of 32 hexadecimal digits looks like no secret; whoever quotes it in an error does not know."""
    path = tmp_path / "token"
    path.write_text("0123456789abcdef0123456789abcdef")
    KeptSecret(path, SETTING).read()
    assert "crashed with ***" == clean("crashed with 0123456789abcdef0123456789abcdef")


def test_rewrite_in_place_within_one_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    """A file's time has the kernel's tick, and the first half of a secret is no secret."""
    path = tmp_path / "token"
    path.write_text(OLD[:10])
    os.utime(path, ns=(1, 1))
    kept = KeptSecret(path, SETTING)
    assert OLD[:10] == kept.read()
    path.write_text(OLD)
    os.utime(path, ns=(1, 1))
    assert OLD == kept.read()


@pytest.mark.parametrize("spoil", ["removed", "empty", "binary", "two lines", "folder"])
def test_unreadable_file_keeps_the_last_secret_and_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: str
) -> None:
    """With an old session events wait; a token that was good a minute ago most likely still is."""
    path = tmp_path / "token"
    path.write_text(OLD)
    kept = KeptSecret(path, SETTING)
    assert OLD == kept.read()
    match spoil:
        case "removed":
            path.unlink()
        case "empty":
            path.write_text(" \n")
        case "binary":
            path.write_bytes(b"\xff\xfe\x00" + NEW.encode())
        case "two lines":
            path.write_text(f"{NEW}\n{NEW}\n")
        case _:
            path.unlink()
            path.mkdir()
    assert [OLD] * 3 == [kept.read() for _ in range(3)]
    if path.is_dir():
        path.rmdir()
    path.write_text(NEW)
    assert NEW == kept.read()
    log = capsys.readouterr().out
    assert (1, 1) == (log.count("secret's file unreadable"), log.count("secret's file readable again"))
    assert OLD not in log
    assert NEW not in log


def test_file_that_never_was_holds_and_names_the_setting_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The path may be the token itself, pasted where its file's name belongs."""
    held = KeptSecret(tmp_path / OLD, SETTING).read()
    text = f"no session: the file of {SETTING} cannot be read: no such file or directory"
    assert Held(Cause.SESSION, text, answered=False) == held
    assert OLD not in capsys.readouterr().out
