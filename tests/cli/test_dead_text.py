"""Dead letters in words."""

from typing import Any

import click

from agent.cli import dead_text

EVENT: dict[str, Any] = {
    "sequence": 42,
    "identity": {"generation": "0f0c0a52", "sequence": 40},
    "kind": "seeked",
    "wall": 1_795_000_000.0,
    "synced": True,
    "frozen_time": 1_795_000_000.0,
    "session_id": "5f0c0a52",
    "entry_id": None,
    "media_uri": "file:///srv/a.mp4",
    "referrer": "kiosk://device-001",
    "fact": {"head": {"position": 5.0}, "target": 65.0},
}
LETTER: dict[str, Any] = {
    "number": 3,
    "sink": "stats.collect",
    "part": 1,
    "message": "SEEK",
    "code": "INVALID_ENUM_VALUE",
    "answer": 'Invalid enumeration value "99"',
    "attempts": 2,
    "fields": {"eventType": "17", "newPoint": "65"},
    "event": EVENT,
}


def text(lines: list[str]) -> str:
    return click.unstyle("\n".join(lines))


def test_line_of_a_letter_says_what_was_refused_and_why() -> None:
    """grep for a code finds every letter of it."""
    (line, hint) = dead_text.letters({"letters": [LETTER], "total": 1})
    for words in ("     3  ", "stats.collect", "SEEK", "INVALID_ENUM_VALUE", "no entry"):
        assert words in click.unstyle(line)
    assert "queue dead show" in hint


def test_more_than_is_shown_is_said() -> None:
    """A cut list must not look whole."""
    assert "4 more" in text(dead_text.letters({"letters": [LETTER], "total": 5}))


def test_page_of_a_letter_has_all_that_somebody_needs_to_decide() -> None:
    """The server's words, the identity, the session, the times, the tries and what was sent."""
    shown = text(dead_text.details(LETTER))
    for words in (
        'Invalid enumeration value "99"',
        "answered with an error 2 times",
        "seeked to 1:05 at 0:05",
        "event 40 of generation 0f0c0a52, part 1",
        "session 5f0c0a52",
        "newPoint         65",
        "kiosk://device-001",
        " exact",
    ):
        assert words in shown


def test_doubtful_time_is_called_so() -> None:
    """An estimated time is the reason for many a refusal, and the reader's first question."""
    doubtful = {**EVENT, "synced": False}
    assert "estimated" in text(dead_text.details({**LETTER, "event": doubtful}))
    unsent = {**doubtful, "frozen_time": None}
    shown = text(dead_text.details({**LETTER, "event": unsent}))
    assert ("not synchronised" in shown, "estimated" in shown) == (True, False)
    moved = {**EVENT, "frozen_time": EVENT["wall"] + 5}
    assert "moved behind the event before it" in text(dead_text.details({**LETTER, "event": moved}))


def test_letter_of_an_earlier_version_has_a_page() -> None:
    """It was refused before its fields were kept."""
    old = {key: value for key, value in LETTER.items() if key not in ("fields", "attempts")}
    assert "not known" in text(dead_text.details(old))


def test_servers_words_cannot_drive_the_terminal() -> None:
    """A captive portal writes what it likes."""
    hostile = {**LETTER, "answer": "\x1b[2Jgone", "fields": {"referrer": "\x1b[2J"}}
    assert "\x1b[2J" not in "\n".join(
        dead_text.details(hostile) + dead_text.letters({"letters": [hostile], "total": 1})
    )
