"""Two clocks."""

from agent.kernel.instants import Instant


def test_another_moment_of_the_same_boot_shifts_both_clocks() -> None:
    """A stall is dated back by seconds; its wall time must go back with it."""
    now = Instant(boot_id="b", boottime=100.0, wall=1_700_000_000.0, synced=True)
    assert Instant("b", 98.5, 1_699_999_998.5, True) == now.at(98.5)
