"""A share of a fleet gets a fleet's document by way of the devices' own: it must be exactly the same to them."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from agent.config.layers import Layer, merge
from agent.fleet.rollout_overlay import Inexpressible, overlaid

Tree = dict[str, Any]


def effective(*trees: Tree) -> Tree:
    """What a device makes of these layers, by its own code."""
    return _without_empty(merge([Layer(str(index), tree, {}) for index, tree in enumerate(trees)]).tree)


def _without_empty(tree: Tree) -> Tree:
    """An empty table says the same as none."""
    found = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in tree.items()}
    return {key: value for key, value in found.items() if value != {}}


def test_change_of_the_fleet_is_expressed_in_the_device_and_its_own_word_stays() -> None:
    """What the operator had set for this one kiosk must survive."""
    own = {"log": {"level": "debug"}}
    levels: list[Tree] = [{"player": {"volume": 50}}, own]
    after = {"player": {"volume": 30}, "log": {"level": "info", "format": "json"}}
    assert {"player": {"volume": 30}, "log": {"level": "debug", "format": "json"}} == overlaid(levels, 0, after)


def test_group_that_says_otherwise_stays_on_top() -> None:
    """A device's document beats a group's, a fleet's does not: the canary must not get what the fleet will not."""
    levels: list[Tree] = [{"player": {"volume": 50}}, {"player": {"volume": 80}}, {}]
    assert {} == overlaid(levels, 0, {"player": {"volume": 30}})


def test_null_is_handed_on() -> None:
    """It removes what the machine's file says."""
    assert {"log": {"level": None}} == overlaid([{}, {}], 0, {"log": {"level": None}})


def test_key_that_is_no_longer_mentioned_cannot_be_expressed() -> None:
    """What shows up under it is in each machine's own file."""
    found = overlaid([{"player": {"volume": 50}, "log": {"level": "info"}}, {}], 0, {"log": {"level": "info"}})
    assert Inexpressible((("player", "volume"),)) == found
    assert Inexpressible((("log",),)) == overlaid([{"log": None}, {}], 0, {"log": {"level": "info"}})


leaves = st.sampled_from([None, True, 1, 1.0, "a", [1], [{"b": 2}]])
# A key is a table or a value, as in the schema, never one here and the other there.
trees = st.fixed_dictionaries(
    {},
    optional={
        "v": leaves,
        "w": leaves,
        "t": st.none() | st.fixed_dictionaries({}, optional={"v": leaves, "u": st.none() | st.just({"v": 1})}),
    },
)
files = st.fixed_dictionaries({}, optional={"v": st.just("file"), "t": st.just({"v": "file", "u": {"w": "file"}})})


@given(files, st.lists(trees, min_size=2, max_size=4), trees, st.integers(0, 2))
@example({"t": {"v": "file"}}, [{"t": None}, {"t": {"u": {"v": 1}}}, {}], {"t": {"v": 1}}, 0)
def test_overlay_has_the_effect_of_the_document_itself(file: Tree, levels: list[Tree], after: Tree, at: int) -> None:
    """Whatever the levels and the machine's file say; or it is refused to say so."""
    at = min(at, len(levels) - 2)
    found = overlaid(levels, at, after)
    if isinstance(found, Inexpressible):
        assert found.places
        return
    changed = [after if index == at else tree for index, tree in enumerate(levels)]
    assert _ordered(effective(file, *changed)) == _ordered(effective(file, *levels[:-1], found))


def _ordered(value: Any) -> Any:
    """Told apart by type, not by order of keys."""
    if isinstance(value, dict):
        return sorted((key, _ordered(each)) for key, each in value.items())
    return repr(value)
