"""The machine's clocks."""

import time
from pathlib import Path

from agent.runtime.clock import SystemClock, boottime


def test_now_reads_both_clocks_of_this_boot() -> None:
    """The player host's stamps come from the same clock and must compare with ours."""
    before, wall = time.clock_gettime(time.CLOCK_BOOTTIME), time.time()
    now = SystemClock().now()
    after = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= now.boottime <= after
    assert wall <= now.wall <= time.time()
    assert Path("/proc/sys/kernel/random/boot_id").read_text().strip() == now.boot_id


def test_boottime_never_goes_back() -> None:
    """Deadlines are differences of it."""
    readings = [boottime() for _ in range(100)]
    assert sorted(readings) == readings


def test_synchronised_is_the_kernels_word_and_never_raises() -> None:
    """A container may forbid the call; that means "not known to be synchronised", not a crash."""
    clock = SystemClock()
    assert clock.synchronised() in (True, False)
    clock._adjtimex = lambda _buffer: -1
    assert clock.synchronised() is False
    clock._adjtimex = lambda _buffer: 5
    assert clock.synchronised() is False
    clock._adjtimex = lambda _buffer: 0
    assert clock.synchronised() is True
    clock._adjtimex = None
    assert clock.synchronised() is False
