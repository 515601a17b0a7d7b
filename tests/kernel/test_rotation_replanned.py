"""Another list, or other rules, in the middle of a pass: what comes next."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.rotation import Finished, Rotation, Take


def _any(_key: str) -> bool:
    return True


def _next(rotation: Rotation) -> tuple[Rotation, str | None]:
    """Play what is playing to its end, and take the next item."""
    rotation, choice = rotation.ended(played=True).choose(_any)
    return rotation, choice.key if isinstance(choice, Take) else None


def _playing(key: str, keys: str = "abcd", *, loop: bool = True, shuffle: bool = False) -> Rotation:
    """A rotation that plays `key` in its first pass."""
    rotation, _ = Rotation(tuple(keys), loop=loop, shuffle=shuffle, seed="device").choose(_any)
    while rotation.playing != key:
        rotation, _ = _next(rotation)
    return rotation


def _coming(rotation: Rotation, count: int) -> str:
    """The keys of the next `count` items, or of fewer where the list finishes."""
    found = ""
    for _ in range(count):
        rotation, key = _next(rotation)
        found += key or ""
    return found


def _changed(rotation: Rotation, keys: str, *, loop: bool = True, shuffle: bool = False) -> Rotation:
    return rotation.replanned(tuple(keys), loop=loop, shuffle=shuffle)


def _reborn(rotation: Rotation, *, loop: bool = True, shuffle: bool = False) -> Rotation:
    """What a new process makes of the saved state, with the list that the old one had last."""
    fresh = Rotation(rotation.keys, loop=loop, shuffle=shuffle, seed="device")
    return fresh.resumed(json.loads(json.dumps(rotation.state())), same_boot=True)


def test_list_goes_on_behind_the_item_that_plays_in_the_new_order() -> None:
    """An operator who moves items expects what stands behind the present one to follow it."""
    assert "dacbd" == _coming(_changed(_playing("b"), "acbd"), 5)
    assert "xcdab" == _coming(_changed(_playing("b"), "abxcd"), 5)


def test_item_that_left_the_list_is_followed_by_what_took_its_place() -> None:
    """Whoever exchanges one clip for another wants to see the other one next, and not the list from its beginning."""
    assert "cda" == _coming(_changed(_playing("b"), "acd"), 3)
    assert "xcd" == _coming(_changed(_playing("b"), "axcd"), 3)
    assert "xyx" == _coming(_changed(_playing("b"), "xy"), 3), "another list altogether begins at its beginning"


def test_one_pass_shows_every_item_once_whatever_changes_in_it() -> None:
    """A demonstration neither repeats itself nor leaves out what was added before the present item."""
    rotation = _changed(_playing("c", loop=False), "xabcd", loop=False)
    assert "dx" == _coming(rotation, 5)
    rotation, _ = _next(rotation)
    assert "yx" == _coming(_changed(rotation, "xcdy", loop=False), 5)


def test_list_that_is_told_to_loop_goes_on_and_one_that_is_told_not_to_ends() -> None:
    """The switch must not begin the list anew."""
    assert "cdab" == _coming(_changed(_playing("b", loop=False), "abcd"), 4)
    assert "cd" == _coming(_changed(_playing("b"), "abcd", loop=False), 4)


def test_shuffle_switched_on_shows_what_this_pass_has_not_shown_yet() -> None:
    """Two plays of one clip within a minute look like a fault."""
    coming = _coming(_changed(_playing("b", "abcdef"), "abcdef", shuffle=True), 4)
    assert sorted("cdef") == sorted(coming)


def test_shuffled_pass_goes_on_with_what_was_not_shown_and_what_is_new() -> None:
    """A new clip must not bring back the five that were just seen."""
    rotation, seen = _playing("a", "abcdefgh", shuffle=True), "a"
    while len(seen) < 5:
        rotation, key = _next(rotation)
        seen += key or ""
    before = set(rotation.order(0)[: rotation.place])
    coming = _coming(_changed(rotation, "abcdefghx", shuffle=True), 9 - len(before))
    assert set("abcdefghx") - before == set(coming)


def test_pass_behind_a_changed_one_does_not_begin_with_its_last_item() -> None:
    """The seam between two passes holds after a change, too."""
    for seed in range(60):
        rotation, _ = Rotation(tuple("abc"), shuffle=True, seed=str(seed)).choose(_any)
        rotation = _changed(rotation, "abcd", shuffle=True)
        played = [rotation.playing or "", *_coming(rotation, 8)]
        assert all(one != other for one, other in pairwise(played)), played
        assert set("abcd") == set(played[:4])


def test_finished_list_begins_anew_with_another_list_or_when_it_is_to_loop() -> None:
    """What an operator sends to a finished kiosk is meant to be seen; a switch of the order is no list to play."""
    rotation, key = _next(_playing("b", "ab", loop=False))
    assert (key, rotation.finished) == (None, True)
    assert "xab" == _coming(_changed(rotation, "xab", loop=False), 9)
    assert "aba" == _coming(_changed(rotation, "ab"), 3)
    assert isinstance(_changed(rotation, "ab", loop=False, shuffle=True).choose(_any)[1], Finished)


def test_emptied_list_shuts_and_a_list_after_it_begins() -> None:
    """Taking everything off a screen and putting something on it again is one evening's work."""
    rotation, key = _next(_changed(_playing("b"), ""))
    assert key is None
    assert "xyx" == _coming(_changed(rotation, "xy"), 3)


