"""For how long something has been as it is."""

from agent.runtime.health.since import Since


def test_time_counts_from_the_last_change_only() -> None:
    """A player that is "starting" for a second is starting; for five minutes, it is broken."""
    since = Since(100.0)
    since.look("starting", 100.5)
    since.look("starting", 130.0)
    assert 29.5 == since.lasts(130.0)
    since.look("playing", 131.0)
    assert 0.0 == since.lasts(131.0)
    assert 0.0 == since.lasts(130.0)
