"""Asks the service whether it is there, while somebody waits to know it and no message tells.

Contract: `ask` opens it, `look` does what is due and says when to look again; all calls from one thread. May talk to
the service.
Rules: a probe goes only where the pump rests and no message has told for a while. Failed probes are repeated at the
sending pace, but at most `AGAIN_S` apart: whoever waits counts the time since the network came back. To ask again while
it is under way only prolongs it. A connection that is new is probed at once. It ends by itself: a device nobody waits
for is silent.
Reasons: a connection that worked an hour ago is no witness that there is a network now (agent.runtime.steering.health).
"""

from collections.abc import Callable
from typing import Final

from agent.delivery.connection import Connection
from agent.kernel.backoff import SEND_PACE, delay

AGAIN_S: Final = 20.0
"""How fresh it is known whether a service is there: 1,000 devices that all wait are 50 probes a second."""


class Probing:
    """One destination's. `now`: boot-time seconds; `chance`: from 0 up to, but not including, 1."""

    def __init__(self, *, now: Callable[[], float], chance: Callable[[], float]) -> None:
        self._now = now
        self._chance = chance
        self._until = 0.0
        self._connection: Connection | None = None
        self._answers = 0
        self._begin()

    def _begin(self) -> None:
        self._failures = 0
        self._pause = self._due = 0.0

    def ask(self, until: float) -> None:
        """Somebody waits until that boot-time second."""
        if self._now() >= self._until:
            self._begin()
        self._until = until

    def look(self, connection: Connection) -> float | None:
        """Probe, if that is due; when to look again (boot-time s), None: not until asked."""
        if connection is not self._connection:
            self._connection, self._answers = connection, 0
            self._begin()
        if self._now() >= self._until:
            return None
        if connection.proof.answers == self._answers and self._now() >= self._due and not connection.probe():
            self._failures += 1
            self._pause = delay(SEND_PACE, failures=self._failures, previous=self._pause, jitter=self._chance())
            self._due = self._now() + min(self._pause, AGAIN_S)
        if connection.proof.answers != self._answers:
            self._answers = connection.proof.answers
            self._begin()
            self._due = self._now() + AGAIN_S
        return min(self._due, self._until)
