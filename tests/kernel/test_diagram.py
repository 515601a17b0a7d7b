"""The state diagram in ARCHITECTURE.md."""

from pathlib import Path

import pytest

from agent.kernel.diagram import state_diagram
from agent.kernel.phases import MOVES

ARCHITECTURE = Path(__file__).parents[2] / "ARCHITECTURE.md"


def test_the_diagram_shows_every_move() -> None:
    """A picture that leaves something out is worse than none."""
    text = state_diagram()
    assert text.startswith("stateDiagram-v2\n    [*] --> idle\n")
    for phase, moves in MOVES.items():
        for kind, target in moves.items():
            lines = [line for line in text.splitlines() if line.startswith(f"    {phase.value} --> {target.value}: ")]
            assert any(kind.__name__ in line for line in lines)


@pytest.mark.skipif(not ARCHITECTURE.exists(), reason="ARCHITECTURE.md is not written yet")
def test_the_documentation_holds_the_diagram_of_this_code() -> None:
    """A stale copy would teach the wrong order."""
    assert state_diagram() in ARCHITECTURE.read_text(encoding="utf-8")
