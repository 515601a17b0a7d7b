"""Answers the question that a store keeps whose card came to another board: this board takes the place of the first.

Contract: `take_the_place` answers whether there was such a question; raises StoreError, and nothing has changed then.
Rules: for a store at rest; its agent is stopped first. A board with a store of its own, or with none yet, has nothing
to answer: it takes the id alone, and its events have another generation than those of the board before.
"""

from pathlib import Path

from agent.outbox.connection import STORE_NAME
from agent.outbox.generation import MOVED, moved_id
from agent.outbox.visiting import visit


def take_the_place(state_dir: Path) -> bool:
    """Remember that nobody else runs under this store's device id."""
    if not (state_dir / STORE_NAME).exists():
        return False
    outbox = visit(state_dir)
    try:
        if moved_id(outbox.state(MOVED)) is None:
            return False
        outbox.append((), states={MOVED: ""})
        return True
    finally:
        outbox.close()
