"""Numbers in words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.words import ago, count, media_time, moment, plain, size, span, tally
from tests.support.zones import in_zone


def test_texts_from_outside_cannot_drive_the_terminal() -> None:
    """A file name may hold an escape sequence, or bytes that are not UTF-8; both are shown, neither acts."""
    assert plain({"uri": ["a\x1b[2Jb", "caf\udce9", 3, None]}) == {"uri": ["a\\x1b[2Jb", "caf\\xdce9", 3, None]}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0 s", 0), ("59 s", 59.9), ("3 min 5 s", 185), ("12 min", 725), ("3 h 12 min", 11_530), ("2 d 4 h", 187_300)],
)
def test_span_has_its_two_largest_units(text: str, seconds: float) -> None:
    """Nobody wants to read 187300 seconds."""
    assert text == span(seconds)


def test_sizes_and_counts_read_like_prose() -> None:
    """A report is for people."""
    assert ["900 bytes", "4.1 KiB", "256 MiB", "1,204 events", "1 event"] == [
        size(900),
        size(4200),
        size(256 << 20),
        count(1204, "event"),
        count(1, "event"),
    ]


def test_media_times_look_like_a_players() -> None:
    """Everybody knows 1:02:03."""
    assert ["0:42", "1:02:03"] == [media_time(42.9), media_time(3723)]


def test_tally_shows_the_largest_first_and_no_zeroes() -> None:
    """What happened most matters most."""
    assert tally({"expired": 0, "b": 2, "a": 2, "no-entry": 1200}) == "1,200 no-entry, 2 a, 2 b"


def test_ago_says_which_side_of_now() -> None:
    """A clock that was set back makes stamps of the future; the report must not show a negative age."""
    with in_zone("UTC"):
        assert ["10 s ago", "in 10 s", "1970-01-01 00:01:40 UTC"] == [ago(90, 100), ago(110, 100), ago(100, None)]


@given(st.floats(allow_nan=False) | st.just(math.inf))
def test_no_number_of_a_broken_clock_raises(number: float) -> None:
    """`status` must work best where the machine is at its worst."""
    assert all(isinstance(text, str) for text in (span(number), moment(number), media_time(number)))
