"""What brought the playhead where it is."""

from agent.kernel.jumps import SLACK, SLACK_ADAPTIVE, Found, judge


def found(time: float, *, last: float, expected: float, end: float | None = 60.0, slack: float = SLACK) -> Found:
    """The judgement at normal rate."""
    return judge(time=time, last=last, expected=expected, rate=1.0, start=0.0, end=end, slack=slack)


def test_as_much_as_there_was_time_for_is_nothing() -> None:
    """A rebuffering has the pulse of a seek, but loses time (R2)."""
    assert Found.NOTHING is found(12.0, last=10.0, expected=2.1)
    assert Found.NOTHING is found(10.2, last=10.0, expected=4.0)


def test_more_than_there_was_time_for_is_a_seek() -> None:
    """Forwards by at least 0.35 s more than the clock (R2)."""
    assert Found.SEEK is found(13.0, last=10.0, expected=2.0)


def test_going_back_is_a_seek() -> None:
    """Backwards by at least 0.35 s (R2)."""
    assert Found.SEEK is found(9.0, last=10.0, expected=2.0)


def test_adaptive_times_may_be_further_off() -> None:
    """HLS goes back 1.1 s after a rebuffering (hls_stall_15s)."""
    assert Found.NOTHING is found(9.0, last=10.0, expected=2.0, slack=SLACK_ADAPTIVE)


def test_from_the_end_to_the_start_is_another_pass() -> None:
    """input_repeat: 2.8 of 3.0 s, then 0.4 s."""
    assert Found.ANOTHER_PASS is found(0.4, last=2.8, expected=0.6, end=3.0)
    assert Found.SEEK is found(0.4, last=1.8, expected=0.6, end=3.0)
    assert Found.SEEK is found(0.4, last=2.8, expected=0.6, end=None)


def test_a_rebuffering_of_a_very_short_clip_is_no_pass() -> None:
    """A clip of 1 s is always near its start and near its end."""
    assert Found.NOTHING is found(0.7, last=0.4, expected=0.4, end=1.0)
