"""The values that the ledger is told in."""

from agent.kernel.plays import ChainHead, Verified
from tests.support.plays import a_play


def test_verification_begins_with_nothing_found() -> None:
    """Whoever starts one gives no hash, and gets the chain's own beginning."""
    assert (0, "", (), False) == (Verified().number, Verified().hash, Verified().faults, Verified().is_over)


def test_plays_and_heads_are_equal_where_they_say_the_same() -> None:
    """They are compared after they came back from the file."""
    assert a_play(1) == a_play(1) != a_play(2)
    assert ChainHead(0, "", 1) == ChainHead(0, "", 1)
