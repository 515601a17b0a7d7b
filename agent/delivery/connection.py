"""One way to a destination: its sink, and whether anything has come back by it.

Contract: a `Connection` is a `Sink` that passes everything on and takes note of the answers in its `proof`, which may
be read from any thread. `probe` asks the service something that counts nothing there.
Rules: proven is a connection by an answer of the service's own that something arrived: a message accepted or refused,
or a probe. A portal's page, a redirect or silence proves nothing, and neither does an error: it may be the session's.
An error of the service's own still shows that the connection works as well as ever.
A request that was under way when the connection was replaced tells of the old one only.
Reasons: a change of a connection's settings is kept only if the service is seen to answer by the new one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, ServerTime, Verdict
from agent.sinks.base import Message, Outgoing, Projection, Sink
from agent.sinks.kaltura.sessions import NoSession, SessionSource

_OWN_TROUBLE: Final = frozenset({Cause.SERVER, Cause.THROTTLED})


@dataclass(slots=True)
class Proof:
    """`is_up`: the service has answered since the connection was made. `works`: the last attempt was answered.

    `tries`: attempts that have ended; `answers`: those of them after which it worked.
    """

    is_up: bool = False
    works: bool = False
    tries: int = 0
    answers: int = 0

    def note(self, verdict: Verdict) -> None:
        """An attempt ended so."""
        match verdict:
            case Delivered() | Refused():
                self.is_up = self.works = True
            case Later(answered=True, cause=cause):
                self.works = cause in _OWN_TROUBLE
            case _:
                self.works = False
        self._count()

    def probed(self, *, found: bool) -> None:
        """The service was asked whether it is there."""
        self.works = found
        self.is_up = self.is_up or found
        self._count()

    def _count(self) -> None:
        self.tries += 1
        self.answers += self.works


class Connection:
    """The sink as the pump knows it. `source`: where its sessions come from.

    `probe`: asks whether the service is there; by the thread that sends, for it shares the sink's wire.
    """

    def __init__(
        self,
        sink: Sink,
        *,
        probe: Callable[[], bool] = lambda: False,
        proof: Proof | None = None,
        source: SessionSource | None = None,
    ) -> None:
        """`proof`: what is known of the service by another connection that went the same road."""
        self._sink = sink
        self._probe = probe
        self.proof = Proof() if proof is None else proof
        self.source = NoSession() if source is None else source

    @property
    def name(self) -> str:
        """The sink's."""
        return self._sink.name

    @property
    def batch(self) -> int:
        """The sink's."""
        return self._sink.batch

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None) -> Projection:
        """As the sink does."""
        return self._sink.project(state, event, time=time, age=age)

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """As the sink does."""
        verdict = self._sink.send(message, attempt=attempt)
        self.proof.note(verdict)
        return verdict

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict] | Later | Held | Refused:
        """As the sink does. A batch that is not taken as a whole says nothing: its messages go otherwise next."""
        answer = self._sink.send_all(messages)
        match answer:
            case Refused():
                pass
            case Later() | Held():
                self.proof.note(answer)
            case _:
                for verdict in answer:
                    self.proof.note(verdict)
        return answer

    def ask_time(self) -> ServerTime | Later | Held:
        """As the sink does. It proves nothing: whatever answers has a Date."""
        return self._sink.ask_time()

    def probe(self) -> bool:
        """Ask whether the service is there."""
        found = self._probe()
        self.proof.probed(found=found)
        return found

    def close(self) -> None:
        """Drop the sink's connections. The source is shared."""
        self._sink.close()
