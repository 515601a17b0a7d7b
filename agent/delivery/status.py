"""What can be said about a destination, to a person and to the log.

Contract: values only. `SinkStatus` is how it stands now; a `News` is worth a log line and comes once: an outage once
for each cause, its end once with count and duration, refused messages once for each code in a row.
Reasons: house rule 5; `kiosk-agent status`.
"""

from dataclasses import dataclass
from enum import Enum

from agent.kernel.instants import Instant
from agent.kernel.verdict import Cause


class SinkState(Enum):
    """IDLE: nothing to send. SENDING: getting through. WAITING: will try again. HELD: somebody must act."""

    IDLE = "idle"
    SENDING = "sending"
    WAITING = "waiting"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class SinkStatus:
    """How a destination stands. `cause` and `text` say why it does not get through, None and "" while it does.

    `since`: when this state, or the whole outage, began. `next_try`: boot-time second; None: nothing is planned.
    `tries`: failures in a row. `last_delivery`: when a message was last accepted since the start of the program.
    `draining`: a backlog is being sent; `rate`: how many of its messages a second, None while that cannot be told.
    `is_batched`: the last of it went in a batch. `batches`: batches sent since the start of the program.
    """

    sink: str
    state: SinkState
    cause: Cause | None
    text: str
    since: Instant | None
    next_try: float | None
    last_delivery: Instant | None
    tries: int
    draining: bool = False
    rate: float | None = None
    batches: int = 0
    is_batched: bool = False


@dataclass(frozen=True, slots=True)
class OutageBegan:
    """Messages do not get through, for a cause that this outage did not have yet."""

    cause: Cause
    text: str
    is_held: bool


@dataclass(frozen=True, slots=True)
class OutageEnded:
    """The service answers again: after `tries` failures in `seconds`."""

    tries: int
    seconds: float


@dataclass(frozen=True, slots=True)
class MessageRefused:
    """A message went to the dead letters; more with the same code in a row are only counted."""

    name: str
    token: str
    code: str
    answer: str


@dataclass(frozen=True, slots=True)
class BatchesNotTaken:
    """Batches do not get through and single messages do, so a backlog goes one by one.

    What stands in their way was told as an outage before.
    """


News = OutageBegan | OutageEnded | MessageRefused | BatchesNotTaken


@dataclass(frozen=True, slots=True)
class Outage:
    """A run of failures, from `since` on. `told`: the causes that were reported."""

    since: Instant
    tries: int = 0
    told: frozenset[Cause] = frozenset()

    def failed(self, cause: Cause, text: str, *, is_held: bool) -> tuple["Outage", OutageBegan | None]:
        """The outage with one more failure, and what is to be said about it."""
        news = None if cause in self.told else OutageBegan(cause, text, is_held)
        return Outage(self.since, self.tries + 1, self.told | {cause}), news

    def ended(self, now: Instant) -> OutageEnded:
        """What is to be said when it is over."""
        return OutageEnded(self.tries, max(now.boottime - self.since.boottime, 0.0))
