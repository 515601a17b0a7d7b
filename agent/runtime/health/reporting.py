"""Whether what happens is kept and delivered.

Contract: `reporting(status)` yields what is wrong with the store, the destinations and the account's session; pure.
Rules: a destination that waits for a network or a service is offline, which lasts `OFFLINE_S` before anybody is asked
for; one that is held waits for somebody. Losses of the past are counters, not reasons.
"""

from collections.abc import Iterator
from typing import Final

from agent.kernel.verdict import Cause
from agent.runtime.health.reasons import Kind, Part, Reason, degraded, duration, failing, number, part, parts, text

OFFLINE_S: Final = 24 * 3600.0
"""A line that is switched off with the shop's lights is back by then, on most days."""
NEAR_BOUND: Final = 0.8
"""Of the queue's bound: with the bound's default and one event a second there are days left to act."""

_DOCTOR = "kiosk-agent doctor says what is wrong and what helps."


def reporting(status: Part) -> Iterator[Reason]:
    """Everything that keeps events from being kept or delivered."""
    yield from _store(part(status, "queue"))
    refused = False
    session = part(status, "session")
    if text(session, "state") == "refused":
        refused = True
        why = text(session, "text") or "the account's credentials were refused"
        yield failing(Kind.SESSION, f"no session can be had: {why}", _DOCTOR)
    for sink in parts(status, "sinks"):
        yield from _sink(sink, part(status, "clock"), is_told=refused)


def _store(queue: Part) -> Iterator[Reason]:
    trouble = text(queue, "trouble")
    if trouble is not None:
        yield failing(
            Kind.STORE,
            f"the queue cannot be written: {trouble}",
            "Events wait in memory and it is tried again; check the card and its mount (dmesg, kiosk-agent doctor).",
        )
    if queue.get("disk_full"):
        yield failing(
            Kind.DISK_FULL,
            "the disk is full: old events make way for new ones",
            "Free space on the state folder's file system (df -h).",
        )
    stored, bound = number(queue, "bytes"), number(queue, "bound_bytes")
    if stored is not None and bound and number(queue, "events") and stored >= NEAR_BOUND * bound:
        yield degraded(
            Kind.QUEUE_NEAR_BOUND,
            f"the queue takes {100 * stored / bound:.0f} % of its bound; beyond it events are given up",
            "Bring the destination back, raise queue.max_bytes, or carry the queue away: kiosk-agent queue export.",
        )
    if queue.get("balanced") is False:
        yield degraded(
            Kind.BOOKS,
            "the books do not balance: an event is missing or too many",
            "kiosk-agent status --long shows which; kiosk-agent queue check reads the whole queue. Please report it.",
        )
    volatile = text(queue, "volatile")
    if volatile is not None:
        yield degraded(
            Kind.VOLATILE,
            f"the queue does not survive a power cut ({volatile})",
            "Put the state folder on a partition of its own that is writable (see systemd/README.md).",
        )


def _sink(sink: Part, clock: Part, *, is_told: bool) -> Iterator[Reason]:
    name, cause = text(sink, "name") or "a destination", text(sink, "cause")
    why = text(sink, "text") or cause or "no reason given"
    match text(sink, "state"):
        case "held" if not (is_told and cause == Cause.SESSION.value):
            yield failing(Kind.HELD, f"{name} is held: {why}", _DOCTOR)
        case "waiting" if cause not in (None, Cause.CLOCK.value, Cause.DISK.value):
            lasts = _lasts(sink, clock)
            if lasts is not None and lasts >= OFFLINE_S:
                text_ = f"{name} has not been reached for {duration(lasts)}: {why}"
                yield degraded(Kind.OFFLINE, text_, f"Events are kept meanwhile. Check the network; {_DOCTOR}")
    letters = number(sink, "dead_letters") or 0
    if letters:
        yield degraded(
            Kind.DEAD_LETTERS,
            f"{name} refused {letters:,.0f} {'message' if letters == 1 else 'messages'}, which are kept",
            "kiosk-agent queue dead list shows them; retry or drop them once the cause is mended.",
        )


def _lasts(sink: Part, clock: Part) -> float | None:
    """For how many seconds the state has lasted; by the wall clock where the agent tells no better."""
    lasts = number(sink, "since_s")
    since, wall = number(sink, "since_wall"), number(clock, "wall")
    return lasts if lasts is not None or since is None or wall is None else wall - since
