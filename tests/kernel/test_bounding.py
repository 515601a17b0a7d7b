"""When an event happened whose boot never saw the time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.boots import Boot, Boots
from agent.kernel.bounding import STOOD_STILL, Bounds, bounds
from tests.support.playback import WALL

HOUR = 3_600.0
DAY = 24 * HOUR
NIGHT = 15 * HOUR
OPEN = 9 * HOUR
TODAY = Boot("today", None, 60.0)


def day(number: int, *, timed: bool = False, claimed: float | None = None) -> Boot:
    """A kiosk is switched on at the same hour each day and is off for the night."""
    return Boot(str(number), WALL + number * DAY if timed else None, OPEN, claimed)


def test_one_dark_day_is_found_in_the_middle_of_the_time_without_power() -> None:
    """On Monday there was a network, on Tuesday none: Tuesday's plays belong to Tuesday."""
    boots = Boots((day(0, timed=True), day(1), TODAY))
    found = bounds(boots, "1", present=WALL + 2 * DAY)
    assert Bounds(WALL + OPEN, WALL + 2 * DAY - OPEN, WALL + DAY) == found


def test_weeks_without_a_network_keep_their_days() -> None:
    """Each night gets its share; a middle for all would put a fortnight's plays into one day."""
    boots = Boots((day(0, timed=True), *(day(number) for number in range(1, 14)), TODAY))
    for number in range(1, 14):
        found = bounds(boots, str(number), present=WALL + 14 * DAY)
        assert found is not None
        assert pytest.approx(WALL + number * DAY) == found.likeliest


def test_the_next_boot_with_the_time_bounds_not_the_present_one() -> None:
    """What was offline since may be long ago."""
    boots = Boots((day(0, timed=True), day(1), day(2, timed=True), day(3), TODAY))
    found = bounds(boots, "1", present=WALL + 99 * DAY)
    assert found is not None
    assert (WALL + OPEN, WALL + 2 * DAY - OPEN) == (found.earliest, found.latest)


def test_a_device_that_never_saw_the_time_before_dates_as_late_as_possible() -> None:
    """Set up in a cellar; nothing but the present bounds its first days."""
    found = bounds(Boots((day(0), day(1), TODAY)), "0", present=WALL + 2 * DAY)
    latest = WALL + 2 * DAY - 2 * OPEN
    assert Bounds(None, latest, latest) == found


def test_a_battery_backed_clock_is_believed_where_it_is_possible() -> None:
    """It is right without any network, and better than any estimate; but nothing happened in the future."""
    real = WALL + DAY + 3 * HOUR
    for claimed, expected in [
        (real, real),
        (WALL + 30 * DAY, WALL + DAY),
        (WALL - 300 * DAY, WALL + DAY),
        (WALL + OPEN + STOOD_STILL / 2, WALL + DAY),
    ]:
        found = bounds(Boots((day(0, timed=True), day(1, claimed=claimed), TODAY)), "1", present=WALL + 2 * DAY)
        assert found is not None
        assert expected == found.likeliest
    never = bounds(Boots((day(0, claimed=WALL + 30 * DAY), TODAY)), "0", present=WALL + 2 * DAY)
    assert never is not None
    assert never.latest == never.likeliest


def test_a_clock_that_is_believed_bounds_its_neighbours() -> None:
    """A battery that was changed on Tuesday evening: Wednesday, without it again, is not before Tuesday."""
    late = WALL + DAY + 12 * HOUR
    boots = Boots((day(0, timed=True), day(1, claimed=late), day(2), TODAY))
    tuesday, wednesday = (bounds(boots, name, present=WALL + 3 * DAY) for name in ("1", "2"))
    assert tuesday is not None
    assert wednesday is not None
    assert late == tuesday.likeliest
    assert late + OPEN < wednesday.likeliest < WALL + 3 * DAY - OPEN


def test_bounds_that_contradict_each_other_are_decided_by_the_later_one() -> None:
    """A time server that was wrong on Monday must not push Tuesday beyond Wednesday."""
    found = bounds(Boots((day(9, timed=True), day(1), TODAY)), "1", present=WALL + 2 * DAY)
    assert Bounds(WALL + 2 * DAY - OPEN, WALL + 2 * DAY - OPEN, WALL + 2 * DAY - OPEN) == found


def test_an_unknown_boot_has_no_bounds() -> None:
    """A store that an earlier version wrote knows no boots."""
    assert bounds(Boots((TODAY,)), "?", present=WALL) is None


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 1e5), st.floats(0, 1e5), st.one_of(st.none(), st.floats(0, 9e9)))),
    st.floats(0, 1e5),
)
def test_the_truth_lies_within_the_bounds_and_order_is_kept(
    lives: list[tuple[bool, float, float, float | None]], off: float
) -> None:
    """Whatever a kiosk goes through, as long as its synchronised clocks were right."""
    wall, truth, boots = WALL, [], []
    for number, (is_timed, dark, length, claimed) in enumerate(lives):
        wall += dark
        truth.append(wall)
        boots.append(Boot(str(number), wall if is_timed else None, length, claimed))
        wall += length
    known = Boots((*boots, TODAY))
    end = float("-inf")
    for began, boot in zip(truth, boots, strict=True):
        if boot.began is not None:
            end = boot.began + boot.until
            continue
        found = bounds(known, boot.boot_id, present=wall + off)
        assert found is not None
        assert (found.earliest is None or found.earliest <= began + 1e-3) and began <= found.latest + 1e-3
        assert found.likeliest <= found.latest
        assert end - 1e-3 <= found.likeliest
        end = found.likeliest + boot.until
