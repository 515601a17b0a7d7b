"""A Learning Record Store whose settings cannot be used: nothing is sent, and nothing is passed over.

Contract: a `Sink` that holds the queue and says why. Its projection makes one message of each event and keeps the
state, so that what the event really means is found out once the settings are right.
Reasons: house rule (a mistake costs no event); templates are files, which change without us.
"""

from collections.abc import Sequence

from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Cause, Held, Later, Refused, ServerTime, Verdict
from agent.sinks.base import Message, Outgoing, Projection
from agent.sinks.xapi.sink import NAME


class Unready:
    """`problem`: what is wrong, for a person."""

    def __init__(self, problem: str) -> None:
        self._held = Held(Cause.CONFIGURATION, problem, answered=False)

    @property
    def name(self) -> str:
        """The destination's name in cursors, counters and `status`."""
        return NAME

    @property
    def batch(self) -> int:
        return 1

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None) -> Projection:
        """One message that is never sent."""
        return Projection(state, (Message(event.identity.token(0), event.kind, {}, time),))

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """Why not."""
        return self._held

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict] | Later | Held | Refused:
        """Why not."""
        return self._held

    def ask_time(self) -> ServerTime | Later | Held:
        """Why not."""
        return self._held

    def close(self) -> None:
        """There is nothing to drop."""
