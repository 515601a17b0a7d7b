"""A destination in memory, for tests and rehearsals.

Contract: behaves like a sink: each event becomes one message that is named after its kind; sends are answered with the
verdicts it was given, then with `Delivered`. What was sent, accepted or not, can be looked at from any
thread. `time` is what it answers to a question for its time.
Rules: a projection's state counts the events that went before, so that a test sees whether states and events fit.
"""

import threading
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Delivered, Held, Later, ServerTime, Verdict
from agent.sinks.base import Message, Outgoing, Projection


@dataclass(frozen=True, slots=True)
class Sent:
    """One send and how it ended."""

    message: Message
    attempt: int
    verdict: Verdict


class Capture:
    """The sink. `parts`: how many messages an event becomes, by kind; 1 where it is not named, 0 for silence."""

    def __init__(
        self, answers: Iterable[Verdict] = (), *, name: str = "capture", parts: dict[str, int] | None = None
    ) -> None:
        self._name = name
        self._answers = deque(answers)
        self._parts = parts or {}
        self._sent: list[Sent] = []
        self._lock = threading.Lock()
        self.is_closed = False
        self.time: ServerTime | Later | Held = ServerTime(None)
        self.asked = 0

    @property
    def name(self) -> str:
        """The name in cursors and counters."""
        return self._name

    @property
    def sent(self) -> list[Sent]:
        """Every send so far."""
        with self._lock:
            return list(self._sent)

    @property
    def accepted(self) -> list[Message]:
        """The messages that were accepted, in order."""
        return [sent.message for sent in self.sent if isinstance(sent.verdict, Delivered)]

    def answer(self, *verdicts: Verdict) -> None:
        """Answer the next sends so."""
        with self._lock:
            self._answers.extend(verdicts)

    @property
    def batch(self) -> int:
        """One by one."""
        return 1

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None = None) -> Projection:
        """One message for each part."""
        count = int(state or "0")
        messages = tuple(
            Message(event.identity.token(part), event.kind, {"count": str(count)}, time)
            for part in range(self._parts.get(event.kind, 1))
        )
        return Projection(str(count + 1), messages, None if messages else "silent")

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """Note the message and answer."""
        with self._lock:
            verdict = self._answers.popleft() if self._answers else Delivered()
            self._sent.append(Sent(message, attempt, verdict))
            return verdict

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict]:
        """One by one."""
        return [self.send(outgoing.message, attempt=outgoing.attempt) for outgoing in messages]

    def ask_time(self) -> ServerTime | Later | Held:
        """Tell the time that it was given."""
        self.asked += 1
        return self.time

    def close(self) -> None:
        """Note it."""
        self.is_closed = True
