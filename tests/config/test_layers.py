"""Documents laid over each other."""

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
