"""Which of the wanted documents are applied."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.files import Loaded
from agent.config.layers import Layer
from agent.config.problems import ConfigurationError, Origin, Problem
from agent.remote.archive import dump, load
from agent.remote.desired import Desired, Home, Which
from agent.remote.documents import Removal
from agent.remote.settling import settle, start
from agent.remote.topics import Group, Level
from tests.support.judging import BERLIN, FLEET, LOBBY, OWN, applied, judge, publish, revisions

NEW = Desired(Home("d1", ("berlin", "lobby")))


def problems(desired: Desired, level: Level) -> tuple[str, ...]:
    """What is wrong at `level` after settling."""
    return settle(desired, judge)[0].shelf(level).problems


def test_all_that_is_good_is_applied_at_once() -> None:
    """One change for the player, not one for each document."""
    desired, loaded = settle(publish(publish(NEW, FLEET, 2, a=1), OWN, 3, b=2), judge)
    assert {"fleet": 2, "device/d1": 3} == revisions(desired)
    assert isinstance(loaded, Loaded)
    assert {"a": 1, "b": 2} == loaded.merged.tree


def test_nothing_new_applies_nothing() -> None:
    """A broker that repeats itself must not restart anything."""
    desired, _ = settle(publish(NEW, FLEET, 2), judge)
    assert (desired, None) == settle(desired, judge)


def test_bad_document_of_a_group_does_not_keep_the_devices_own_away() -> None:
    """The one device that must be mended now is in a group that somebody else broke."""
    desired = publish(publish(publish(NEW, LOBBY, 1, bad=3), OWN, 4, b=1), FLEET, 2)
    assert {"fleet": 2, "device/d1": 4} == applied(desired)
    assert tuple(f"bad: is bad, number {number}." for number in range(3)) == problems(desired, LOBBY)
    assert () == problems(desired, OWN)


def test_refused_document_leaves_the_one_in_use() -> None:
    """Refused as a whole: nothing of it counts, and what was there plays on."""
    first, _ = settle(publish(NEW, FLEET, 2, a=1), judge)
    second, loaded = settle(publish(first, FLEET, 3, a=2, bad=1), judge)
    assert ({"fleet": 2}, None) == (revisions(second), loaded)
    assert {"wanted": 3, "applied": 2, "problems": ["bad: is bad, number 0."]} == second.report(on_trial=False)[
        "levels"
    ]["fleet"]
    third, loaded = settle(publish(second, FLEET, 4, a=3), judge)
    assert ({"fleet": 4}, ()) == (revisions(third), third.shelf(FLEET).problems)
    assert loaded is not None


def test_document_that_needs_a_later_one_is_applied_with_it() -> None:
    """Half of a change is in the fleet's document, half in the device's; neither is good alone."""
    desired = publish(NEW, FLEET, 2, needs="b")
    assert {} == applied(desired)
    assert {"fleet": 2, "device/d1": 1} == applied(publish(desired, OWN, 1, b=1))
    assert {"fleet": 2, "device/d1": 1} == applied(publish(publish(desired, OWN, 1, b=1), LOBBY, 1, bad=1))


def test_bad_document_of_a_group_does_not_keep_the_device_from_joining_it() -> None:
    """Which group a device is in, and what is wrong with that group's document, are two things."""
    joined = publish(Desired(Home("d1")), OWN, 1, groups=("lobby",))
    desired = publish(joined, LOBBY, 1, bad=1)
    assert {"device/d1": 1} == applied(desired)
    assert ("bad: is bad, number 0.",) == problems(desired, LOBBY)


def test_one_bad_document_of_many_is_found_by_two_judgements() -> None:
    """Each judgement of eighteen long playlists takes a Raspberry Pi seconds, in which nothing else happens there."""
    asked: list[Sequence[Layer]] = []

    def blames(layers: Sequence[Layer]) -> Loaded | ConfigurationError:
        asked.append(layers)
        found = judge(layers)
        if isinstance(found, Loaded):
            return found
        named = next(layer.name for layer in layers if "bad" in layer.tree)
        return ConfigurationError(tuple(replace(problem, origin=Origin(named)) for problem in found.problems))

    groups = tuple(f"g{number}" for number in range(16))
    desired = publish(publish(Desired(Home("d1", groups)), FLEET, 1, a=1), OWN, 1, b=2)
    for name in groups:
        desired = publish(desired, Group(name), 1, bad=1) if name == "g7" else publish(desired, Group(name), 1, c=3)
    settled, loaded = settle(desired, blames)
    assert loaded is not None
    assert 2 == len(asked)
    assert [Group("g7")] == [level for level, shelf in settled.shelves.items() if shelf.applied is None]
    assert settled.shelf(Group("g7")).problems


