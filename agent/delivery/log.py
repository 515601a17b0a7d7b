"""What delivery needs of the store; `agent.outbox` has it.

Contract: each call is durable when it returns, or raises a StoreError with nothing written.
Reasons: the pump is tested against the real store; the protocol says how little of it the pump knows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from agent.kernel.boots import Boots
from agent.kernel.records import Cursor, LastSent, StoredEvent
from agent.outbox.freezing import Freezing
from agent.outbox.ledger import Note
from agent.outbox.letters import Refusal
from agent.outbox.trials import TrialKey, Tried


class Log(Protocol):
    """The event log from one sink's side."""

    def register(self, sink: str, *, enabled: bool = ...) -> None:
        """Switch `sink` on or off; a new one starts at the head of the log, one that is off is passed over, counted."""
        ...

    def position(self, sink: str) -> tuple[Cursor, str]:
        """Where `sink` is and what its projection remembers."""
        ...

    def peek(self, sink: str, limit: int, *, after: int | None = ...) -> Sequence[StoredEvent]:
        """The next events after the sink's cursor, or after a sequence beyond it, oldest first."""
        ...

    @property
    def left_by_the_last(self) -> int:
        """The newest sequence that was in the log before this process."""
        ...

    @property
    def grouped(self) -> int:
        """How many settled messages may wait in memory; after a crash they are sent once more."""
        ...

    def last_sent(self, sink: str) -> LastSent | None:
        """What `sink` sent last."""
        ...

    @property
    def boots(self) -> Boots:
        """What is known of this device's boots."""
        ...

    @property
    def newest(self) -> int:
        """The largest sequence so far."""
        ...

    def backlog_end(self, sink: str) -> int:
        """Up to which sequence `sink` sends in batches."""
        ...

    def freeze(self, times: Sequence[Freezing]) -> Sequence[float]:
        """Keep the wall times that events are about to be sent with; returns those that they have.

        Where one of them had another one already, none is kept.
        """
        ...

    def trials(self, sink: str, first: int, last: int) -> Mapping[TrialKey, Tried]:
        """What is kept of the tries of the messages of the events `first` to `last`."""
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
        noted: Mapping[Note, int] = ...,
        refusals: Sequence[Refusal] = ...,
        sent: LastSent | None = ...,
        tried: Mapping[TrialKey, Tried] = ...,
        backlog_end: int = ...,
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
    noted: Mapping[Note, int] = field(default_factory=dict)
    refusals: Sequence[Refusal] = ()
    sent: LastSent | None = None
    tried: Mapping[TrialKey, Tried] = field(default_factory=dict)
    backlog_end: int = 0

    def write(self, log: Log, sink: str) -> None:
        """Write it. Raises StoreError."""
        log.settle(
            sink,
            self.cursor,
            projection=self.projection,
            delivered=self.delivered,
            resent=self.resent,
            passed=self.passed,
            noted=self.noted,
            refusals=self.refusals,
            sent=self.sent,
            tried=self.tried,
            backlog_end=self.backlog_end,
        )
