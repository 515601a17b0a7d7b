"""Whether batches get through at all; where they do not, messages go alone.

Contract: pure. A `Detour` is what was seen of batches lately; each method gives the next one.
Rules: a proxy that touches the Content-Type, a firewall that does not know multirequest, a server that answers for
fewer than were sent: batches then fail for ever, and single calls would not. So after `PATIENCE` batches in a row of
which nothing got through, the head goes alone. Where its answer may have been lost, that waits until `FORGOTTEN` has
passed since that first happened: until then the service would recognise it on the road that it went, and only there.
What an outage may explain just as well is no proof: if the head gets through, a batch of one is tried. If that fails,
batches are what is not taken: a run of messages goes alone, then one batch is tried again, and so on, with runs that
double up to `LONGEST`. A trial that may have been lost is again waited for on its road. A batch that gets through ends
all this.
Failures of the line or the session, and a service that asks for less, say nothing about batches.
Reasons: kaltura.md section 1 (the body counts only with exactly application/json, the response cache).
"""

from dataclasses import dataclass, replace
from typing import Final

from agent.kernel.verdict import Cause, Held, Later

PATIENCE: Final = 3

FORGOTTEN: Final = 600.0
"""Seconds: as long as the service keeps an answer."""

LONGEST: Final = 1024
"""Messages that go alone before a batch is tried again: a batch that is answered wrongly may be counted twice, and a
fault that is mended should be noticed the same day."""

_OF_THE_ROAD: Final = frozenset({Cause.SERVER, Cause.NOT_KALTURA, Cause.CONFIGURATION})
_OF_THE_SENDER: Final = frozenset({Cause.SESSION, Cause.THROTTLED})


@dataclass(frozen=True, slots=True)
class Detour:
    """`failures`: batches in a row. `since`: boot-time second before which nothing was lost that has not got through.
    `run`: messages of the next run alone, 0 while nothing speaks against batches. `left`: of the present run.
    `is_lost`: whether one of the failures was a loss; `since` is the first such one's moment then."""

    failures: int = 0
    since: float = 0.0
    run: int = 0
    left: int = 0
    is_lost: bool = False

    @property
    def is_suspected(self) -> bool:
        """Whether a batch would be a trial, so that it carries one message."""
        return self.run > 0

    def leads(self, now: float, *, lost: bool) -> bool:
        """Whether the head goes alone. `lost`: it went in a batch, and may have been accepted."""
        is_off = self.left > 0 or self.failures >= PATIENCE
        return is_off and (not lost or now - self.since >= FORGOTTEN)

    def failed(self, verdict: Later | Held, now: float) -> "Detour":
        """Nothing of a batch got through."""
        is_lost = isinstance(verdict, Later) and verdict.lost
        if verdict.cause in _OF_THE_SENDER or not (is_lost or verdict.cause in _OF_THE_ROAD):
            return self
        if self.run and not self.failures and not is_lost:
            return replace(self, run=min(self.run * 2, LONGEST), left=self.run)
        is_first = not self.failures or (is_lost and not self.is_lost)
        since = now if is_first else self.since
        return replace(self, failures=self.failures + 1, since=since, left=0, is_lost=is_lost or self.is_lost)

    def passed_alone(self) -> "Detour":
        """A message alone got through."""
        if self.left:
            return replace(self, left=self.left - 1)
        if self.failures < PATIENCE:
            return self
        return Detour(0, self.since, run=min(max(self.run * 2, 1), LONGEST), left=max(self.run - 1, 0))


STRAIGHT: Final = Detour()
"""Batches get through, for all that is known."""
