"""The rules about sizes and ages."""

from pathlib import Path

import pytest

from agent.outbox.bounds import LARGEST_BYTES, SMALLEST_BYTES, Bounds, age_between, default_bounds
from tests.support.outbox import NEXT_BOOT, WALL, an_instant


def test_an_age_within_one_boot_ignores_the_wall_clock() -> None:
    """The wall clock jumps by years when the network comes; boot-time does not."""
    assert age_between(an_instant(10.0, wall=0.0, synced=False), an_instant(40.0, wall=9e9)) == 30.0


def test_an_age_across_boots_needs_two_synchronised_clocks() -> None:
    """An unsynchronised time is no time; nothing may age out because of it."""
    before = an_instant(10.0, wall=WALL)
    after = an_instant(1.0, boot_id=NEXT_BOOT, wall=WALL + 500.0)
    assert age_between(before, after) == 500.0
    assert age_between(before, an_instant(1.0, boot_id=NEXT_BOOT, synced=False)) is None
    assert age_between(an_instant(10.0, synced=False), after) is None


def test_the_default_is_bounded_by_the_file_system(tmp_path: Path) -> None:
    """256 MiB on a large disk, 5 % of a small card."""
    assert SMALLEST_BYTES <= default_bounds(tmp_path).total_bytes <= LARGEST_BYTES


@pytest.mark.parametrize(("total_bytes", "age"), [(SMALLEST_BYTES - 1, 1.0), (SMALLEST_BYTES, 0.0)])
def test_bounds_that_hold_nothing_are_refused(total_bytes: int, age: float) -> None:
    """A typing error in the configuration must not silently drop every event."""
    with pytest.raises(ValueError, match="too small"):
        Bounds(total_bytes, age)
