"""Who is alive: the watchdog's ping is earned by this."""

from agent.kernel.liveness import Pulse, stalled


def test_thread_that_rests_is_healthy_for_ever() -> None:
    """A kiosk that is offline for a month has nothing to do, and must not be restarted for it."""
    pulse = Pulse("deliver", 60.0)
    assert stalled([pulse], 1e9) is None
    pulse.beat(5.0)
    pulse.rest()
    assert stalled([pulse], 1e9) is None


def test_thread_that_is_at_one_thing_for_too_long_is_named() -> None:
    """Whoever reads the log after a restart has to know which part hung."""
    hangs, works = Pulse("deliver stats.collect", 60.0), Pulse("player-link", 60.0)
    hangs.beat(100.0)
    works.beat(150.0)
    assert stalled([works, hangs], 160.0) is None
    assert "deliver stats.collect has been at one thing for 61 s" == stalled([works, hangs], 161.0)
    hangs.beat(161.0)
    assert stalled([works, hangs], 200.0) is None
