"""A play as text, and back."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.media import Media, Role
from agent.kernel.rotation import Rotation, Take
from agent.player.handover import Going, read, taken, write
from agent.player.items import Item, Spot
from agent.player.program import Program
from agent.player.turn import Turn


def _spot(name: str, role: Role, at: float = 0.0) -> Spot:
    return Spot(Item(Media(name, f"file:///{name}.png", role=role)), at=at, seconds=2.0)


SPOTS = (_spot("pre", Role.PREROLL), _spot("mid", Role.MIDROLL, 3.0), _spot("over", Role.OVERLAY, 1.0))
ITEMS = {key: Item(Media(key, f"file:///{key}.mp4"), spots=SPOTS if key == "b" else ()) for key in "abc"}
LIST = Rotation(tuple(ITEMS), seed="seed")


def _rotation(key: str, rotation: Rotation = LIST) -> Rotation:
    """The list with `key` playing."""
    while True:
        rotation, choice = rotation.choose(lambda _: True)
        if choice == Take(key):
            return rotation
        rotation = rotation.ended(played=True)


def _going(key: str = "b", *, spot: int | None = None, rotation: Rotation = LIST) -> Going:
    item = ITEMS[key]
    turn = Turn(17, item if spot is None else item.spots[spot].item, began=100.0)
    turn.playing, turn.moved, turn.length, turn.time, turn.moved_at = True, True, 8.0, 2.5, 102.5
    program = Program(item)
    program.queue, program.time = [], 2.5
    return Going(_rotation(key, rotation), program, turn)


def _text(going: Going) -> Any:
    return json.loads(json.dumps(write(going.program, going.turn, going.rotation)))


@pytest.mark.parametrize("spot", [None, 0, 1])
@pytest.mark.parametrize("shuffle", [False, True])
def test_play_is_the_same_one_afterwards(spot: int | None, shuffle: bool) -> None:
    """Whatever is forgotten is done twice, or never."""
    rules = Rotation(tuple(ITEMS), shuffle=shuffle, seed="seed")
    going = _going(spot=spot, rotation=rules)
    going.program.show(SPOTS[2])
    found = read(_text(going), ITEMS, rules, orderly=True)
    assert found is not None
    assert (going.program, going.turn) == (found.program, found.turn)
    assert (going.rotation.playing, going.rotation.place, going.rotation.lap, going.rotation.cuts) == (
        found.rotation.playing,
        found.rotation.place,
        found.rotation.lap,
        found.rotation.cuts,
    )
    assert found.turn.item is (found.program.item if spot is None else found.program.item.spots[spot].item)


def test_item_that_was_changed_or_has_left_is_not_gone_on_with() -> None:
    """Its spots are told by their places, so others must not stand there now."""
    text = _text(_going())
    fewer = {**ITEMS, "b": Item(ITEMS["b"].media, spots=SPOTS[:2])}
    gone = {key: item for key, item in ITEMS.items() if key != "b"}
    assert None is read(text, fewer, LIST, orderly=True)
    assert None is read(text, gone, Rotation(tuple(gone), seed="seed"), orderly=True)
    assert read(text, {**ITEMS, "d": ITEMS["a"]}, Rotation(("d", *ITEMS), seed="seed"), orderly=True) is not None


def test_item_that_ended_three_processes_in_a_row_is_not_gone_on_with() -> None:
    """It may be what ends them; an orderly end is none of its doing."""
    text, orderly = _text(_going()), _text(_going())
    ends = 0
    while (found := read(text, ITEMS, LIST, orderly=False)) is not None:
        text, ends = _text(found), ends + 1
        found = read(orderly, ITEMS, LIST, orderly=True)
        assert found is not None
        orderly = _text(found)
    assert 2 == ends
    assert read(orderly, ITEMS, LIST, orderly=True) is not None


_JUNK: Any = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
)


@given(st.sampled_from(sorted(_text(_going()))), _JUNK, st.booleans())
def test_damaged_text_is_no_play_and_never_an_error(name: str, junk: Any, orderly: bool) -> None:
    """A start must survive whatever a broken card gives."""
    for damaged in (junk, {**_text(_going()), name: junk}, {**_text(_going()), "turn": {"playing": junk}}):
        found = read(damaged, ITEMS, LIST, orderly=orderly)
        assert found is None or isinstance(found, Going)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, (0, 0)),
        ({}, (0, 0)),
        ({"host": None}, (0, 0)),
        ({"host": {"run": "7", "number": 3}}, (0, 0)),
        ({"host": {"run": 7, "number": 3}}, (7, 3)),
    ],
)
def test_last_signal_is_read_from_the_state(state: Mapping[str, Any] | None, expected: tuple[int, int]) -> None:
    """Where nothing can be read everything is heard again, which costs nothing: nobody has what it is about."""
    assert expected == taken(state)


def test_item_that_is_no_longer_repeated_ends_with_its_pass() -> None:
    """The host repeats it as it was told to; the list of now may be another one."""
    going = _going("a")
    repeated = replace(ITEMS["a"], media=replace(ITEMS["a"].media, repeats=True))
    text = _text(Going(going.rotation, Program(repeated), replace(going.turn, item=repeated)))
    once, still = (read(text, {**ITEMS, "a": item}, LIST, orderly=True) for item in (ITEMS["a"], repeated))
    assert once is not None
    assert still is not None
    assert (True, False) == (once.turn.last_pass, still.turn.last_pass)
