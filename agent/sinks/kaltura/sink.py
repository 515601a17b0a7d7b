"""stats.collect as a destination.

Contract: `StatsCollect` is a `Sink`: the pure parts beside it, put together with the wire and a source of sessions.
Rules: a session (KS) is asked for at each send and is never part of a message; where none is configured the event goes
without, which stats.collect allows. A message whose session was refused goes on at once with a new one if the source
can make one, varied by a raised attempt, since the refusal is cached. A beacon carries no session and is no batch.
The source is shared with other destinations, so it is not closed here. Switching the destination off is the store's
matter: that passes over and counts (decision 10).
Reasons: decisions 1, 5, 10; kaltura.md sections 2 and 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from string import digits
from typing import Final, TypeGuard, TypeVar, assert_never

from agent.kernel import codec
from agent.kernel.codec import CodecError
from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Cause, Held, Later, Refused, ServerTime, Verdict
from agent.sinks.base import Message, Outgoing, Projection
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import JSON, Wire
from agent.sinks.kaltura import batch, clean, encode, projection
from agent.sinks.kaltura.beacon import beacon_url
from agent.sinks.kaltura.fields import numbered
from agent.sinks.kaltura.judge import judge, judge_batch, judge_beacon
from agent.sinks.kaltura.semantics import Semantics
from agent.sinks.kaltura.sessions import SessionSource

NAME: Final = "stats.collect"

UNREADABLE: Final = "unreadable"
"""The reason under which an event is counted that the codec does not know."""


Judged = TypeVar("Judged", bound=Verdict)


class Style(Enum):
    """How an event travels; the words are the configuration's."""

    POST = "post"
    BEACON = "get-beacon"


@dataclass(frozen=True, slots=True)
class CollectSettings:
    """`service_url` with or without /api_v3 (decision 24); `client_tag` names the program to the service.

    `batch`: how many messages one request may carry while there is a backlog, bounded by what its answer may hold.
    `numbered`: each message carries its event's number in a field that is logged, and how many events before it were
    given up.
    """

    service_url: str
    client_tag: str
    semantics: Semantics = Semantics.GUIDE
    style: Style = Style.POST
    batch: int = 1
    numbered: bool = False


class StatsCollect:
    """The sink."""

    def __init__(self, settings: CollectSettings, wire: Wire, *, session: SessionSource) -> None:
        self._settings = settings
        self._wire = wire
        self._session = session
        # In a batch the tag is inherited by every item, so it must hold no braces either.
        self._client_tag = clean.text(settings.client_tag, length=clean.CLIENT_VERSION_LENGTH)
        self._url = encode.collect_url(settings.service_url)
        self._batch_url = batch.multirequest_url(settings.service_url)

    @property
    def name(self) -> str:
        """The destination's name in cursors, counters and `status`."""
        return NAME

    @property
    def batch(self) -> int:
        """As configured, as far as an answer that refuses all of them can be read."""
        match self._settings.style:
            case Style.POST:
                return max(1, min(self._settings.batch, batch.LARGEST))
            case Style.BEACON:
                return 1
            case _:
                assert_never(self._settings.style)

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None) -> Projection:
        """What `event` means in stats.collect's words. One that this version cannot read is passed over, counted.

        It must not hold the queue for ever: a downgrade may have left kinds of a later version in the log.
        """
        untold, memory = _untold(state)
        try:
            fact = codec.decode(event.kind, event.body)
            found = projection.project(memory, event, fact, time=time, semantics=self._settings.semantics)
        except CodecError:
            found = Projection(state=memory, messages=(), passed=UNREADABLE)
        if not self._settings.numbered:
            return found
        untold += sum(stone.number for stone in event.before)
        if not found.messages:
            return replace(found, state=f"{untold or ''}{found.state}")
        told = [
            replace(message, fields=numbered(message.fields, event.identity, 0 if part else untold))
            for part, message in enumerate(found.messages)
        ]
        return replace(found, messages=tuple(told))

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """Send `message` in the configured style and judge the answer."""
        if self._settings.style is Style.BEACON:
            url = beacon_url(self._settings.service_url, message, attempt=attempt, client_tag=self._client_tag)
            answer = self._wire.get(url)
            return judge_beacon(answer) if isinstance(answer, Answer) else answer
        ks = self._ks()
        if isinstance(ks, Later | Held):
            return ks
        answer = self._wire.post(self._url, encode.form(message, attempt=attempt, ks=ks, client_tag=self._client_tag))
        if not isinstance(answer, Answer):
            return answer
        return self._renewed([judge(answer, secrets=_secrets(ks))], ks)[0]

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict] | Later | Held | Refused:
        """Send `messages` by one multirequest, even a single one: the server recognises it on the same road only."""
        if self._settings.style is Style.BEACON:
            return [self.send(outgoing.message, attempt=outgoing.attempt) for outgoing in messages]
        ks = self._ks()
        if isinstance(ks, Later | Held):
            return ks
        body = batch.body(messages, ks=ks, client_tag=self._client_tag)
        answer = self._wire.post(self._batch_url, body, content_type=JSON)
        if not isinstance(answer, Answer):
            return answer
        found = judge_batch(answer, len(messages), secrets=_secrets(ks))
        return self._renewed(found, ks) if isinstance(found, list) else self._renewed([found], ks)[0]

    def ask_time(self) -> ServerTime | Later | Held:
        """Ask for the head of the host's front page. Whatever is answered has a Date, and nothing is counted."""
        answer = self._wire.head(encode.host_url(self._url))
        return ServerTime(answer.server_time) if isinstance(answer, Answer) else answer

    def close(self) -> None:
        """Drop the connections."""
        self._wire.close()

    def _ks(self) -> str | Later | Held | None:
        """The session to send with, or why there is none. Nothing of a message was in a request for a session."""
        ks = self._session.current()
        match ks:
            case Later():
                return replace(ks, answered=False, lost=False)
            case Held():
                return replace(ks, answered=False)
            case _:
                return ks or None

    def _renewed(self, verdicts: Sequence[Judged], ks: str | None) -> list[Judged | Later]:
        """`verdicts`; those that refuse the session `ks` become `Later` if there will be another one.

        All of them at once: the messages of a batch have one session.
        """
        if ks is None or not any(_refuses_session(verdict) for verdict in verdicts) or not self._session.refused(ks):
            return list(verdicts)
        return [
            Later(Cause.SESSION, verdict.text, answered=True, mended=True) if _refuses_session(verdict) else verdict
            for verdict in verdicts
        ]


def _untold(state: str) -> tuple[int, str]:
    """How many events were given up since the last message, which the next one tells; and what PLAYER remembers.

    The number stands before the memory, which begins with a bracket.
    """
    memory = state.lstrip(digits)
    return int(state[: len(state) - len(memory)] or 0), memory


def _refuses_session(verdict: Verdict) -> TypeGuard[Held]:
    return isinstance(verdict, Held) and verdict.cause is Cause.SESSION


def _secrets(ks: str | None) -> tuple[str, ...]:
    return () if ks is None else (ks,)
