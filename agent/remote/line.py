"""What the main loop may ask of the broker's connection.

Contract: a protocol, so that rules are tested without a broker. Nothing waits, nothing raises; without a connection
what is not retained is dropped and counted, and what is retained is published by whoever owns it on the next `Online`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.remote.letters import Trouble


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to publish. `expiry_s`: how long the broker keeps it.

    `correlation`, `response_topic`: MQTT 5's, left out in 3.1.1.
    """

    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    correlation: bytes | None = None
    expiry_s: int | None = None
    response_topic: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a connection begins with: its last will, and what is subscribed to (QoS 1)."""

    will: Outgoing | None
    topics: Sequence[str] = field(default=())


TermsFor = Callable[[int], Terms]
"""Asked on the connection's thread at each try with the number of its run: each has a last will of its own, since it
names the session (agent.remote.presence). What it answers must not depend on anything that the main loop changes."""


@dataclass(frozen=True, slots=True)
class LineStatus:
    """For `status`. Times are boot-time seconds. `trouble`, `text`: why there is no connection; None while there is.

    `dropped`: what was not published, or not handed on, by reason. `stepped_at`: the thread's last sign of life.
    """

    online: bool
    trouble: Trouble | None
    text: str | None
    since: float
    protocol: str
    connects: int
    tries: int
    retry_at: float | None
    heard_at: float | None
    stepped_at: float
    dropped: Mapping[str, int]


class Line(Protocol):
    """The connection, as the main loop sees it."""

    def publish(self, message: Outgoing) -> None: ...

    def acknowledge(self, run: int, mid: int, qos: int) -> None:
        """The message was taken in durably; of an earlier run: nothing happens, the broker gives it again."""
        ...

    def subscribe(self, topics: Sequence[str]) -> None:
        """From now on exactly these, on this connection and on later ones."""
        ...
