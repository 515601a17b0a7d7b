"""Which plays no destination is told of, although their medium has an entry.

Contract: pure. `is_left_out` answers for a session, by how it opened and to whom it belongs; `why_passed` is the reason
under which a destination counts what it has no entry for.
Rules: the policy for dark screens (`display.dark_plays`) decides where a session opens, for all of it, and takes the
entry from its attribution: each destination then passes the session over, as it does one whose medium has none. The
medium, in `Opened`, keeps its entry, so that the ledger knows what was left out.
Reasons: a mark of its own would be another column of a log that is full of such rows already, for a rule that most
kiosks never use; and a destination that does not know the mark would send.
"""

from typing import Final

from agent.kernel.attribution import Attribution
from agent.kernel.events import Opened

DARK_SCREEN: Final = "dark-screen"
"""The reason under which a destination counts such a play."""


def is_left_out(opened: Opened, owner: Attribution) -> bool:
    """Whether the session that `opened` begins, which is `owner`'s, is told to nobody by the policy."""
    return opened.media.entry_id is not None and owner.entry_id is None


def why_passed(fact: object, owner: Attribution, missing: str) -> str:
    """The reason to count where `fact` has no usable entry. `missing`: what it is otherwise."""
    return DARK_SCREEN if isinstance(fact, Opened) and is_left_out(fact, owner) else missing
