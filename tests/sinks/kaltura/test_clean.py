"""Text that cannot break the server's log line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.sinks.kaltura.clean import ENTRY_ID_LENGTH, is_entry_id, text

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=80)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("Lobby east", "Lobby, east"),
        ("one two", "one\r\ntwo"),
        ("a b", "a\tb"),
        ("1:result:ks", "{1:result:ks}"),
        ("Grüße", "Grüße"),
        ("ab", "a\ud800b"),
        ("", ",\x00{}"),
        ("x", "  x  "),
    ],
)
def test_a_text_with_a_trap_becomes_a_plain_line(expected: str, value: str) -> None:
    """A comma shifts the columns of Kaltura's log, a line break forges a line, braces are replaced in batches."""
    assert expected == text(value, length=50)


@settings(deadline=None)
@given(ANY_TEXT, st.integers(1, 60))
def test_any_text_is_one_bounded_line_and_cleaning_again_changes_nothing(value: str, length: int) -> None:
    """Settings come from people and brokers: whatever they hold, the event must be accepted."""
    cleaned = text(value, length=length)
    assert len(cleaned) <= length
    assert not set(cleaned) & set(",{}\r\n\t\x00\x0b\x1f\x7f")
    cleaned.encode("utf-8")
    assert cleaned == text(cleaned, length=length)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        (True, "0_abcd1234"),
        (True, "a" * ENTRY_ID_LENGTH),
        (False, "a" * (ENTRY_ID_LENGTH + 1)),
        (False, ""),
        (False, "http://a"),
        (False, "https:x"),
        (False, "rtmp:x"),
        (False, "0_a,b"),
        (False, "0_a\nb"),
    ],
)
def test_an_entry_id_is_taken_or_left_but_never_changed(expected: bool, value: str) -> None:
    """A shortened or cleaned id would count for another entry."""
    assert expected == is_entry_id(value)
