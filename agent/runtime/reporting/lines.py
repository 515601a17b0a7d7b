"""Finds the lines of a period in the ledger.

Contract: `span_of` answers the numbers of the first and the last line among which all plays of a period are; `reach`
what its days are in wall seconds. Nothing is written, and no more than some forty lines are read.
Rules: the ledger is only known by number, so the ends are found by halving: lines stand in the order in which plays
ended, and times rise with them, up to `MARGIN_S`. What lies in the margin is looked at and not counted.
Reasons: a year of plays is a million lines; a kiosk's player plays one thing at a time, and a time that is not known is
bounded by its neighbours.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple, Protocol

from agent.kernel.periods import Edge, Period
from agent.kernel.plays import ChainHead, Play, Verified
from agent.runtime.reporting import zone

MARGIN_S = 3600.0


class Ledger(Protocol):
    """What reports read of the store."""

    generation: str

    def plays(self, after: int = ..., limit: int = ...) -> list[Play]: ...

    def play_chain(self) -> ChainHead: ...

    def verify_plays_slice(self, seen: Verified) -> Verified: ...


class Reach(NamedTuple):
    """Wall seconds, the first of which belongs to the period and the last does not; None: open."""

    since: float | None
    until: float | None

    def holds(self, wall: float) -> bool:
        """Whether a play that began then belongs to it."""
        return (self.since is None or self.since <= wall) and (self.until is None or wall < self.until)


def reach(period: Period) -> Reach:
    """The period by this device's days."""
    return Reach(_second(period.since, later=0), _second(period.until, later=1))


def span_of(ledger: Ledger, period: Reach) -> tuple[int, int] | None:
    """Among which lines the plays of the period are; None: among none."""
    head = ledger.play_chain()
    first, last = max(head.own, 1), head.number
    if period.since is not None:
        since = period.since - MARGIN_S
        first = _first(ledger, first, last, lambda play: play.began >= since)
    if period.until is not None:
        until = period.until + MARGIN_S
        last = _first(ledger, first, last, lambda play: play.began >= until) - 1
    return (first, last) if first <= last else None


def _first(ledger: Ledger, first: int, last: int, is_behind: Callable[[Play], bool]) -> int:
    """The smallest number from which on lines are behind; the one after `last` where none is."""
    end = last + 1
    while first < end:
        middle = (first + end) // 2
        found = ledger.plays(middle - 1, 1)
        if not found or is_behind(found[0]):
            end = middle
        else:
            first = found[0].number + 1
    return first


def _second(edge: Edge, *, later: int) -> float | None:
    """When that day, or the one so much later, begins."""
    if isinstance(edge, date):
        try:
            return zone.begin_of(edge + timedelta(days=later))
        except OverflowError:
            return None
    return edge
