"""What a player can say."""

import typing
from dataclasses import fields, is_dataclass

from agent.kernel import signals
from agent.kernel.signals import Signal


def test_every_signal_is_in_the_union_and_begins_with_its_time() -> None:
    """A kind that the union forgets would pass every `match` unseen; the tracker moves its clock by `at`."""
    kinds = {kind for kind in vars(signals).values() if is_dataclass(kind) and kind.__module__ == signals.__name__}
    assert kinds == set(typing.get_args(Signal))
    for kind in typing.get_args(Signal):
        assert "at" == fields(kind)[0].name
