"""How a backlog is sent: in what portions, and how fast.

Contract: values; `Pace` is what the settings say, `Window` what the service has shown that it takes, `Portion` what
left last. Nothing sleeps.
Rules: while a backlog lasts, at most `rate` messages a second are sent on average, in intervals that chance spreads, so
that a thousand kiosks that lost the same service do not march in step; a live message is not paced.
After a failure the next request carries one message, and each success doubles that up to the limit: a service that
comes back to its feet is touched lightly, and on a bad line fewer answers are in doubt. Where the service does not take
something in a batch, the batch is halved until the culprit is alone; then full batches go again.
Reasons: kaltura.md section 1; the same growth as a TCP connection's slow start; Elastic's beats and New Relic's
telemetry SDK halve what is refused as a whole, and the latter's endless retry of a batch of one is the trap.
"""

from dataclasses import dataclass, replace
from typing import Final

from agent.kernel.backoff import spread

RATE_SPREAD: Final = 0.5
"""The pause between two batches is its mean give or take this part."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`batch_size`: messages a request at most. `rate`: messages a second of a backlog on average, 0 for no limit.

    `coalesce_s`: seconds that a live message may wait for others to travel with; 0 sends it at once.
    """

    batch_size: int = 100
    rate: float = 100.0
    coalesce_s: float = 0.0

    def window(self, batch: int) -> "Window":
        """Full batches, for a sink that takes up to `batch` messages."""
        limit = max(min(batch, self.batch_size), 1)
        return Window(limit, size=limit)

    def pause(self, sent: int, *, chance: float) -> float:
        """Seconds from the start of a batch of `sent` messages to the start of the next; `chance` from 0 up to 1."""
        return spread(sent / self.rate, part=RATE_SPREAD, jitter=chance) if self.rate else 0.0


@dataclass(frozen=True, slots=True)
class Portion:
    """The part of a backlog that left last: at this boot-time second, so many messages, with this chance of a pause.

    What it is followed by is reckoned at the pace of the moment, so that one that was set too slow by mistake, and is
    mended, is not waited out.
    """

    began: float
    sent: int
    chance: float

    def next_at(self, pace: Pace) -> float:
        """The boot-time second from which the next part may leave."""
        return self.began + pace.pause(self.sent, chance=self.chance)


NO_PORTION: Final = Portion(0.0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Window:
    """How many messages the next batch carries. `limit`: ever. `suspects`: of the next so many one is not taken."""

    limit: int
    size: int
    suspects: int = 0

    @property
    def next(self) -> int:
        """Messages for the next batch."""
        return min(self.size, (self.suspects + 1) // 2) if self.suspects else self.size

    @property
    def is_culprit_found(self) -> bool:
        """Whether the next message is the one that is not taken in a batch."""
        return self.suspects == 1

    def limited(self, limit: int) -> "Window":
        """With another limit; a wider one is grown into, as after a failure."""
        return replace(self, limit=limit, size=min(self.size, limit))

    def passed(self, number: int) -> "Window":
        """After so many messages were settled."""
        return replace(self, size=min(self.size * 2, self.limit), suspects=max(self.suspects - number, 0))

    def failed(self) -> "Window":
        """After a failure: the next request is a light one."""
        return replace(self, size=1)

    def refused(self, number: int) -> "Window":
        """After a batch of so many messages was not taken as a whole."""
        return replace(self, suspects=number)
