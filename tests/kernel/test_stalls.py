"""Stalls: the absence of signals, told in pairs."""

from agent.kernel.events import Closed, Recovered, Stalled
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Buffering, Halted, Paused, Playing, Stopped, TimeChanged
from tests.support.script import Script
from tests.support.stories import mismatch


def test_silence_becomes_a_stall_dated_to_where_the_picture_stopped() -> None:
    """libvlc has no event for it (R3); 0.3 s of picture were still in the buffer."""
    script = Script().open(length=60.0).play(4.0).wait(5.0).pulse().play(4.5)
    events = script.told()
    assert mismatch("opened:A loaded playing stalled recovered", events) is None
    stalled = next(event for event in events if isinstance(event, Stalled))
    recovered = next(event for event in events if isinstance(event, Recovered))
    assert (104.4, 109.6, 5.2) == (stalled.at, recovered.at, recovered.waited)
    assert 5.2 == recovered.head.buffered


def test_frozen_samples_are_no_progress() -> None:
    """HLS goes on saying the same time (hls_stall_15s)."""
    script = Script().open(length=60.0).play(4.0)
    for _ in range(20):
        script.wait(0.28).say(TimeChanged, 4.0)
    assert mismatch("opened:A loaded playing stalled", script.told()) is None


def test_a_pulse_long_after_the_last_progress_is_a_stall_at_once() -> None:
    """The buffer has run dry; waiting for the timer would only tell it later (R3)."""
    script = Script().open(length=60.0).play(4.0).wait(1.3).say(Buffering, 0.0)
    assert mismatch("opened:A loaded playing stalled", script.told()) is None


def test_a_pulse_soon_after_progress_is_none() -> None:
    """A seek has one as well, of 5 ms (R3)."""
    script = Script().open(length=60.0).play(4.0).wait(0.5).pulse()
    assert mismatch("opened:A loaded playing", script.told()) is None


def test_a_pause_in_a_stall_ends_the_stall_first() -> None:
    """Kaltura's players send BUFFER_END before PAUSE (kaltura.md section 4)."""
    script = Script().open(length=60.0).play(4.0).wait(3.0).say(Paused).wait(9.0).say(Playing).play(5.0)
    assert mismatch("opened:A loaded playing stalled recovered paused resumed", script.told()) is None


def test_a_pause_is_no_stall_however_long() -> None:
    """Nothing moves because nobody wants it to."""
    script = Script().open(length=60.0).play(4.0).say(Paused).wait(3600.0).say(Playing).play(5.0)
    assert mismatch("opened:A loaded playing paused resumed", script.told()) is None


def test_a_stop_in_a_stall_leaves_it_unrecovered() -> None:
    """Decision 14: a stopped play sends nothing more, so no BUFFER_END may come of it."""
    script = Script().open(length=60.0).play(4.0).wait(3.0).say(Stopped)
    assert mismatch("opened:A loaded playing stalled closed:stopped", script.told()) is None


def test_a_suspended_machine_tells_a_stall_and_plays_on() -> None:
    """After SIGCONT VLC says a pulse and a time that is at most as far on as the clock (process_suspended_3s)."""
    script = Script().open(length=60.0).play(3.0).wait(3.0).pulse().say(TimeChanged, 5.2)
    script.time = 5.2
    assert mismatch("opened:A loaded playing stalled recovered", script.play(6.0).told()) is None


def test_a_picture_that_the_player_let_go_is_no_stall() -> None:
    """An attached host needs seconds to tell a stop from a skip: nobody waits for data then, over a restart too."""
    script = Script().open(length=60.0).play(4.0).say(Halted)
    tracker = SessionTracker()
    assert mismatch("opened:A loaded playing", script.told(silence=60.0, tracker=tracker)) is None
    again = SessionTracker.restore(tracker.checkpoint())
    assert [] == again.tick(script.at + 120.0)
    closed = again.feed(Stopped(script.at))[-1]
    assert isinstance(closed, Closed)
    assert (script.at, 4.0) == (closed.at, closed.head.position), "the stop has its own time and place"


def test_another_medium_long_after_the_picture_was_let_go_is_a_skip_without_a_stall() -> None:
    """A slow Pi needs longer for its next item than a stall takes."""
    script = Script().open(length=60.0).play(4.0).say(Halted).wait(1.9).open()
    assert mismatch("opened:A loaded playing closed:skipped opened:A loaded", script.told()) is None


def test_a_picture_that_comes_back_by_itself_may_stall_again() -> None:
    """No host says so; if one does, the session must not be deaf for stalls."""
    script = Script().open(length=60.0).play(4.0).say(Halted).wait(9.0).say(Playing).wait(1.0).play(5.0).wait(5.0)
    assert mismatch("opened:A loaded playing stalled", script.told()) is None
