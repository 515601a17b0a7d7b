"""What the operator's commands ask of the broker.

Contract: a protocol, so that every rule is tested without a broker; agent.fleet.broker has the real one.
Rules: one thread. What waits, waits at most the time it is given; what cannot be done raises one of the errors here,
whose text is for people and has the remedy in it. `receive` keeps the order in which the broker sent.
"""

from collections.abc import Sequence
from typing import Protocol

from agent.remote.letters import Arrived
from agent.remote.line import Outgoing


class DeskError(Exception):
    """The broker did not do what it was asked; the text says why and what to do."""


class UnreachableError(DeskError):
    """There is no connection, or it was lost."""


class DeniedError(DeskError):
    """The broker is there, and does not let this operator do it."""


class Desk(Protocol):
    """A connection with the broker, as an operator's command uses it."""

    def subscribe(self, topics: Sequence[str]) -> None:
        """From now on these topics and no others; what is retained there comes first, then what is published."""
        ...

    def publish(self, *messages: Outgoing) -> None:
        """Give messages to the broker, in this order; returns once it has acknowledged all of them."""
        ...

    def receive(self, timeout: float) -> Arrived | None:
        """The next message; None where none came within `timeout` seconds."""
        ...

    def now(self) -> float:
        """A clock for durations, in seconds; it goes on while the machine sleeps."""
        ...

    def wall(self) -> float:
        """The wall clock, in epoch seconds."""
        ...
