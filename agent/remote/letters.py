"""What the thread of the broker's connection tells the main loop.

Contract: values only. `run` numbers the connections of a process from 1; what was said in an earlier one is over.
Rules: every thing the broker says is one letter, however odd its payload: judging is for the main loop (house rule 6).
"""

from dataclasses import dataclass
from enum import Enum


class Trouble(Enum):
    """Why there is no connection, by what a person can do about it."""

    UNREACHABLE = "unreachable"
    CREDENTIALS = "credentials"
    TLS = "tls"
    CLOCK = "clock"
    TAKEN_OVER = "taken-over"
    REFUSED = "refused"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Online:
    """The broker let us in and has our subscriptions. `resumed`: it kept the session of the last connection.

    `protocol`: "5" or "3.1.1", as it was agreed.
    """

    run: int
    protocol: str
    resumed: bool


@dataclass(frozen=True, slots=True)
class Offline:
    """The connection is lost, or did not come about. `text`: why, with the remedy, for people; no secret in it.

    `retry_in`: seconds to the next try.
    """

    run: int
    trouble: Trouble
    text: str
    retry_in: float


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message. Until it is acknowledged (`mid`, with the `run`) the broker gives it again on the next connection.

    `response_topic`, `correlation`: MQTT 5's; None in 3.1.1.
    """

    run: int
    mid: int
    qos: int
    topic: str
    payload: bytes
    retained: bool
    response_topic: str | None = None
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """The broker did not take what we published, or grant what we asked for: `what` names the topic, `text` why."""

    run: int
    what: str
    text: str


Letter = Online | Offline | Arrived | Declined
