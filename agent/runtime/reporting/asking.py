"""What `kiosk-agent report` asks: the same answers from a running agent and from a store at rest.

Contract: `CALLS` are the calls; each takes the ledger and arguments and returns JSON, or raises ValueError.
`report.slice` (by, from, to, after, through) adds up some lines, `report.plays` (from, to, after, through) shows them,
`report.verify` (number, hash) goes through the chain for some milliseconds. `through` and `after` come from the answer
before, so that a period is looked for once.
Rules: arguments come over a socket, so nothing about them is believed. Each answer costs the main loop milliseconds.
"""

import re
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any, Final

from agent.kernel.plays import Play, Verified
from agent.remote.slices import Slice
from agent.runtime.reporting import zone
from agent.runtime.reporting.lines import Ledger, reach, span_of
from agent.runtime.reporting.slicing import LINES_A_STEP, Slicing, question

SLICE: Final = "report.slice"
PLAYS: Final = "report.plays"
VERIFY: Final = "report.verify"
_HASH = re.compile(r"\?|([0-9a-f]{2}){0,64}")


def _slice(ledger: Ledger, arguments: Mapping[str, Any]) -> dict[str, Any]:
    slicing = Slicing(ledger, question(arguments), lines=LINES_A_STEP)
    found: Slice | None = None
    while found is None:  # one step, since a slice has no more lines than that
        found = slicing.step()
    return found.plain()


def _plays(ledger: Ledger, arguments: Mapping[str, Any]) -> dict[str, Any]:
    asked = question(arguments)
    period = reach(asked.period)
    if asked.after is not None and asked.through is not None:
        first, last = asked.after + 1, asked.through
    else:
        first, last = span_of(ledger, period) or (1, 0)
    found = ledger.plays(first - 1, LINES_A_STEP) if first <= last else []
    lines = [view(play) for play in found if play.number <= last and period.holds(play.began)]
    is_over = len(found) < LINES_A_STEP or found[-1].number >= last
    return {
        "zone": zone.zone(),
        "plays": lines,
        "after": last if is_over else found[-1].number,
        "through": last,
        "done": is_over,
    }


def _verify(ledger: Ledger, arguments: Mapping[str, Any]) -> dict[str, Any]:
    number, hashed = arguments.get("number", 0), arguments.get("hash", "")
    is_number = type(number) is int and 0 <= number < 1 << 63
    if not is_number or not isinstance(hashed, str) or _HASH.fullmatch(hashed) is None:
        raise ValueError("number and hash come from the answer before")
    seen = ledger.verify_plays_slice(Verified(number, hashed))
    return {
        "number": seen.number,
        "hash": seen.hash,
        "faults": [{"number": fault.number, "what": fault.what} for fault in seen.faults],
        "done": seen.is_over,
    }


def view(play: Play) -> dict[str, Any]:
    """A line of the ledger for machines; its keys are kept stable. Times are wall seconds.

    When a play was delivered is known to the quarter of an hour, and not before its end: the earliest that it can have
    been, and so never before `ended`.
    """
    facts = play.facts
    return {
        "number": play.number,
        "session": facts.session,
        "item": facts.item,
        "entry": facts.entry_id,
        "day": zone.day_of(play.began),
        "time": zone.time_of(play.began),
        "began": round(play.began, 3),
        "ended": round(play.ended, 3),
        "estimated": play.is_estimated,
        "started": facts.is_started,
        "seconds": round(facts.played, 3),
        "duration": facts.duration,
        "completed": facts.is_complete,
        "ending": facts.ending.value,
        "display": facts.shown.value,
        "dark_seconds": round(facts.dark_s, 3),
        "left_out": facts.is_left_out,
        "delivered": {each.sink: None if each.at is None else ceil(each.at) for each in play.delivered},
    }


CALLS: Mapping[str, Callable[[Ledger, Mapping[str, Any]], dict[str, Any]]] = {
    SLICE: _slice,
    PLAYS: _plays,
    VERIFY: _verify,
}
