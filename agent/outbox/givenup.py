"""What was given up for want of room or by age: how many of which kind, and from when to when they happened.

Contract: `added` tells the account with some events more, `read` and `text` are inverse; the text is the named text
`STATE_NAME`, which commits with the drop itself. It runs since the store was created.
Rules: the times are the events' own, by the best clock that is known, for an operator asks from when to when data are
missing; the tombstones say the same in sequences. A text that cannot be read counts as none: the counters still hold.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from agent.kernel.instants import Instant

STATE_NAME = "given-up"


@dataclass(frozen=True, slots=True)
class GivenUp:
    """`number` events of one kind, for one reason; the earliest and the latest of them, in wall seconds."""

    reason: str
    kind: str
    number: int
    first: float
    last: float


Account = Mapping[tuple[str, str], GivenUp]
"""By reason and kind."""


def added(known: Account, reason: str, events: Iterable[tuple[str, Instant]]) -> Account:
    """With these events, each a kind and when it happened."""
    found = dict(known)
    for kind, instant in events:
        wall = instant.wall
        so_far = found.get((reason, kind), GivenUp(reason, kind, 0, wall, wall))
        found[reason, kind] = GivenUp(reason, kind, so_far.number + 1, min(so_far.first, wall), max(so_far.last, wall))
    return found


def text(account: Account) -> str:
    """As it is kept."""
    return json.dumps([astuple(each) for each in account.values()], separators=(",", ":"))


def read(text: str) -> Account:
    """The inverse of `text`."""
    try:
        found = [
            GivenUp(str(r), str(k), int(n), float(first), float(last)) for r, k, n, first, last in json.loads(text)
        ]
    except (ValueError, TypeError):
        return {}
    return {(each.reason, each.kind): each for each in found}
