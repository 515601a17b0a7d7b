"""The order of the list: what comes next, whatever happened to what came before."""

import json
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.rotation import MOST_CUTS, PASS_PAUSES_S, Choice, Finished, Rest, Rotation, Shut, Take


def _any(_key: str) -> bool:
    return True


def _played(rotation: Rotation, count: int) -> tuple[Rotation, list[str]]:
    """Choose and play `count` items."""
    keys = []
    for _ in range(count):
        rotation, choice = rotation.choose(_any)
        assert isinstance(choice, Take)
        keys.append(choice.key)
        rotation = rotation.ended(played=True)
    return rotation, keys


def _key(choice: Choice) -> str:
    assert isinstance(choice, Take)
    return choice.key


def test_loop_plays_the_list_over_and_over() -> None:
    """The main job of a kiosk."""
    assert _played(Rotation(("a", "b", "c")), 7)[1] == ["a", "b", "c", "a", "b", "c", "a"]


def test_one_pass_ends_after_its_last_item_and_stays_ended() -> None:
    """A demonstration ends; asking again must not begin it anew."""
    rotation, keys = _played(Rotation(("a", "b"), loop=False), 2)
    assert keys == ["a", "b"]
    rotation, choice = rotation.choose(_any)
    assert choice == Finished()
    assert rotation.choose(_any)[1] == Finished()
    assert _played(rotation.restarted(), 2)[1] == ["a", "b"]


def test_shuffled_passes_hold_each_item_once_and_never_repeat_at_the_seam() -> None:
    """Two plays of one clip in a row look like a fault to people in front of the screen."""
    keys = tuple("abcdef")
    _, played = _played(Rotation(keys, shuffle=True, seed="device"), 60)
    passes = [played[start : start + 6] for start in range(0, 60, 6)]
    assert all(sorted(each) == list(keys) for each in passes)
    assert all(one != other for one, other in pairwise(played))
    assert len({tuple(each) for each in passes}) > 5
    assert _played(Rotation(keys, shuffle=True, seed="device"), 60)[1] == played, "the same seed, the same order"
    assert _played(Rotation(keys, shuffle=True, seed="other"), 60)[1] != played


def test_all_items_broken_rests_longer_after_each_pass() -> None:
    """A list of dead addresses must not spin the processor nor fill the log (decision 19)."""
    rotation = Rotation(("a", "b"))
    rests: list[float] = []
    while len(rests) < len(PASS_PAUSES_S) + 1:
        rotation, choice = rotation.choose(_any)
        if isinstance(choice, Rest):
            rests.append(choice.seconds)
        else:
            rotation = rotation.ended(played=False)
    assert rests == [*PASS_PAUSES_S, PASS_PAUSES_S[-1]]
    assert (rests[0], rests[-1]) == (1.0, 60.0)


def test_one_good_item_among_broken_ones_never_rests() -> None:
    """The good one must not wait for the bad ones."""
    rotation = Rotation(("bad", "good", "worse"))
    for _ in range(30):
        rotation, choice = rotation.choose(_any)
        rotation = rotation.ended(played=_key(choice) == "good")


def test_all_broken_in_one_pass_finishes() -> None:
    """`tools/run --once` must end, also on a list of nothing but missing files."""
    rotation = Rotation(("a", "b"), loop=False)
    for _ in range(2):
        rotation, choice = rotation.choose(_any)
        assert isinstance(choice, Take)
        rotation = rotation.ended(played=False)
    assert rotation.choose(_any)[1] == Finished()


def test_items_outside_their_hours_are_passed_over() -> None:
    """Breakfast is not advertised in the evening."""
    rotation, choice = Rotation(("a", "b", "c")).choose(lambda key: key == "b")
    assert choice == Take("b")
    rotation = rotation.ended(played=True)
    assert rotation.choose(lambda key: key == "b")[1] == Take("b")
    assert rotation.choose(lambda _: False)[1] == Shut()
    assert Rotation(()).choose(_any)[1] == Shut()


def test_broken_item_that_alone_is_open_rests() -> None:
    """Failures are counted against what may be played now, not against the whole list."""
    rotation, _ = Rotation(("a", "b")).choose(lambda key: key == "b")
    assert rotation.ended(played=False).choose(lambda key: key == "b")[1] == Rest(1.0)


def test_previous_goes_back_and_over_the_beginning_of_a_loop() -> None:
    """What an operator expects of the key."""
    rotation, _ = _played(Rotation(("a", "b", "c")), 2)
    rotation, choice = rotation.back(_any).choose(_any)
    assert choice == Take("a")
    assert rotation.back(_any).choose(_any)[1] == Take("c")
    single, _ = _played(Rotation(("a", "b"), loop=False), 1)
    assert single.back(_any).choose(_any)[1] == Take("a")


