"""The closing account: what the agent produced against what the collector counted.

Contract: pure. `Counted.of(events)` reads the collector's log, `Produced.of(status)` the agent's own account;
`balance` compares the two in one line.

Rules: an event is known by the parameter that it carries beside its fields (`eventId`), which stays the same over
retries and over a killed process. Counted are distinct identities; doubled is what was logged again under an identity
that had been logged before. An event that waits is not lost, and nor is one that the server refused: it is a dead
letter, which the agent keeps.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tools.standin.event import Event

SINK = "stats.collect"
_IDENTITY = re.compile(r"[0-9a-f-]{36}-(\d+)-(\d+)")  # agent.kernel.attribution: generation, sequence, part


@dataclass(frozen=True, slots=True)
class Counted:
    """What the collector logged. `unnamed`: without an identity; `disordered`: arrived after a later event."""

    distinct: int
    doubled: int
    unnamed: int
    disordered: int

    @classmethod
    def of(cls, events: Sequence[Event]) -> "Counted":
        """Read the log, oldest first."""
        names = [str(event.get("_request", {}).get("eventId", "")) for event in events]
        named = [name for name in names if name]
        firsts = list(dict.fromkeys(named))
        places = [where for name in firsts if (where := place(name))]
        return cls(
            distinct=len(firsts),
            doubled=len(named) - len(firsts),
            unnamed=len(names) - len(named),
            disordered=sum(after < before for before, after in pairwise(places)),
        )


@dataclass(frozen=True, slots=True)
class Produced:
    """What the agent says: events that the server accepted, that wait, that it refused, that were dropped.

    `next_try_s`: in how many seconds it will try again, where it could not reach the server.
    """

    delivered: int
    queued: int
    refused: int
    dropped: int
    next_try_s: float | None = None

    @classmethod
    def of(cls, status: Mapping[str, Any]) -> "Produced | None":
        """Read an answer of `kiosk-agent status --json`; None where it holds no figures of stats.collect."""
        sink = next((sink for sink in status.get("sinks") or [] if sink.get("name") == SINK), None)
        if sink is None or sink.get("delivered") is None:
            return None
        return cls(
            delivered=int(sink["delivered"]),
            queued=int(sink.get("depth") or 0),
            refused=sum((sink.get("dead") or {}).values()),
            dropped=sum((sink.get("dropped") or {}).values()),
            next_try_s=sink.get("next_try_s"),
        )


def place(identity: str) -> tuple[int, int] | None:
    """Where an event stands in the agent's log, which is the order in which it has to arrive (decision 3).

    None for an identity that is not the agent's.
    """
    found = _IDENTITY.fullmatch(identity)
    return (int(found[1]), int(found[2])) if found else None


def is_settled(produced: Produced, counted: Counted) -> bool:
    """Whether nothing waits and both sides agree."""
    return produced.queued == 0 and produced.delivered == counted.distinct + counted.unnamed


def balance(produced: Produced, counted: Counted) -> tuple[bool, str]:
    """Whether the two accounts agree, and the line that says so."""
    arrived = counted.distinct + counted.unnamed
    made = produced.delivered + produced.refused + produced.dropped
    word = "delivered" if produced.queued else "produced"
    lost = max(produced.delivered - arrived, 0) + produced.dropped
    remarks = [
        f"{lost} lost" if lost else "none lost",
        f"{counted.doubled} doubled" if counted.doubled else "none doubled",
    ]
    if arrived > produced.delivered:
        remarks.append(f"{arrived - produced.delivered} counted that the agent does not know to be delivered")
    if counted.disordered:
        remarks.append(f"{counted.disordered} out of order")
    if counted.unnamed:
        remarks.append(f"{counted.unnamed} without an identity")
    if produced.refused:
        remarks.append(f"{produced.refused} refused by the server and kept as dead letters")
    good = remarks == ["none lost", "none doubled"]
    if produced.queued:
        remarks.append(f"{produced.queued} still queued")
    sign = "=" if made == arrived else "≠"
    return good, f"{made} {word} {sign} {arrived} counted: {', '.join(remarks)}."
