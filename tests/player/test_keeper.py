"""What is the same for a host that is a child and for one that is a service of its own."""

from agent.player.keeper import MOST_DOUBLINGS, PlayerStatus, RestartRules


def test_pause_grows_up_to_its_ceiling_and_never_overflows() -> None:
    """A week of losses must end in a pause, not in an OverflowError."""
    rules = RestartRules(silence=3.0, first=1.0, longest=1e9)
    assert [0.0, 1.0, 2.0, 4.0] == [rules.pause(losses) for losses in range(4)]
    assert 2.0**MOST_DOUBLINGS == rules.pause(10_000_000)


def test_nothing_is_claimed_of_a_host_before_there_is_one() -> None:
    """`status` is asked from the first moment on."""
    status = PlayerStatus()
    assert (False, None, 0, None) == (status.ready, status.pid, status.losses, status.waits_for)
