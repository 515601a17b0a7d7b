"""What memory alone has is noted as long as the disk takes it."""

from pathlib import Path

import pytest

from agent.remote import durable
from agent.runtime.stake import NAME, Note, clear, read


def test_newest_number_stands_and_is_forgotten_when_it_is_counted(tmp_path: Path) -> None:
    """A start that counted the same loss twice would have the books tell of events that never were."""
    assert read(tmp_path) is None
    note = Note(tmp_path)
    for events in (0, 3, 2):
        note.put(events)
    assert 2 == read(tmp_path)
    clear(tmp_path)
    assert read(tmp_path) is None


def test_disk_that_fails_once_is_asked_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each try at a dying card may hold the main loop for half a minute, and the kiosk does not react."""
    tries: list[bytes] = []

    def fail(path: Path, content: bytes) -> None:
        tries.append(content)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(durable, "write", fail)
    note = Note(tmp_path)
    for events in (1, 2, 3):
        note.put(events)
    assert [b"1\n"] == tries


@pytest.mark.parametrize("text", [b"", b"many", b"-4", b"\xff\x00"])
def test_note_that_makes_no_sense_says_that_there_was_one(tmp_path: Path, text: bytes) -> None:
    """The disk was broken when it was written."""
    (tmp_path / NAME).write_bytes(text)
    assert 0 == read(tmp_path)
