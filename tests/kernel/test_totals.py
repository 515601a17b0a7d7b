"""Adding up: the sum of the parts is the whole, however it is cut."""

import itertools
import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.display import Shown
from agent.kernel.events import Ending
from agent.kernel.plays import Delivered, Play
from agent.kernel.totals import (
    COLUMNS,
    LONGEST_NAME,
    NOTHING,
    OF_A_DEVICE,
    By,
    Grouped,
    Totals,
    key_of,
    read_grouped,
)
from tests.support.ledgers import a_play, plays

GROUPINGS = [by for size in range(len(OF_A_DEVICE) + 1) for by in itertools.permutations(OF_A_DEVICE, size)]


def grouped(by: Sequence[By], found: Sequence[Play]) -> Grouped:
    made = Grouped(by)
    for play in found:
        made.add_play(key_of(play, by, f"day-{int(play.began // 86_400)}"), play)
    return made


def of_play(play: Play) -> Totals:
    return grouped((), [play]).whole


def total(found: Sequence[Play]) -> Totals:
    return sum(map(of_play, found), NOTHING)


@given(st.lists(plays, max_size=12), st.sampled_from(GROUPINGS))
def test_parts_of_every_grouping_add_up_to_the_whole(found: list[Play], by: tuple[By, ...]) -> None:
    """A report by day and one by entry that differ by a millisecond are two reports that nobody believes."""
    assert total(found) == grouped(by, found).whole


@given(st.lists(plays, max_size=12), st.lists(st.integers(0, 12), max_size=4), st.sampled_from(GROUPINGS))
def test_slices_add_up_to_the_same_rows_however_they_are_cut(
    found: list[Play], cuts: list[int], by: tuple[By, ...]
) -> None:
    """A collection comes in slices, and the next one is cut elsewhere."""
    edges = [0, *sorted(cuts), len(found)]
    gathered = Grouped(by)
    for begin, end in itertools.pairwise(edges):
        part = read_grouped(by, json.loads(json.dumps(grouped(by, found[begin:end]).plain())))
        for key, totals in part.rows.items():
            gathered.add(key, totals)
    assert grouped(by, found).rows == gathered.rows


@given(st.lists(plays, max_size=12))
def test_every_play_ended_in_exactly_one_way(found: list[Play]) -> None:
    """Else the columns do not add up across, and somebody asks."""
    added = total(found)
    ways = (added.completed, added.ended, added.stopped, added.interrupted, added.skipped, added.failed)
    assert added.plays == sum(ways) == len(found)


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({}, {"completed": 1}),
        ({"is_complete": False}, {"ended": 1}),
        ({"is_complete": False, "ending": Ending.SKIPPED}, {"skipped": 1}),
        ({"is_complete": False, "ending": Ending.STOPPED}, {"stopped": 1}),
        ({"is_complete": False, "ending": Ending.INTERRUPTED}, {"interrupted": 1}),
        ({"is_complete": False, "ending": Ending.FAILED, "is_started": False}, {"failed": 1, "started": 0}),
        ({"ending": Ending.INTERRUPTED}, {"completed": 1}),
        ({"is_estimated": True}, {"completed": 1, "estimated": 1}),
        ({"shown": Shown.OFF, "dark_s": 30.0}, {"completed": 1, "display_off": 1, "dark_ms": 30_000}),
        ({"shown": Shown.PARTLY, "dark_s": 1.5}, {"completed": 1, "dark_ms": 1500}),
        ({"is_left_out": True, "delivered": ()}, {"completed": 1, "left_out": 1, "delivered": 0}),
        ({"delivered": (Delivered("a", 1.0), Delivered("b", None))}, {"completed": 1, "delivered": 0}),
    ],
)
def test_play_is_counted_as_what_it_was(changes: dict[str, object], counted: dict[str, int]) -> None:
    """The columns mean what the page says that they mean."""
    wanted = {"plays": 1, "started": 1, "ms": 29_970, "delivered": 1, **counted}
    found = dict(zip(COLUMNS, of_play(a_play(1, **changes)).numbers, strict=True))  # type: ignore[arg-type]
    assert wanted == {name: found[name] for name in found if found[name] or name in wanted}


def test_each_destination_is_counted_for_itself() -> None:
    """One that is down must not hide that the other has everything."""
    both = a_play(1, delivered=(Delivered("a", 1.0), Delivered("b", None)))
    assert {"a": 2, "b": 1} == total([both, a_play(2, delivered=(Delivered("a", 1.0), Delivered("b", 2.0)))]).sinks


def test_play_over_midnight_counts_once_with_its_beginning() -> None:
    """Half a play is nobody's."""
    assert ("2026-11-22",) == key_of(a_play(1), [By.DAY], "2026-11-22")
    assert (None, "on") == key_of(a_play(1, entry_id=None), [By.ENTRY, By.DISPLAY], "")


def test_long_address_is_cut_so_that_a_slice_has_room_for_it() -> None:
    """Signed addresses have thousands of letters."""
    assert ("x" * LONGEST_NAME,) == key_of(a_play(1, item="x" * 5000), [By.ITEM], "")


def test_rows_come_in_the_order_of_their_keys() -> None:
    """Two reports can be laid beside each other; what has no entry stands first."""
    found = grouped([By.ENTRY], [a_play(1, entry_id=entry) for entry in ("0_b", None, "0_a")])
    assert [(None,), ("0_a",), ("0_b",)] == [key for key, _ in found.ordered()]
    assert (3, True, False) == (len(found), ("0_a",) in found, ("0_c",) in found)


GOOD = [["0_a"], [1] * len(COLUMNS), {"stats.collect": 1}]


@pytest.mark.parametrize(
    "rows",
    [
        None,
        {},
        [1],
        [GOOD[:2]],
        [[["0_a", "x"], *GOOD[1:]]],
        [["0_a", *GOOD[1:]]],
        [[[5], *GOOD[1:]]],
        [[["x" * (LONGEST_NAME + 1)], *GOOD[1:]]],
        [GOOD, GOOD],
        [[GOOD[0], [1] * (len(COLUMNS) - 1), {}]],
        [[GOOD[0], [True] * len(COLUMNS), {}]],
        [[GOOD[0], [-1] * len(COLUMNS), {}]],
        [[GOOD[0], [1 << 60] * len(COLUMNS), {}]],
        [[GOOD[0], [1.5] * len(COLUMNS), {}]],
        [[GOOD[0], GOOD[1], []]],
        [[GOOD[0], GOOD[1], {"a": "1"}]],
        [[GOOD[0], GOOD[1], {str(number): 1 for number in range(99)}]],
    ],
)
def test_rows_of_a_hostile_device_are_refused(rows: object) -> None:
    """One kiosk that was broken into must not spoil the report of a thousand."""
    assert 1 == len(read_grouped([By.ENTRY], [GOOD]))
    with pytest.raises(ValueError, match=r"."):
        read_grouped([By.ENTRY], rows)
