"""PHP's reading of forms and its casts, beyond what the recorded cases show."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.standin import php


def test_form_with_brackets_nests() -> None:
    """An event sent as the guide shows arrives as one array."""
    assert php.parse_form("event[eventType]=3&event%5Bx%5D[y]=1", max_input_vars=10) == {
        "event": {"eventType": "3", "x": {"y": "1"}}
    }


def test_form_beyond_the_limit_is_cut_silently() -> None:
    """The hazard of large batches: nobody is told that variables were dropped."""
    assert php.parse_form("a=1&b=2&c=3", max_input_vars=2) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b c=1", {"a_b_c": "1"}),
        ("a[]=1&a[]=2", {"a": {"0": "1", "1": "2"}}),
        ("a[b=1", {"a_b": "1"}),
        ("a[b]c=1", {"a": {"b": "1"}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("&&a", {"a": ""}),
        ("a=%2B+%41", {"a": "+ A"}),
    ],
)
def test_odd_names_become_what_php_makes_of_them(text: str, expected: dict[str, object]) -> None:
    """A client's slip must show in a test as it would show in production."""
    assert expected == php.parse_form(text, max_input_vars=10)


def test_expand_leaves_its_input_alone() -> None:
    """The cache names a request by its spelling after the action has run."""
    params: php.Params = {"event": {"a": "1"}, "event:b": "2"}
    assert php.expand(params) == {"event": {"a": "1", "b": "2"}}
    assert params == {"event": {"a": "1"}, "event:b": "2"}


@pytest.mark.parametrize("body", [b'{"a":1,}', b"[1", b'"text"', b"NaN", b'{"a":"\\ud800"}', b"\xff", b"[" * 100_000])
def test_json_that_php_refuses_is_no_parameters(body: bytes) -> None:
    """Python reads more than PHP; the stand-in must not be the more forgiving one."""
    assert php.parse_json(body) == {}


def test_json_integer_beyond_64_bits_becomes_a_float() -> None:
    """PHP has no larger integers."""
    assert {"a": 1e30, "b": float(2**63), "c": 2**63 - 1} == php.parse_json(
        b'{"a":1%s,"b":9223372036854775808,"c":9223372036854775807}' % (b"0" * 30)
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", 0), ("12.9", 12), ("1e3", 1000), (" 7x", 7), ("1e999", php.INT_MAX), (True, 1), ({}, 0)],
)
def test_int_cast_takes_the_leading_number(value: php.Value, expected: int) -> None:
    """A position sent as text with a unit would be logged without complaint."""
    assert expected == php.to_int(value)


@pytest.mark.parametrize(
    ("value", "expected"), [(1763740000.25, "1763740000.25"), (3.0, "3"), (1e30, "1.0E+30"), (1.5e-7, "1.5E-7")]
)
def test_float_prints_as_php_does(value: float, expected: str) -> None:
    """The cache key and the log hold floats as texts."""
    assert expected == php.to_text(value)


def test_bad_utf8_becomes_empty() -> None:
    """The server blanks the whole field."""
    assert php.to_text(php.parse_form("a=x%c0%afy", max_input_vars=1)["a"]) == ""


@given(st.text())
def test_any_text_is_read_and_cast_without_an_exception(text: str) -> None:
    """Whatever a client sends, the stand-in answers."""
    for value in php.parse_form(text, max_input_vars=100).values():
        php.to_int(value), php.to_float(value), php.to_bool(value), php.to_text(value), php.to_number_of(value, 1, 40)
