"""Reading what devices report."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.fleet import fields

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from("abc"), inner),
)


@given(st.dictionaries(st.sampled_from("abc"), JSON))
def test_any_report_is_read_without_an_error(tree: dict[str, Any]) -> None:
    """One device that reports nonsense must not hide the other thousand."""
    for path in (("a",), ("a", "b"), ("a", "b", "c")):
        for read in (fields.table, fields.tables, fields.text, fields.texts, fields.number, fields.whole, fields.flag):
            read(tree, *path)


@given(st.binary())
def test_any_payload_is_read_without_an_error(payload: bytes) -> None:
    """Whoever may publish a state may publish any bytes."""
    assert isinstance(fields.table_of(payload), dict | None)


def test_payload_of_absurd_depth_or_size_is_no_table() -> None:
    """Python's reader ends at its recursion limit, and a gigabyte at the machine's."""
    assert fields.table_of(b'{"a":' * 100_000) is None
    assert fields.table_of(json.dumps({"a": "x" * fields.MOST_BYTES}).encode()) is None


def test_values_of_the_wrong_type_are_not_there() -> None:
    """true is no number, 1 is no flag, and infinity is nothing to compare with."""
    tree = {"flag": True, "one": 1, "huge": 2**80, "infinite": float("inf"), "text": "", "mixed": ["a", 1, {"b": 2}]}
    assert fields.number(tree, "flag") is None
    assert fields.whole(tree, "flag") is None
    assert fields.flag(tree, "one") is None
    assert fields.whole(tree, "huge") is None
    assert fields.number(tree, "infinite") is None
    assert fields.number({"n": 10**400}, "n") is None
    assert fields.text(tree, "text") is None
    assert (["a"], [{"b": 2}]) == (fields.texts(tree, "mixed"), fields.tables(tree, "mixed"))
    assert 1.0 == fields.number(tree, "one")
