"""Signs of life: whether the threads that must step do.

Contract: each thread that is watched has a `Pulse`: it calls `beat` whenever it begins with something, and `rest`
before it waits for something that may never come. `stalled` names the first pulse that has beaten too long ago. Pure.
Rules: resting is healthy, for as long as it takes: offline is not unhealthy. A beat is one assignment, so that no
thread waits for another to read it.
Reasons: house rule 10 (the watchdog's ping is earned).
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Pulse:
    """`name`: whose, for people. `patience`: seconds that one thing may take. `since`: when (boot-time s) the present
    thing was begun; None: it rests."""

    name: str
    patience: float
    since: float | None = None

    def beat(self, now: float) -> None:
        """Something is begun at `now`."""
        self.since = now

    def rest(self) -> None:
        """Everything is done that was begun."""
        self.since = None


def stalled(pulses: Iterable[Pulse], now: float) -> str | None:
    """Who is at one thing for too long, in words; None where nobody is."""
    for pulse in pulses:
        since = pulse.since
        if since is not None and now - since > pulse.patience:
            return f"{pulse.name} has been at one thing for {now - since:.0f} s"
    return None
