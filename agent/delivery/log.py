"""What delivery needs of the store; `agent.outbox` has it.

Contract: each call is durable when it returns, or raises a StoreError with nothing written.
Reasons: the pump is tested against the real store; the protocol says how little of it the pump knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.kernel.records import Cursor, StoredEvent
from agent.outbox.letters import Refusal


class Log(Protocol):
    """The event log from one sink's side."""

    def position(self, sink: str) -> tuple[Cursor, str]:
        """Where `sink` is and what its projection remembers."""
        ...

    def peek(self, sink: str, limit: int) -> Sequence[StoredEvent]:
        """The next events after the sink's cursor, oldest first."""
        ...

    def freeze(self, sequence: int, time: float) -> float:
        """Keep the wall time that an event is about to be sent with; returns the one that is kept."""
        ...

    def settle(
        self,
        sink: str,
        cursor: Cursor,
        *,
        projection: str,
        delivered: int = ...,
        resent: int = ...,
        passed: Mapping[str, int] = ...,
        refusals: Sequence[Refusal] = ...,
    ) -> None:
        """Move the sink's cursor and write down what became of the messages on the way."""
        ...


@dataclass(frozen=True, slots=True)
class Settlement:
    """One call of `settle`, as a value: on a full disk it must be kept, for what was answered is not sent again."""

    cursor: Cursor
    projection: str
    delivered: int = 0
    resent: int = 0
    passed: Mapping[str, int] = field(default_factory=dict)
    refusals: Sequence[Refusal] = ()

    def write(self, log: Log, sink: str) -> None:
        """Write it. Raises StoreError."""
        log.settle(
            sink,
            self.cursor,
            projection=self.projection,
            delivered=self.delivered,
            resent=self.resent,
            passed=self.passed,
            refusals=self.refusals,
        )
