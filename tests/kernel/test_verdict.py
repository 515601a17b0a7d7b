"""How a send can end."""

import typing

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict


def test_the_verdicts_are_four() -> None:
    """The pump acts on nothing else; a fifth would pass its `match` unseen."""
    assert {Delivered, Later, Held, Refused} == set(typing.get_args(Verdict))


def test_a_message_that_never_left_is_not_lost_on_the_way() -> None:
    """Decision 8 counts possible repeats; a refused connection is none."""
    assert not Later(Cause.NETWORK, "connection refused", answered=False).lost
