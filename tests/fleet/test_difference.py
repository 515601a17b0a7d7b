"""What a document changes."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.difference import Absent, Change, between, lines, shown

TREES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.text(max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.sampled_from("abc"), TREES, max_size=3)


def test_each_kind_of_change_has_its_sign() -> None:
    """An operator decides by these lines whether a thousand screens change."""
    before = {"player": {"volume": 50, "loop": True}, "log": {"level": "info"}}
    after = {"player": {"volume": 80, "loop": True, "shuffle": None}, "kaltura": {"enabled": False}}
    assert [
        "~ player.volume = 80    was 50",
        "+ player.shuffle = (removed: what the levels below say does not count)",
        "+ kaltura.enabled = false",
        '- log.level = "info"',
    ] == lines(between(before, after))


def test_true_and_one_are_not_the_same() -> None:
    """Python calls them equal; a device takes one and refuses the other."""
    assert (Change(("a",), 1, True),) == between({"a": 1}, {"a": True})
    assert (Change(("a",), 1, 1.5),) == between({"a": 1}, {"a": 1.5})


def test_list_is_compared_whole() -> None:
    """As documents merge: a list is replaced, never merged."""
    assert (Change(("a",), [1, 2], [1, 3]),) == between({"a": [1, 2]}, {"a": [1, 3]})


def test_empty_table_that_appears_is_a_change() -> None:
    """It replaces nothing, and still the two documents are not the same."""
    assert (Change(("a",), Absent(), {}),) == between({}, {"a": {}})


@given(DOCUMENTS, DOCUMENTS)
def test_only_what_differs_is_shown(before: dict[str, Any], after: dict[str, Any]) -> None:
    """No change may be hidden, and the same document twice is no change."""
    assert () == between(before, before)
    assert repr(before) == repr(after) or before == after or between(before, after)


def test_value_is_shown_without_secrets_and_control_characters() -> None:
    """A playlist's address may hold a session; a name may hold anything."""
    assert '"http://h/p?ks=***"' == shown("http://h/p?ks=abcdef")
    assert "\x1b" not in shown("\x1b[2J")
    assert 100 == len(shown("x" * 500))
