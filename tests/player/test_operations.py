"""What an operator can ask."""

from typing import get_args

from agent.player import wire
from agent.player.operations import Operation


def test_operator_cannot_load_or_end_the_host() -> None:
    """Those are the director's and the supervisor's: past them, the tracker would not know what is played."""
    asked = set(get_args(Operation))
    assert asked.isdisjoint({wire.Load, wire.Quit})
    assert {wire.Pause, wire.Resume, wire.Seek, wire.Stop} <= asked
