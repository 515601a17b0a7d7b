"""Where a request gets its session from."""

from agent.sinks.kaltura.sessions import NoSession, SessionSource, SessionState


def test_without_a_session_nothing_is_ever_tried_again_for_one() -> None:
    """A service that wants a session holds the queue, visibly; guessing would lose attribution."""
    source: SessionSource = NoSession()
    assert source.current() is None
    assert False is source.refused("")
    assert SessionState.NONE is source.status().state
    source.close()
