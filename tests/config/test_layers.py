"""Documents laid over each other."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.config.layers import Layer, merge
from agent.config.problems import DEFAULT, Origin

FILE = Layer(
    "agent.toml",
    {"kaltura": {"enabled": True, "partner_id": 1}, "player": {"playlist": [{"uri": "a"}, {"uri": "b"}]}},
    {("kaltura",): 1, ("kaltura", "enabled"): 2, ("player", "playlist", 1, "uri"): 9, ("player", "playlist", 1): 8},
)
FLEET = Layer("fleet", {"kaltura": {"enabled": False}, "player": {"loop": False}}, {})


def test_later_layer_wins_by_key_and_origins_follow() -> None:
    """A fleet's document changes one setting and leaves the machine's others (decision 34)."""
    merged = merge([FILE, FLEET])
    assert {"enabled": False, "partner_id": 1} == merged.tree["kaltura"]
    assert {"playlist": [{"uri": "a"}, {"uri": "b"}], "loop": False} == merged.tree["player"]
    assert Origin("fleet") == merged.written(("kaltura", "enabled"))
    assert Origin("agent.toml", 1) == merged.written(("kaltura", "partner_id"))
    assert Origin("agent.toml", 9) == merged.written(("player", "playlist", 1, "uri"))
    assert DEFAULT == merged.written(("player", "playlist", 1, "entry_id"))
    assert DEFAULT == merged.written(("queue", "max_bytes"))
    assert Origin("agent.toml", 8) == merged.origin(("player", "playlist", 1, "entry_id"))
    assert merged.origin(("queue", "max_bytes")) is None


def test_list_is_replaced_whole() -> None:
    """A playlist that mixes two authors' items is nobody's."""
    above = Layer("device", {"player": {"playlist": [{"uri": "c"}]}}, {})
    merged = merge([FILE, above])
    assert [{"uri": "c"}] == merged.tree["player"]["playlist"]
    assert Origin("device") == merged.written(("player", "playlist", 0, "uri"))


def test_value_and_table_replace_each_other() -> None:
    """A document of the wrong shape is judged by the check, not by a crash while laying it down."""
    flat = Layer("flat", {"kaltura": 5}, {})
    merged = merge([FILE, flat])
    assert 5 == merged.tree["kaltura"]
    assert Origin("flat") == merged.origin(("kaltura", "enabled"))
    assert {"enabled": True, "partner_id": 1} == merge([flat, FILE]).tree["kaltura"]


def test_layers_themselves_are_never_changed() -> None:
    """The same file is laid down again with each new document."""
    merge([Layer("one", {"kaltura": {"enabled": True}}, {}), FLEET]).tree["kaltura"]["enabled"] = None
    merge([FILE, FLEET])
    assert {"enabled": False} == FLEET.tree["kaltura"]
    assert {"enabled": True, "partner_id": 1} == FILE.tree["kaltura"]


def removing(tree: dict[str, Any]) -> Layer:
    return Layer("fleet, revision 5", tree, {}, remote=True)


def test_null_removes_what_lies_below_and_the_default_counts_again() -> None:
    """The only way in which a document can take back what the machine's file says."""
    merged = merge([FILE, removing({"kaltura": {"partner_id": None}, "queue": {"max_bytes": None}})])
    assert {"enabled": True} == merged.tree["kaltura"]
    assert DEFAULT == merged.written(("kaltura", "partner_id"))
    assert Origin("agent.toml", 2) == merged.written(("kaltura", "enabled"))
    # Who is asked why it is missing: the document that removed it, and nobody where nothing was there.
    assert Origin("fleet, revision 5") == merged.origin(("kaltura", "partner_id"))
    assert ("queue", "max_bytes") not in merged.owners


def test_null_on_a_table_removes_all_of_it_until_a_later_layer_writes_it_again() -> None:
    """Groups begin anew where the fleet has cleared the ground."""
    cleared = merge([FILE, removing({"kaltura": None})])
    assert "kaltura" not in cleared.tree
    assert DEFAULT == cleared.written(("kaltura", "enabled"))
    again = merge([FILE, removing({"kaltura": None}), Layer("group", {"kaltura": {"enabled": False}}, {})])
    assert {"enabled": False} == again.tree["kaltura"]
    assert Origin("group") == again.written(("kaltura", "enabled"))
    assert DEFAULT == again.written(("kaltura", "partner_id"))


def test_null_inside_an_element_of_a_list_is_a_key_that_is_not_written() -> None:
    """A list has nothing below it to remove; a program that writes all keys writes nulls for those it has not."""
    items = [{"uri": "a", "entry_id": None, "more": [{"x": None, "y": 1}]}, None]
    merged = merge([removing({"player": {"playlist": items}})])
    assert [{"uri": "a", "more": [{"y": 1}]}, None] == merged.tree["player"]["playlist"]
    assert {"uri": "a", "entry_id": None, "more": [{"x": None, "y": 1}]} == items[0]


keys = st.sampled_from(["kaltura", "player", "a", "b"])
trees = st.dictionaries(
    keys,
    st.recursive(
        st.none() | st.integers() | st.lists(st.none() | st.dictionaries(keys, st.none() | st.integers()), max_size=3),
        lambda inner: st.dictionaries(keys, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def layer(name: str, tree: dict[str, Any]) -> Layer:
    return Layer(name, tree, {}, remote=True)


@given(trees, trees, trees)
def test_layers_may_be_laid_down_one_after_the_other_or_all_at_once(
    one: dict[str, Any], two: dict[str, Any], three: dict[str, Any]
) -> None:
    """The order of the levels decides, not how often the agent merges on the way."""
    together = merge([layer("1", one), layer("2", two), layer("3", three)])
    first = merge([layer("1", one), layer("2", two)])
    assert together.tree == merge([layer("12", first.tree), layer("3", three)]).tree
    assert together.tree == merge([layer("1", one), layer("2", two), layer("3", three), layer("3", three)]).tree


@given(trees, trees)
def test_every_value_belongs_to_a_layer_that_wrote_it(one: dict[str, Any], two: dict[str, Any]) -> None:
    """`config show --origin` must never point at the wrong document."""
    layers = [layer("1", one), layer("2", two)]
    merged = merge(layers)
    for place, owner in merged.owners.items():
        found: Any = owner.tree
        for step in place:
            assert step in found
            found = found[step]


def test_document_of_a_thousand_brackets_is_laid_down() -> None:
    """It is refused for what it is, not for how deep it goes."""
    deep: dict[str, Any] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    listed: Any = []
    for _ in range(100_000):
        listed = [listed]
    merged = merge([layer("1", deep), layer("2", {"a": 5, "b": listed}), layer("3", deep)])
    assert {"a", "b"} == merged.tree.keys()


def test_thousands_of_keys_are_laid_down_in_one_pass() -> None:
    """Looking through all places for each key would take minutes, in which nothing is delivered."""
    tables = {f"k{number}": {"a": 1} for number in range(50_000)}
    values = dict.fromkeys(tables, 1)
    assert 50_000 == len(merge([layer("1", tables), layer("2", values)]).owners)
