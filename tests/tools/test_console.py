"""Events for a person."""

import io

import pytest

from tools.standin import console
from tools.standin.event import Event

PLAY: Event = {
    "eventType": 3,
    "referrer": "kiosk://device-001",
    "entryId": "0_abcd1234",
    "sessionId": "12345678-aaaa",
    "currentPoint": 0,
    "duration": 60,
    "received": 0.0,
}


def test_line_says_who_what_and_where() -> None:
    """The demo is watched by people who know no event numbers."""
    words = console.line(PLAY, colour=False).split()
    assert words[1:] == ["kiosk://device-001", "0_abcd1234", "PLAY", "0:00", "of", "1:00", "12345678"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"currentPoint": 12, "duration": 60}, "0:12 of 1:00"),
        ({"currentPoint": 12_000, "duration": 60}, "0:12 of 1:00"),
        ({"currentPoint": 3_700, "duration": 0}, "1:01:40"),
        ({"duration": 60}, "of 1:00"),
        ({}, ""),
        ({"eventType": 17, "currentPoint": 5, "newPoint": 20, "duration": 60}, "0:05 to 0:20 of 1:00"),
        ({"eventType": 17, "currentPoint": 5_000, "newPoint": 200, "duration": 60}, "0:05 to 0:00 of 1:00"),
    ],
)
def test_position_is_read_in_seconds_or_milliseconds(fields: Event, expected: str) -> None:
    """The two vocabularies differ in the unit; a person should not have to care."""
    assert expected == console.position(fields)


def test_text_of_a_client_cannot_drive_the_terminal() -> None:
    """A referrer is whatever somebody sent."""
    assert "\x1b" not in console.line({**PLAY, "referrer": "\x1b[2J", "entryId": "a\nb"}, colour=False)


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes in a file or a pipe are noise."""
    assert not console.wants_colour(io.StringIO())
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert console.wants_colour(terminal)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not console.wants_colour(terminal)
    assert "\x1b[32mPLAY" in console.line(PLAY, colour=True)


def test_event_without_a_number_has_no_name() -> None:
    """The server logs such an event too."""
    assert console.name_of({}) == "(no eventType)"
