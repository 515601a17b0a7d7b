"""Check of the ledger of plays: is each of its newest lines as it was written?

Contract: one finding, None where there is no store to look at, or agent.runtime.checks.store has said already what is
wrong with it. Nothing is changed.
Rules: the newest plays alone, which takes a moment; kiosk-agent report --verify goes through all of them.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.outbox.errors import StoreError
from agent.outbox.visiting import visit
from agent.runtime import care
from agent.runtime.checks.finding import Finding, fail, ok
from agent.runtime.control import ControlError, ask


def ledger(state_dir: Path, *, agent: Mapping[str, Any] | None) -> Finding | None:
    """Whether the chain is sound. `agent`: the status of the one that runs, None for none."""
    try:
        if agent is not None:
            found = ask(state_dir, "ledger.check")
        else:
            outbox = visit(state_dir)
            try:
                found = care.check_ledger(outbox, {})
            finally:
                outbox.close()
    except (StoreError, ControlError, OSError):
        return None
    if "faults" not in found:
        return None  # an agent of an earlier version
    first, last = found["after"] + 1, found["through"]
    if found["faults"]:
        return fail(
            "ledger",
            f"play {found['faults'][0]['number']} is not as it was written: {found['faults'][0]['what']}",
            "kiosk-agent report --verify goes through all of it. Plays go on being recorded; a signed report of before "
            "that still shows what was there.",
        )
    if last < first:
        return ok("ledger", "no plays yet")
    return ok("ledger", f"sound: plays {first} to {last} hang together")