def test_list_that_failed_as_a_whole_is_tried_at_once_when_it_is_changed() -> None:
    """Nobody waits a minute for a list that was just mended."""
    rotation, _ = Rotation(("a",)).choose(_any)
    rotation, _ = rotation.ended(played=False).choose(_any)
    rotation, choice = _changed(rotation, "b").choose(_any)
    assert (Take("b"), 0) == (choice, rotation.poor_passes)


def test_item_that_left_is_neither_started_again_nor_gone_back_behind() -> None:
    """Replay, previous and a crash while it still plays have only the new list to choose from."""
    rotation = _changed(_playing("b"), "acd")
    assert rotation.again().choose(_any)[1] == Take("c")
    assert rotation.back(_any).choose(_any)[1] == Take("a")
    assert _reborn(rotation).choose(_any)[1] == Take("c")


def test_item_that_comes_back_while_it_still_plays_has_its_place_again() -> None:
    """Somebody takes back what he did a moment ago."""
    rotation = _changed(_changed(_playing("b"), "acd"), "abcd")
    assert "cda" == _coming(rotation, 3)
    assert _reborn(rotation).choose(_any)[1] == Take("b")


def test_crash_after_a_change_forgets_nothing_of_the_pass() -> None:
    """A power cut must not show in one pass what was shown in it before the change."""
    for shuffle in (False, True):
        rotation = _changed(_playing("c", "abcde", loop=False), "xabcdey", loop=False, shuffle=shuffle)
        reborn, choice = _reborn(rotation, loop=False, shuffle=shuffle).choose(_any)
        assert Take("c") == choice, "it was cut short"
        assert _coming(rotation, 9) == _coming(reborn, 9)
        assert sorted("dexy") == sorted(_coming(rotation, 9))


_KEYS = st.lists(st.sampled_from("abcdefg"), unique=True, max_size=7).map(tuple)
_STEPS = st.one_of(
    st.sampled_from(["played", "failed", "skipped", "back", "again", "crash", "reboot"]),
    st.tuples(_KEYS, st.booleans(), st.booleans()),
)


@given(_KEYS, st.booleans(), st.booleans(), st.lists(_STEPS))
def test_any_story_of_changes_takes_items_of_the_newest_list_only(
    keys: tuple[str, ...], loop: bool, shuffle: bool, story: list[str | tuple[tuple[str, ...], bool, bool]]
) -> None:
    """Whatever is changed when: each order holds every item once, a place is in the list, a loop never finishes."""
    rotation = Rotation(keys, loop=loop, shuffle=shuffle, seed="s")
    for step in story:
        rotation, choice = rotation.choose(_any)
        assert not isinstance(choice, Take) or choice.key in rotation.keys
        assert not (isinstance(choice, Finished) and rotation.loop)
        match step:
            case (others, loops, shuffles):
                rotation = rotation.replanned(tuple(others), loop=bool(loops), shuffle=bool(shuffles))
            case "played" | "failed":
                rotation = rotation.ended(played=step == "played")
            case "skipped":
                rotation = rotation.skipped()
            case "back":
                rotation = rotation.back(_any)
            case "again":
                rotation = rotation.again()
            case _:
                fresh = Rotation(rotation.keys, loop=rotation.loop, shuffle=rotation.shuffle, seed="s")
                rotation = fresh.resumed(json.loads(json.dumps(rotation.state())), same_boot=step == "crash")
        assert sorted(rotation.keys) == sorted(rotation.order(rotation.lap))
        assert 0 <= rotation.place <= len(rotation.keys)


@given(_KEYS.filter(bool), st.booleans(), st.lists(st.tuples(st.integers(0, 3), _KEYS), max_size=5))
def test_one_pass_never_shows_an_item_twice(
    keys: tuple[str, ...], shuffle: bool, changes: list[tuple[int, tuple[str, ...]]]
) -> None:
    """However often the list is changed in it, while it lasts."""
    rotation = Rotation(keys, loop=False, shuffle=shuffle, seed="s")
    gone: set[str] = set()
    played: list[str] = []
    for plays, others in [*changes, (99, ())]:
        for _ in range(plays):
            rotation, choice = rotation.choose(_any)
            if not isinstance(choice, Take):
                assert set(rotation.keys) - gone <= set(played)
                return
            played.append(choice.key)
            rotation = rotation.ended(played=True)
        gone |= set(rotation.keys) - set(others)
        if plays < 99:
            rotation = rotation.replanned(others, loop=False, shuffle=shuffle)
        assert len(set(played) - gone) == sum(key not in gone for key in played), "but where it left and came back"
