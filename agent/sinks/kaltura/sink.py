"""stats.collect as a destination.

Contract: `StatsCollect` is a `Sink`: the pure parts beside it, put together with the wire.
Rules: a session (KS) is asked for at each send and is never part of a message; without one the event goes without,
which stats.collect allows. Switching the destination off is the store's matter: that passes over and counts (decision
10).
Reasons: decisions 1, 5, 10; kaltura.md section 2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from agent.kernel import codec
from agent.kernel.codec import CodecError
from agent.kernel.events import Fact
from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Held, Later, ServerTime, Verdict
from agent.sinks.base import Message, Outgoing, Projection
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Wire
from agent.sinks.kaltura import encode, projection
from agent.sinks.kaltura.judge import judge
from agent.sinks.kaltura.projection import Semantics

NAME: Final = "stats.collect"

UNREADABLE: Final = "unreadable"
"""The reason under which an event is counted that the codec does not know."""


@dataclass(frozen=True, slots=True)
class CollectSettings:
    """`service_url` with or without /api_v3 (decision 24); `client_tag` names the program to the service."""

    service_url: str
    client_tag: str
    semantics: Semantics = Semantics.GUIDE


class StatsCollect:
    """The sink. `session` gives the KS to send with, or None."""

    def __init__(self, settings: CollectSettings, wire: Wire, *, session: Callable[[], str | None]) -> None:
        self._settings = settings
        self._wire = wire
        self._session = session
        self._url = encode.collect_url(settings.service_url)

    @property
    def name(self) -> str:
        """The destination's name in cursors, counters and `status`."""
        return NAME

    @property
    def batch(self) -> int:
        """One by one."""
        return 1

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None) -> Projection:
        """What `event` means in stats.collect's words. One that this version cannot read is passed over, counted.

        It must not hold the queue for ever: a downgrade may have left kinds of a later version in the log.
        """
        try:
            fact = codec.decode(event.kind, event.body)
        except CodecError:
            return Projection(state=state, messages=(), passed=UNREADABLE)
        if not isinstance(fact, Fact):
            return Projection(state=state, messages=())
        return projection.project(state, event, fact, time=time, semantics=self._settings.semantics)

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """POST `message` and judge the answer."""
        ks = self._session()
        body = encode.form(message, attempt=attempt, ks=ks, client_tag=self._settings.client_tag)
        answer = self._wire.post(self._url, body)
        match answer:
            case Answer():
                return judge(answer, secrets=(ks,) if ks else ())
            case Later() | Held():
                return answer
            case _:
                assert_never(answer)

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict]:
        """One by one."""
        return [self.send(outgoing.message, attempt=outgoing.attempt) for outgoing in messages]

    def ask_time(self) -> ServerTime | Later | Held:
        """Ask for the head of the host's front page. Whatever is answered has a Date, and nothing is counted."""
        answer = self._wire.head(encode.host_url(self._url))
        return ServerTime(answer.server_time) if isinstance(answer, Answer) else answer

    def close(self) -> None:
        """Drop the connections."""
        self._wire.close()
