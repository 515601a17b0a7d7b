"""The state diagram of a session, drawn from the table that the tracker obeys.

Contract: `state_diagram` gives Mermaid text, the same for the same table; ARCHITECTURE.md holds a copy, and a test
fails when the copy is stale.
"""

from agent.kernel.phases import DETAILS, MOVES, RUNNING, SPOTS, Phase


def state_diagram() -> str:
    """Mermaid text (`stateDiagram-v2`), without the fence and without a newline at the end."""
    lines = ["stateDiagram-v2", "    [*] --> idle"]
    for phase, moves in MOVES.items():
        targets: dict[Phase, list[str]] = {}
        for kind, target in moves.items():
            targets.setdefault(target, []).append(kind.__name__)
        for target, kinds in targets.items():
            lines.append(f"    {phase.value} --> {target.value}: {', '.join(kinds)}")
    details = ", ".join(sorted(kind.__name__ for kind in DETAILS))
    for phase in (phase for phase in MOVES if phase in RUNNING):
        lines.append(f"    note right of {phase.value} : also {details}, Failed (not fatal)")
    spots = ", ".join(sorted(kind.__name__ for kind in SPOTS))
    lines.append(f"    note left of {Phase.ENDING.value} : {spots} may come in every phase but idle")
    return "\n".join(lines)
