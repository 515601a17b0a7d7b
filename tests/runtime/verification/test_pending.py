"""The file that remembers a test play."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from agent.runtime.verification.pending import FORMAT, Pending, PendingError, read, rewrite, write
from agent.sinks.kaltura.report import Window

PENDING = Pending("http://kaltura", 102, "0_a", "session", 1000.5, None, Window(0, 3599), {"count_plays": 0})


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """The wait goes on where it was, after the Ctrl-C."""
    path = write(PENDING, tmp_path)
    assert PENDING == read(path)
    assert stat.S_IRUSR | stat.S_IWUSR == stat.S_IMODE(path.stat().st_mode)
    moved = Pending("http://kaltura", 102, "0_a", "session", 1001.0, -3.0, Window(0, 3599), {})
    rewrite(path, moved)
    assert moved == read(path)


def test_two_test_plays_have_two_files(tmp_path: Path) -> None:
    """Two kiosks, one operator."""
    assert write(PENDING, tmp_path) != write(PENDING, tmp_path)


GOOD: dict[str, Any] = {
    "format": FORMAT,
    "service_url": "http://kaltura",
    "partner_id": 102,
    "entry_id": "0_a",
    "session_id": "session",
    "sent_at": 1,
    "skew": None,
    "window": {"start": 0, "end": 1},
    "baseline": {},
}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is no test play"),
        (json.dumps({**GOOD, "format": "kiosk-agent verify 9"}), "is of another version"),
        (json.dumps({**GOOD, "format": 1}), "is no test play"),
        (json.dumps({**GOOD, "window": {"start": 0}}), "is no test play"),
        (json.dumps({**GOOD, "baseline": {"count_plays": "many"}}), "is no test play"),
        (json.dumps({**GOOD, "sent_at": None}), "is no test play"),
    ],
)
def test_file_that_is_none_of_ours_is_refused_with_its_name(tmp_path: Path, text: str, why: str) -> None:
    """A slip in the command line must not end in a traceback."""
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(PendingError, match=why):
        read(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    """It is gone once something was said."""
    with pytest.raises(PendingError, match="cannot be read: no such file"):
        read(tmp_path / "gone")