def test_removal_that_leaves_something_missing_is_refused() -> None:
    """A removal is judged as a document is."""
    good, _ = settle(publish(publish(NEW, FLEET, 2, b=1), OWN, 1, needs="b"), judge)
    desired = good.offer(FLEET, Removal(FLEET))[0]
    assert {"fleet": 2, "device/d1": 1} == applied(desired)
    assert ("b: is missing.",) == problems(desired, FLEET)


def test_start_goes_on_with_what_was_applied() -> None:
    """The last good configuration survives a reboot with no broker."""
    desired, _ = settle(publish(NEW, FLEET, 2, a=1), judge)
    same, loaded = start(desired, judge)
    assert desired == same
    assert {"a": 1} == loaded.merged.tree


def with_file(*, allows: bool) -> list[Layer]:
    """A machine's file, as one more layer below."""
    return [Layer("agent.toml", {} if allows else {"needs": "c"}, {})]


def test_start_leaves_out_what_the_machines_file_no_longer_bears() -> None:
    """Somebody changed the file meanwhile; one document that no longer fits takes nothing else with it."""
    desired, _ = settle(publish(publish(NEW, FLEET, 2, c=1), OWN, 1, c=None, a=1), judge)
    assert {"fleet": 2, "device/d1": 1} == revisions(desired)

    def stricter(layers: Sequence[Layer]) -> Loaded | ConfigurationError:
        if any("a" in layer.tree for layer in layers):
            return ConfigurationError((Problem(("a",), "may not be set from here"),))
        return judge(layers)

    after, loaded = start(desired, stricter)
    assert {"fleet": 2} == revisions(after)
    assert {"c": 1} == loaded.merged.tree
    assert ("a: may not be set from here.",) == after.shelf(OWN).problems
    # With the old file again, it is what is wanted.
    assert {"fleet": 2, "device/d1": 1} == applied(after)


def test_start_with_a_machines_file_that_is_bad_by_itself_says_so() -> None:
    """That is for the person at the machine, as ever."""
    bad = ConfigurationError((Problem((), "cannot be read"),))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        start(publish(NEW, FLEET, 1), lambda _: bad)


def test_start_with_no_good_document_runs_on_the_file_alone() -> None:
    """The screens show something."""
    desired, _ = settle(publish(NEW, FLEET, 2, a=1), judge)
    after, loaded = start(desired, lambda layers: judge([*layers, Layer("x", {"bad": len(layers)}, {})]))
    assert {} == revisions(after)
    assert {"bad": 0} == loaded.merged.tree


STEPS = st.tuples(
    st.sampled_from([FLEET, LOBBY, BERLIN, OWN]),
    st.sampled_from(["publish", "remove", "confirm", "return"]),
    st.dictionaries(st.sampled_from(["bad", "a", "b", "needs"]), st.sampled_from([0, 1]), max_size=2),
    st.none() | st.lists(st.sampled_from(["lobby", "berlin"]), unique=True, max_size=2),
)


@given(st.lists(STEPS, max_size=25))
def test_whatever_comes_what_is_applied_is_good(
    steps: list[tuple[Level, str, dict[str, int], list[str] | None]],
) -> None:
    """Through any soup of documents the agent stands on a configuration that was judged as a whole."""
    desired = NEW
    for revision, (level, step, tree, groups) in enumerate(steps, start=1):
        said = {key: {"needs": "b"}.get(key, value) for key, value in tree.items()}
        if step == "publish" and level in desired.levels:
            own = tuple(groups) if groups is not None and level == OWN else None
            desired = publish(desired, level, revision, groups=own, **said)
        elif step == "remove":
            desired, _ = desired.offer(level, Removal(level))
        elif step == "confirm":
            desired = desired.confirmed()
        else:
            desired = desired.given_back("a soup", wall=float(revision))
        before = desired.layers_of(Which.APPLIED)
        desired, loaded = settle(desired, judge)
        layers = desired.layers_of(Which.APPLIED)
        found = judge(layers)
        assert isinstance(found, Loaded)
        assert found.merged.tree == (judge(before) if loaded is None else loaded).merged.tree  # type: ignore[union-attr]
        assert (desired, None) == settle(desired, judge)
        again, _ = start(load(json.loads(json.dumps(dump(desired)))), judge)
        assert (desired, None) == settle(again, judge)
