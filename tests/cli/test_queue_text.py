"""The answers of `queue` in words."""

from typing import Any

import click
import pytest

from agent.cli import queue_text

EVENT: dict[str, Any] = {
    "sequence": 42,
    "kind": "seeked",
    "wall": 1_795_000_000.0,
    "synced": False,
    "entry_id": None,
    "fact": {"head": {"position": 5.0}, "target": 65.0},
    "waits_for": ["stats.collect"],
}


def text(lines: list[str]) -> str:
    return click.unstyle("\n".join(lines))


def test_line_of_an_event_says_what_where_and_what_is_doubtful() -> None:
    """A wrong clock or a missing entry is usually the answer to the question."""
    line = text([queue_text.event_line(EVENT)])
    for words in ("42", "seeked to 1:05 at 0:05", "~", "no entry", "→ stats.collect"):
        assert words in line


@pytest.mark.parametrize(
    ("kind", "fact", "words"),
    [
        ("engaged", {"deed": "share-opened", "head": {"position": 12.0}}, "engaged share-opened at 0:12"),
        ("page", {"page_type": "lobby", "page_name": "welcome"}, "page welcome"),
        ("page", {"page_type": "lobby", "page_name": None}, "page lobby"),
        ("button", {"page_name": "welcome", "button_name": "register"}, "button register"),
        ("custom", {"name": "quiz", "number": 10005}, "custom quiz"),
        ("spot-started", {"role": "preroll", "head": {"position": None}}, "spot-started preroll"),
    ],
)
def test_line_names_what_the_application_told(kind: str, fact: dict[str, Any], words: str) -> None:
    """Five lines that all say `engaged` help nobody to find the one that was refused."""
    assert words == queue_text.happening({"kind": kind, "fact": fact})


def test_event_of_a_later_version_still_has_a_line() -> None:
    """Its fact may be anything."""
    for fact in (None, "text", [1], {"head": None}):
        assert "seeked" in queue_text.event_line({**EVENT, "fact": fact})


def test_doubtful_times_are_explained_once() -> None:
    """A sign that nobody explains is noise."""
    assert "not synchronised" in text(queue_text.events({"events": [EVENT], "total": 1}))
    assert "not synchronised" not in text(queue_text.events({"events": [{**EVENT, "synced": True}], "total": 1}))


def test_more_than_is_shown_is_said() -> None:
    """A cut list must not look whole."""
    assert "9 more" in text(queue_text.events({"events": [EVENT], "total": 10}))


def test_details_leave_out_what_is_not_set_and_indent_the_rest() -> None:
    """A page of empty fields hides the one that matters."""
    lines = queue_text.details({"a": None, "b": {}, "fact": {"head": {"position": 5}}, "wall": 0.0})
    assert ["fact", "  head"] == lines[:2]
    assert lines[2].split() == ["position", "5"]
    assert "1970" in lines[3] or "1969" in lines[3]


def test_hostile_text_cannot_drive_the_terminal() -> None:
    """Names of files and answers of servers are shown."""
    assert "\x1b[2J" not in text(queue_text.details({"answer": "\x1b[2J"}))
    assert "\x1b[2J" not in "\n".join(queue_text.events({"events": [{**EVENT, "entry_id": "\x1b[2J"}], "total": 1}))
