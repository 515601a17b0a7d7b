"""The file for node_exporter."""

from pathlib import Path

import pytest

from agent.runtime.metrics.textfile import write


def test_file_is_whole_readable_for_others_and_leaves_nothing_beside(tmp_path: Path) -> None:
    """node_exporter has a user of its own, and may look at any moment."""
    path = tmp_path / "kiosk.prom"
    for text in ("first\n", "second\n"):
        write(path, text)
        assert (text, 0o644) == (path.read_text(), path.stat().st_mode & 0o777)
    assert [path] == list(tmp_path.iterdir())


def test_leftover_of_a_kill_is_no_hindrance(tmp_path: Path) -> None:
    """Power goes at any moment; a link that somebody put there leads nowhere."""
    (tmp_path / ".kiosk.prom.new").symlink_to(tmp_path / "victim")
    write(tmp_path / "kiosk.prom", "x\n")
    assert not (tmp_path / "victim").exists()
    assert "x\n" == (tmp_path / "kiosk.prom").read_text()


def test_folder_that_is_not_there_is_an_error_to_be_told(tmp_path: Path) -> None:
    """The caller logs it once."""
    with pytest.raises(OSError):
        write(tmp_path / "no" / "kiosk.prom", "x")
