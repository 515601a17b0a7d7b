"""What a destination is to the delivery pump.

Contract: `project` is pure and decides what, if anything, one event means here; `send` does the talking and returns a
verdict, never an exception for an expected outcome. One log event may become no message, one, or several.
Rules: a projection's state is JSON text, starts as "", and is committed by the pump when the event settles, so after
a crash the same event projects to the same messages (decision 1). Order is strict (decision 9). A sink that takes
batches must bear `project` on another thread while `send_all` is under way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Held, Later, Refused, ServerTime, Verdict


@dataclass(frozen=True, slots=True)
class Message:
    """One message in a destination's own words, ready to be encoded. `token` is its identity on the wire (decision 3).

    `name` is for people (`PLAY`); `fields` are the destination's fields in the order in which they are sent, without
    credentials and without the attempt number; `time` is the event's time in wall seconds, frozen by the first attempt.
    """

    token: str
    name: str
    fields: Mapping[str, str]
    time: float


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message of a batch. `attempt`: as for `Sink.send`."""

    message: Message
    attempt: int


@dataclass(frozen=True, slots=True)
class Projection:
    """What one event became. `passed`: why it became nothing ("no-entry"), counted; None for plain silence."""

    state: str
    messages: Sequence[Message]
    passed: str | None = None


class Sink(Protocol):
    """A destination."""

    @property
    def name(self) -> str:
        """The sink's name in cursors, counters and `status`, for example "stats.collect"."""
        ...

    @property
    def batch(self) -> int:
        """How many messages `send_all` takes at most; 1 for a service without batches."""
        ...

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None) -> Projection:
        """What `event` means here, given what came before; `time` is its wall time in seconds.

        `age`: seconds since then by the best clock there is, None while nothing can tell; a service that dates by
        arrival may find an event too old to be told at all.
        """
        ...

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """Send one message and judge the answer. `attempt` counts answered errors (0 at first), to vary the request."""
        ...

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict] | Later | Held | Refused:
        """Send up to `batch` messages in one request, in order; a verdict for each, or one for the whole request.

        One for the whole: nothing is known of any single message (`Later(lost=True)`: all may have been accepted), and
        `Refused` means that something in the batch is not taken in a batch: send fewer, and find it.
        """
        ...

    def ask_time(self) -> ServerTime | Later | Held:
        """Ask the service for its time, by a request that counts nothing there (decision 22)."""
        ...

    def close(self) -> None:
        """Drop connections."""
        ...
