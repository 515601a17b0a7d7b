"""analytics.trackEvent as a destination.

Contract: `TrackEvent` is a `Sink`: the pure parts beside it, put together with the wire and with what was answered.
Used by one thread, its worker's; only `name` and `batch` may be asked by others.
Rules: a session (KS) is asked for at each send and is never part of a message. One that is refused is renewed, and
the same message goes again: none is lost to an expired session. An event of which one message was accepted is
finished, however old it has become, so that its messages never change their places.
Reasons: kaltura.md sections 2 and 3; decisions 1, 5, 10, 20.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, assert_never

from agent.kernel import codec
from agent.kernel.codec import CodecError
from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, ServerTime, Verdict
from agent.sinks.base import Message, Outgoing, Projection
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Wire
from agent.sinks.kaltura.encode import host_url
from agent.sinks.kaltura.sessions import SessionSource
from agent.sinks.track_event import answers, encode, projection
from agent.sinks.track_event.answers import Heard
from agent.sinks.track_event.projection import Rules

NAME: Final = "trackEvent"

UNREADABLE: Final = "unreadable"
"""The reason under which an event is counted that the codec does not know."""


@dataclass(frozen=True, slots=True)
class TrackSettings:
    """`url`: the analytics server, with or without /api_v3; `client_tag` names the program to the service."""

    url: str
    client_tag: str
    rules: Rules = field(default_factory=Rules)


class TrackEvent:
    """The sink. `session` gives the KS to send with."""

    def __init__(self, settings: TrackSettings, wire: Wire, *, session: SessionSource) -> None:
        self._settings = settings
        self._wire = wire
        self._session = session
        self._url = encode.track_url(settings.url)
        self._heard = Heard()
        self._begun = ""

    @property
    def name(self) -> str:
        """The destination's name in cursors, counters and `status`."""
        return NAME

    @property
    def batch(self) -> int:
        """One by one: the service has no batches."""
        return 1

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None) -> Projection:
        """What `event` means in trackEvent's words. One that this version cannot read is passed over, counted."""
        try:
            fact = codec.decode(event.kind, event.body)
        except CodecError:
            return Projection(state, (), UNREADABLE)
        rules, views = self._settings.rules, self._heard.wants_views
        if _event_of(event.identity.token(0)) == self._begun:
            age = None
        return projection.project(state, event, fact, time=time, age=age, rules=rules, views=views)

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """POST `message` and judge the answer."""
        ks = self._session.current()
        if isinstance(ks, Later | Held):
            return ks
        session = message.fields.get("sessionId", "") if "eventIndex" in message.fields else None
        start = None if session is None else self._heard.start(session, message.name)
        tag = self._settings.client_tag
        body = encode.form(message, attempt=attempt, ks=ks, client_tag=tag, start=start)
        answer = self._wire.post(self._url, body)
        match answer:
            case Answer():
                verdict = answers.judge(answer, secrets=(ks,) if ks else ())
            case Later() | Held():
                return answer
            case _:
                assert_never(answer)
        if isinstance(verdict, Delivered | Refused):
            self._begun = _event_of(message.token)
            if session is not None:
                self._heard.note(session, message.name, answers.reply(answer))
        return self._renewed(verdict, ks)

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict]:
        """One by one."""
        return [self.send(outgoing.message, attempt=outgoing.attempt) for outgoing in messages]

    def ask_time(self) -> ServerTime | Later | Held:
        """Ask for the head of the host's front page. Whatever is answered has a Date, and nothing is counted."""
        answer = self._wire.head(host_url(self._url))
        return ServerTime(answer.server_time) if isinstance(answer, Answer) else answer

    def close(self) -> None:
        """Drop the connections."""
        self._wire.close()

    def _renewed(self, verdict: Verdict, ks: str | None) -> Verdict:
        """Where the session was refused and another one can be had, the same message goes again at once."""
        if not isinstance(verdict, Held) or verdict.cause is not Cause.SESSION or ks is None:
            return verdict
        if not self._session.refused(ks):
            return verdict
        return Later(Cause.SESSION, f"{verdict.text}; another one is started", answered=True, mended=True)


def _event_of(token: str) -> str:
    """The event that a message's token belongs to."""
    return token.rpartition("-")[0]
