"""Numbers, moments and foreign texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.words import count, listed, moment, of_level, plain, span


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("ev\\x1b[2Jil", "ev\x1b[2Jil"),
        ("a\\u202eb", "a\u202eb"),
        ("\\x9b1m", "\x9b1m"),
        ("Grüße 東京", "Grüße 東京"),
    ],
)
def test_text_of_a_device_moves_no_cursor(shown: str, text: str) -> None:
    """A device's name is written by whoever holds the device, and read on an operator's terminal."""
    assert shown == plain(text)
    assert {"k": [shown]} == plain({"k": [text]})


@given(st.text())
def test_plain_text_is_printable_whatever_came(text: str) -> None:
    """One character that was forgotten is enough."""
    assert not any(ord(each) < 32 or 127 <= ord(each) < 160 for each in plain(text))


@pytest.mark.parametrize(
    ("shown", "seconds"),
    [
        ("0 s", -5),
        ("59 s", 59.9),
        ("3 min", 185),
        ("2 h 30 min", 9000),
        ("1,157 d 9 h", 1e8),
        ("11,574,074 d 1 h", 1e300),
    ],
)
def test_durations_have_two_units(shown: str, seconds: float) -> None:
    """Ages of hours and of months stand in the same column."""
    assert shown == span(seconds)


def test_impossible_moment_is_said_to_be_one() -> None:
    """A device may report any number for a time."""
    assert "an impossible time" == moment(1e300)
    assert "2027" in moment(1_800_000_000)


def test_counts_and_lists_are_for_people() -> None:
    """A thousand names help nobody."""
    assert ("1 device", "1,204 devices") == (count(1, "device"), count(1204, "device"))
    assert ("a, b", "a, b and 2 more") == (listed(["a", "b"]), listed(["a", "b", "c", "d"], most=2))


def test_problem_names_its_level_once() -> None:
    """What a document says wrong comes with its name and revision; what is wrong with the message itself does not."""
    assert ["fleet@3: bad", "fleet: was given back"] == of_level("fleet", ["fleet@3: bad", "was given back"])
