"""The kinds of value."""

import math
from datetime import date
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.addresses import MediaUri, Proxy, SecretFile, ServiceUrl
from agent.config.kinds import (
    Choice,
    Flag,
    Kind,
    MisfitError,
    MisfitsError,
    Number,
    Several,
    Text,
    Whole,
    either,
    quoted,
)
from agent.config.words import DeviceId, EntryId, Hours, Moment, Pattern, Template, VlcOption


class Colour(Enum):
    RED = "red"
    GREEN = "green"
    ALWAYS = True
    TWO = 2


@pytest.mark.parametrize(
    ("expected", "kind", "value"),
    [
        ("x", Text(), "x"),
        (5, Whole(0, 5), 5),
        (5.0, Number(0, 5), 5),
        (0.5, Number(0, 5), 0.5),
        (True, Flag(), True),
        (Colour.RED, Choice(Colour), "red"),
        (Colour.ALWAYS, Choice(Colour), True),
        (Colour.TWO, Choice(Colour), 2),
        ((1, 2), Several(Whole(0, 5), 2), [1, 2]),
        (("x",), Several(Text(), 2, lone=True), "x"),
    ],
)
def test_fitting_value_is_read(expected: object, kind: Kind, value: object) -> None:
    """What the file says is what the agent works with."""
    found = kind.read(value)
    assert expected == found
    assert type(expected) is type(found)


@pytest.mark.parametrize(
    ("message", "kind", "value"),
    [
        ('found ""; a text of 1 to 200 characters', Text(), ""),
        ("found 5; a text of 1 to 200 characters", Text(), 5),
        ('found "abc"; a word of 1 to 2 characters', Text("a word", 2), "abc"),
        ('found "a�b"; a text of 1 to 200 characters', Text(), "a\nb"),
        ("found 6; a whole number from 0 to 5", Whole(0, 5), 6),
        ("found 5.0; a whole number from 0 to 5", Whole(0, 5), 5.0),
        ("found true; a whole number from 0 to 5", Whole(0, 5), True),
        ('found "5"; a whole number from 0 to 5', Whole(0, 5), "5"),
        ("found nan; a number from 0 to 5", Number(0, 5), math.nan),
        ("found inf; a number from 0 to 5", Number(0, 5), math.inf),
        ("found false; a number from 0 to 5", Number(0, 5), False),
        ("found 1; true or false", Flag(), 1),
        ('found "blue"; "red", "green", true or 2', Choice(Colour), "blue"),
        ("found a table; a list of at most 2, each true or false", Several(Flag(), 2), {}),
        ("found a list; a list of at most 2, each true or false", Several(Flag(), 2), [True] * 3),
    ],
)
def test_misfit_says_what_was_found_and_what_is_allowed(message: str, kind: Kind, value: object) -> None:
    """Each of these is what somebody reads at the foot of a screen on a wall."""
    with pytest.raises(MisfitError) as raised:
        kind.read(value)
    assert message == f"{raised.value.what}; {raised.value.allowed}"


def test_misspelt_choice_is_suggested() -> None:
    """A slip in a word of an enumeration is the likeliest fault of all."""
    with pytest.raises(MisfitError) as raised:
        Choice(Colour).read("Grene")
    assert '"green"' == raised.value.suggestion


def test_number_may_be_nothing_at_all_or_enough() -> None:
    """A pace of one event an hour would stop the queue, and 0 means no limit."""
    kind = Number(1, 5, zero=True)
    assert [0.0, 1.0, 5.0] == [kind.read(value) for value in (0, 1, 5)]
    for value in (0.5, -1, 6, False, 10**400, -(10**400), float("nan")):
        with pytest.raises(MisfitError) as raised:
            kind.read(value)
        assert "0 or a number from 1 to 5" == raised.value.allowed
    assert kind.schema()["anyOf"][0] == {"const": 0}


def test_half_a_character_is_no_text() -> None:
    """JSON can hold it; no file name, no address and no message can."""
    for kind in (Text(), MediaUri(), VlcOption(":", ":x")):
        with pytest.raises(MisfitError):
            kind.read(":a\ud800")


def test_each_bad_element_of_a_list_is_told() -> None:
    """All problems at once, also inside one list."""
    with pytest.raises(MisfitsError) as raised:
        Several(Whole(0, 5), 9).read([1, 9, "x", 5])
    assert [(1, "found 9"), (2, 'found "x"')] == [(index, misfit.what) for index, misfit in raised.value.each]


def test_list_that_is_wrong_throughout_is_told_by_its_first_elements() -> None:
    """Whoever wrote it mends all of it."""
    with pytest.raises(MisfitsError) as raised:
        Several(Whole(0, 5), 100).read(["x"] * 50)
    assert 20 == len(raised.value.each)
    assert "what follows was not looked at" in raised.value.each[-1][1].what


def test_quoted_value_is_masked_and_bounded() -> None:
    """A message goes to a log; a value may be a megabyte, or a password."""
    assert '"rtsp://***@h"' == quoted("rtsp://u:p@h")
    assert f'"{"x" * 60}…"' == quoted("x" * 61)
    assert "a number of very many digits" == quoted(10**100)
    assert "2026-12-24" == quoted(date(2026, 12, 24))
    assert "nothing" == quoted(None)
    # Its first letters may be half of a password.
    assert "a text of 5003 characters" == quoted("a://" + "x" * 4999)
    assert '"�"' == quoted("\ud800")


def test_alternatives_read_as_a_sentence() -> None:
    """They stand in messages."""
    assert ["a", "a or b", "a, b or c"] == [either("a"), either("ab"), either("abc")]


KINDS: list[Any] = [
    *(Text(), Whole(0, 9), Number(0, 9), Flag(), Choice(Colour), Several(Hours(), 3, lone=True), Several(Text(), 2)),
    *(ServiceUrl(), Proxy(), MediaUri(), SecretFile(), DeviceId(), EntryId(), Hours(), Moment(), Pattern()),
    *(Template(("a.b",), 50), VlcOption("--", "--x"), VlcOption(":", ":x")),
]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.sampled_from(KINDS), anything | st.from_regex(r"(https?|rtsp|file)://[a-z:@/\[\]?#%0-9]*"))
def test_any_value_is_read_or_is_a_misfit(kind: Kind, value: object) -> None:
    """A hostile document must not end the agent with an exception that nobody expects."""
    try:
        kind.read(value)
    except (MisfitError, MisfitsError) as misfit:
        assert misfit.args


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: type(kind).__name__)
def test_kind_describes_itself(kind: Kind) -> None:
    """Example, schema and documentation are made of it."""
    assert kind.allowed
    assert kind.schema().keys() & {"type", "enum", "anyOf"}
