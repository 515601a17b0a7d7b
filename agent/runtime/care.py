"""The full check of the queue for whoever asks, a part at a time.

Contract: `check` answers the call `queue.check` (`after`: a sequence, at first 0): how many rows were read up to
`after`, null where that was the last part; `problem` says what was damaged, and what happens now.
`ledger.check` (`plays`) goes through the newest plays of the ledger's chain; kiosk-agent report --verify through all.
`ledger.head`: whose ledger it is and where its chain ends, for a signature.
Rules: a running agent's main loop waits for the answer, so a call reads a bounded part.
Reasons: decision 28.
"""

from collections.abc import Mapping
from typing import Any, Final

from agent.outbox.errors import StoreDamaged
from agent.outbox.store import Outbox

# Of 500 events each: some tenths of a second from a slow card.
SLICES_A_CALL: Final = 8
# Plays: less than a tenth of a second on a small board.
LEDGER_AT_MOST: Final = 1000


def check(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Check the next part."""
    after = arguments.get("after", 0)
    after = after if type(after) is int and after > 0 else 0
    try:
        for _ in range(SLICES_A_CALL):
            after = outbox.check(after)
            if not after:
                break
    except StoreDamaged as error:
        return {"after": None, "problem": str(error)}
    return {"after": after or None, "problem": None}


def check_ledger(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Go through the newest `plays` of the ledger's chain: the first number that is wrong, and what is."""
    plays = arguments.get("plays", 0)
    seen = outbox.newest_plays(min(plays, LEDGER_AT_MOST) if type(plays) is int and plays > 0 else LEDGER_AT_MOST)
    begun = seen.number
    while not seen.is_over:
        seen = outbox.verify_plays_slice(seen)
    faults = [{"number": fault.number, "what": fault.what} for fault in seen.faults]
    return {"after": begun, "through": seen.number, "faults": faults}


def head(outbox: Outbox, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Whose ledger it is, where its chain ends, and whether it `passes` through a `hash` of before, at `number`."""
    chain = outbox.play_chain()
    number, chained = arguments.get("number"), arguments.get("hash")
    passes = None
    if isinstance(number, int) and 0 < number < 1 << 60 and isinstance(chained, str):
        passes = outbox.chain_passes(number, chained)
    return {
        "device": outbox.device_id,
        "number": chain.number,
        "hash": chain.hash,
        "first": chain.first,
        "passes": passes,
    }


CALLS: Final = {"queue.check": check, "ledger.check": check_ledger, "ledger.head": head}
