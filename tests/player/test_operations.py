"""What an operator can ask."""

from typing import get_args

from agent.player import wire
from agent.player.operations import Operation


def test_operator_cannot_load() -> None:
    """Loading is the director's: past it, the tracker would not know what is played."""
    asked = set(get_args(Operation))
    assert wire.Load not in asked
    assert {wire.Pause, wire.Resume, wire.Seek, wire.Stop} <= asked
