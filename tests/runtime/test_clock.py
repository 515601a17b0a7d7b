"""The machine's clocks."""

import time
from pathlib import Path

import pytest

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


def asked(answer: int, sign: Path) -> bool:
    """Whether a clock whose kernel gives that answer is synchronised."""
    clock = SystemClock(sign)
    clock._adjtimex = lambda _buffer: answer
    return clock.synchronised()


def test_synchronised_is_the_kernels_word(tmp_path: Path) -> None:
    """All time sources tell the kernel; it knows of a clock that was set by hand, and a file does not."""
    sign = tmp_path / "synchronized"
    assert asked(0, sign)
    sign.touch()
    assert not asked(5, sign)


def test_timesyncds_sign_counts_where_the_kernel_may_not_be_asked(tmp_path: Path) -> None:
    """A hardened unit or a strict container must not make estimates of all times."""
    sign = tmp_path / "synchronized"
    assert not asked(-1, sign)
    sign.touch()
    assert asked(-1, sign)
    silent = SystemClock(sign)
    silent._adjtimex = None
    assert silent.synchronised()


def test_the_sign_is_not_looked_for_with_each_event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is read some times a second, and a sign that comes is soon seen."""
    clock, moment = SystemClock(tmp_path / "synchronized"), [100.0]
    clock._adjtimex = None
    monkeypatch.setattr("agent.runtime.clock.boottime", lambda: moment[0])
    assert not clock.synchronised()
    (tmp_path / "synchronized").touch()
    assert not clock.synchronised()
    moment[0] += 60.0
    assert clock.synchronised()


def test_a_sign_that_cannot_be_looked_for_is_none(tmp_path: Path) -> None:
    """It never raises: the clock is read in the middle of everything."""
    assert not asked(-1, tmp_path / ("x" * 300))
    assert SystemClock().synchronised() in (True, False)
