"""Answers the question that a store keeps whose card came to another board: this board takes the place of the first.

Contract: `take_the_place` answers whether there was such a question; raises StoreError, and nothing has changed then.
Rules: for a store at rest; its agent is stopped first. The store is opened as the agent opens it, since the agent may
never have run on this board: its next start must find the answer, not ask. A board without a store has nothing to
answer: it takes the id alone, and its events have another generation than those of the board before.
"""

from pathlib import Path
from typing import Final

from agent.config.model import Settings
from agent.outbox.connection import STORE_NAME
from agent.outbox.generation import MOVED, moved_id
from agent.outbox.play_origin import COPIED
from agent.outbox.visiting import give_to_the_owner
from agent.runtime.opening import open_outbox

# The agent was told to stop, and has.
_PATIENCE_S: Final = 1.0


def take_the_place(state_dir: Path, settings: Settings) -> bool:
    """Remember that nobody else runs under this store's device id. `settings`: those of the agent's next start."""
    if not (state_dir / STORE_NAME).exists():
        return False
    try:
        outbox = open_outbox(state_dir, settings, patience_s=_PATIENCE_S)
        try:
            was_asked = moved_id(outbox.state(MOVED)) is not None
            if was_asked or outbox.state(COPIED):
                outbox.append((), states={MOVED: "", COPIED: ""})
            return was_asked
        finally:
            outbox.close()
    finally:
        give_to_the_owner(state_dir)