def test_again_takes_the_same_item_also_after_the_end() -> None:
    """Replay by command (decision 12)."""
    rotation, _ = _played(Rotation(("a", "b"), loop=False), 2)
    rotation, _ = rotation.choose(_any)
    assert rotation.again().choose(_any)[1] == Take("b")


def _restarted(rotation: Rotation, *, same_boot: bool = True, **changes: Any) -> Rotation:
    """What a new process makes of the saved state."""
    fresh = Rotation(changes.get("keys", rotation.keys), loop=rotation.loop, shuffle=rotation.shuffle, seed="s")
    return fresh.resumed(json.loads(json.dumps(rotation.state())), same_boot=same_boot)


def test_item_cut_short_starts_again_but_not_for_ever() -> None:
    """After a power cut the film starts again; a film that ends the process each time is gone on from."""
    rotation, _ = _played(Rotation(("a", "b", "c")), 1)
    rotation, choice = rotation.choose(_any)
    assert choice == Take("b")
    taken = []
    for _ in range(MOST_CUTS):
        rotation, choice = _restarted(rotation, same_boot=False).choose(_any)
        taken.append(_key(choice))
    assert taken == ["b", "b", "c"]


def test_cuts_of_different_items_do_not_add_up() -> None:
    """Three ordinary reboots in a week are no fault of an item."""
    rotation, _ = Rotation(("a", "b")).choose(_any)
    for _ in range(6):
        rotation, choice = _restarted(rotation).choose(_any)
        assert _key(choice) == rotation.playing
        rotation, _ = rotation.ended(played=True).choose(_any)


def test_finished_list_stays_finished_within_a_boot_only() -> None:
    """A crash in the night must not play the list again; switching the machine on in the morning must."""
    rotation, _ = _played(Rotation(("a",), loop=False), 1)
    rotation, _ = rotation.choose(_any)
    assert _restarted(rotation).choose(_any)[1] == Finished()
    assert _restarted(rotation, same_boot=False).choose(_any)[1] == Take("a")
    assert _restarted(rotation, keys=("a", "b")).choose(_any)[1] == Take("a"), "another list is another matter"
    looping = Rotation(("a",), loop=True).resumed(rotation.state(), same_boot=True)
    assert looping.choose(_any)[1] == Take("a"), "it was told to loop meanwhile"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_FIELDS = ("lap", "place", "last", "shown", "playing", "cuts", "finished", "list")


@given(
    st.dictionaries(st.sampled_from(_FIELDS), _JSON | st.sampled_from(["a", "b", "3", "-f"])),
    st.booleans(),
    st.booleans(),
)
def test_any_saved_state_gives_a_working_list(state: dict[str, Any], same_boot: bool, shuffle: bool) -> None:
    """A damaged checkpoint may cost the place in the list, never the list."""
    mine = Rotation(("a", "b"), shuffle=shuffle).state()["list"]
    rotation = Rotation(("a", "b"), shuffle=shuffle).resumed({"list": mine, **state}, same_boot=same_boot)
    if state.get("finished") is not True:
        assert isinstance(rotation.choose(_any)[1], Take)


_STEP = st.sampled_from(["played", "failed", "skipped", "back", "again", "crash", "reboot"])


@given(st.lists(st.sampled_from("abcde"), unique=True, max_size=5), st.booleans(), st.booleans(), st.lists(_STEP))
def test_any_story_keeps_the_rules(keys: list[str], loop: bool, shuffle: bool, story: list[str]) -> None:
    """Whatever happens to items, only items of the list come, and a loop with something to play never finishes."""
    rotation = Rotation(tuple(keys), loop=loop, shuffle=shuffle, seed="s")
    for step in story:
        rotation, choice = rotation.choose(_any)
        match choice:
            case Take(key):
                assert key in keys
                assert rotation.playing == key
            case Finished():
                assert not loop
            case Shut():
                assert not keys
            case Rest():
                assert choice.seconds in PASS_PAUSES_S
        match step:
            case "played" | "failed":
                rotation = rotation.ended(played=step == "played")
            case "skipped":
                rotation = rotation.skipped()
            case "back":
                rotation = rotation.back(_any)
            case "again":
                rotation = rotation.again()
            case _:
                rotation = _restarted(rotation, same_boot=step == "crash")
        assert 0 <= rotation.place <= len(keys)
