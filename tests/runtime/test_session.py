"""The Kaltura session in a file that somebody else renews."""

import os
from pathlib import Path

import pytest

from agent.runtime.session import LOOK_EVERY_S, SessionFile, SessionWatch

OLD, NEW = "djJ8MTAyfOLDSESSION0123456789", "djJ8MTAyfNEWSESSION0123456789"


def test_session_is_read_and_read_again_when_it_changed(tmp_path: Path) -> None:
    """A cron job renews it; nobody restarts the kiosk for that."""
    path = tmp_path / "ks"
    path.write_text(f"{OLD}\n")
    session = SessionFile(path)
    assert OLD == session.current() == session.current()
    fresh = tmp_path / "ks.new"
    fresh.write_text(NEW)
    fresh.rename(path)
    assert NEW == session.current()


def test_rewrite_in_place_within_one_tick_of_the_clock_is_seen(tmp_path: Path) -> None:
    """A file's time has the kernel's tick, and the first half of a session is no session."""
    path = tmp_path / "ks"
    path.write_text(OLD[:10])
    os.utime(path, ns=(1, 1))
    session = SessionFile(path)
    assert OLD[:10] == session.current()
    path.write_text(OLD)
    os.utime(path, ns=(1, 1))
    assert OLD == session.current()


@pytest.mark.parametrize("spoil", ["removed", "empty", "binary", "two lines", "folder"])
def test_unreadable_file_keeps_the_last_session_and_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: str
) -> None:
    """Without a session the events would count for nobody; with an old one they wait."""
    path = tmp_path / "ks"
    path.write_text(OLD)
    session = SessionFile(path)
    assert OLD == session.current()
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
    assert [OLD] * 3 == [session.current() for _ in range(3)]
    if path.is_dir():
        path.rmdir()
    path.write_text(NEW)
    assert NEW == session.current()
    log = capsys.readouterr().out
    assert (1, 1) == (log.count("session file unreadable"), log.count("session file readable again"))
    assert OLD not in log
    assert NEW not in log


def test_file_that_never_was_gives_no_session(tmp_path: Path) -> None:
    """The service's answer then says what is missing; to raise here would end the agent."""
    assert SessionFile(tmp_path / "none").current() is None


def test_renewed_file_is_noticed_without_a_send(tmp_path: Path) -> None:
    """Delivery is held for minutes after a refused session; whoever writes a new one does not want to wait."""
    path = tmp_path / "ks"
    path.write_text(OLD)
    kicks: list[float] = []
    watch = SessionWatch(path, lambda: kicks.append(1.0))
    watch.look(10.0)
    path.write_text(NEW * 2)
    watch.look(10.0 + LOOK_EVERY_S / 2)
    assert [] == kicks, "looking at each step would cost a system call twice a second"
    watch.look(10.0 + LOOK_EVERY_S)
    watch.look(10.0 + 2 * LOOK_EVERY_S)
    assert [1.0] == kicks
    path.unlink()
    watch.look(10.0 + 3 * LOOK_EVERY_S)
    assert [1.0, 1.0] == kicks
