"""What waits in memory for the next transaction, since each commit costs flash: settlements, and events.

Contract: `allow` says how many settled messages may; `flush` writes them down; `messages` are how many wait. All but
`messages` raise StoreError. `unwritten` are the events that wait outside to be appended, as whoever appends them says:
the account has them already, so that nobody takes a queue for empty that is not.
Rules: whoever allows it flushes in good time. What the store says of its sinks is ahead of the disk meanwhile, and any
other transaction, whatever it is about, writes all of it. A crash before that has these messages settled again: they
are sent once more, with their old identity, and counted as perhaps repeated.
Reasons: edge.md section 2, 9.4 kB an event against 14.3 kB where each delivery is settled by itself.
"""

from typing import Final

from agent.outbox import settling
from agent.outbox.core import Core
from agent.outbox.guard import Guard

GROUP: Final = 7
"""Messages that may wait at most. With the one under way they are 8, which is what delivery looks at while there is no
backlog (agent.delivery.road.BACKLOG): after a crash it knows in one look which may be repeats."""


class Owing:
    """What the store owes the disk."""

    def __init__(self, core: Core, guard: Guard) -> None:
        self._core = core
        self._guard = guard
        self.unwritten = 0

    def allow(self, messages: int) -> None:
        """From now on let so many settled messages wait. 0: none."""
        with self._guard:
            settling.flush(self._core)
            self._core.group = messages

    @property
    def allowed(self) -> int:
        """How many may wait."""
        return self._core.group

    @property
    def messages(self) -> int:
        """How many do."""
        return self._core.ledger.owed

    def flush(self) -> None:
        """Write them down. Raises StoreFull, StoreDamaged, StoreFailed."""
        with self._guard:
            settling.flush(self._core)
