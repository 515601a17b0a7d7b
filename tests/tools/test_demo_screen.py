"""What a person sees of the demo."""

import io
from typing import Any

import pytest

from tools.demo.screen import Look, Screen, event_line

PLAIN = Look(colour=False, blocks=True)


def event(number: int = 5, **fields: Any) -> dict[str, Any]:
    return {
        "eventType": number,
        "referrer": "kiosk://device-001",
        "entryId": "0_welcome1",
        "sessionId": "a",
        "received": 1_795_000_000.0,
        "eventTimestamp": 1_795_000_000.0,
        "currentPoint": 4,
        "duration": 8,
    } | fields


class Terminal(io.StringIO):
    """A terminal that remembers."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Paper(io.StringIO):
    """A pipe with a small alphabet."""

    encoding = "ascii"


def test_event_line_says_who_what_and_how_far() -> None:
    """The line is the demo."""
    assert "device-001 0_welcome1 PLAY_REACHED_50   ████░░░░ 0:04 of 0:08" == event_line(event(), PLAIN)[9:]


def test_event_line_before_the_clip_is_known_keeps_its_columns() -> None:
    """Columns that jump are hard to read."""
    line = event_line(event(2, currentPoint=None), PLAIN)
    assert event_line(event(), PLAIN).index(" of 0:08") == line.index(" of 0:08")


@pytest.mark.parametrize(("number", "bar"), [(3, "░" * 8), (4, "██" + "░" * 6), (6, "█" * 6 + "░░"), (7, "█" * 8)])
def test_bar_shows_the_quarter_that_the_event_names(number: int, bar: str) -> None:
    """A rounded position must not show the end as nearly reached."""
    assert f" {bar} " in event_line(event(number, currentPoint={3: 0, 4: 1, 6: 5, 7: 7}[number]), PLAIN)


def test_event_that_waited_says_how_long() -> None:
    """That is what a queue does, and here it can be seen."""
    assert event_line(event(received=1_795_000_019.4), PLAIN).endswith(" 19 s late")


@pytest.mark.parametrize("number", range(1, 18))
def test_event_line_fits_into_80_columns(number: int) -> None:
    """A console of a small device has no more."""
    assert len(event_line(event(number, received=1_795_000_019.4), PLAIN)) <= 80


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    """Anybody may post to a collector."""
    assert "\x1b" not in event_line(event(entryId="\x1b[2J", referrer="\x07\x9b"), PLAIN)


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """no-color.org; and a log file full of escapes is nobody's friend."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert Screen(Terminal()).look.colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert not Screen(Terminal()).look.colour
    assert not Screen(Paper()).look.colour


def test_small_alphabet_gets_plain_characters() -> None:
    """A C locale must not end the demo with an encoding error."""
    paper = Paper()
    screen = Screen(paper)
    screen.note("1 ≠ 2 · ✓ – ü")
    screen.event(event())
    assert paper.getvalue().startswith("-- 1 != 2 | x - ?\n")
    assert "####...." in paper.getvalue()
    assert paper.getvalue().isascii()


def test_foot_stands_below_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that scroll away are forgotten; in a file they would be noise."""
    monkeypatch.setenv("NO_COLOR", "1")
    terminal, paper = Terminal(), Paper()
    for stream in (terminal, paper):
        screen = Screen(stream)
        screen.foot("keys")
        screen.text("line")
    assert "\r\x1b[Kkeys\r\x1b[Kline\nkeys" == terminal.getvalue()
    assert "line\n" == paper.getvalue()


def test_blank_line_stands_between_two_plays() -> None:
    """One play, one paragraph."""
    paper = Paper()
    screen = Screen(paper)
    for session in "aab":
        screen.event(event(sessionId=session))
    assert ["line", "line", "", "line"] == [line and "line" for line in paper.getvalue().splitlines()]
