"""Who an event is."""

from agent.kernel.attribution import Identity, session_id

FIRST, SECOND = "6c2a2b0e-9d0c-4a55-b7d6-1f0f2f7f6a01", "6c2a2b0e-9d0c-4a55-b7d6-1f0f2f7f6a02"


def test_a_session_id_is_the_same_after_a_crash_and_another_elsewhere() -> None:
    """Decision 3: the kernel has no random, and a cloned store must not mix its plays with the original's."""
    assert session_id(FIRST, 7) == session_id(FIRST, 7)
    assert 4 == len({session_id(FIRST, 7), session_id(FIRST, 8), session_id(SECOND, 7), session_id(SECOND, 8)})


def test_a_token_names_the_message_and_stays() -> None:
    """It is what makes a resend recognisable at the server."""
    assert f"{FIRST}-12-0" == Identity(FIRST, 12).token(0)
    assert Identity(FIRST, 12).token(0) != Identity(FIRST, 12).token(1)
