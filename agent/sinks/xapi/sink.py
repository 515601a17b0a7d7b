"""A Learning Record Store as a destination.

Contract: `Xapi` is a `Sink`: the pure parts beside it, put together with the wire and an authority. Used by one thread,
its worker's; only `name` and `batch` may be asked by others.
Rules: statements go in order, several in one POST. A request that is refused as a whole is found out by smaller ones
(the pump's). A refused token is renewed once, and the same statements go again.
Reasons: decisions 1, 6, 8, 10; kaltura.md section 6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from agent.kernel import codec
from agent.kernel.codec import CodecError
from agent.kernel.records import StoredEvent
from agent.kernel.verdict import Cause, Held, Later, Refused, ServerTime, Verdict
from agent.sinks.base import Message, Outgoing, Projection
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import JSON, Wire
from agent.sinks.xapi import projection, statements
from agent.sinks.xapi.answers import judge
from agent.sinks.xapi.authority import Authority
from agent.sinks.xapi.projection import Rules

NAME: Final = "xapi"

LARGEST: Final = 200
"""Statements in one request: about 200 kB, and the answer, 39 bytes for each, fits what is read."""

UNREADABLE: Final = "unreadable"
"""The reason under which an event is counted that the codec does not know."""


@dataclass(frozen=True, slots=True)
class XapiSettings:
    """`endpoint`: the LRS's base address, to which /statements is added. `batch`: statements in one request."""

    endpoint: str
    rules: Rules
    batch: int = 50


class Xapi:
    """The sink."""

    def __init__(self, settings: XapiSettings, wire: Wire, authority: Authority) -> None:
        self._settings = settings
        self._wire = wire
        self._authority = authority
        self._url = f"{settings.endpoint.rstrip('/')}/statements"

    @property
    def name(self) -> str:
        """The destination's name in cursors, counters and `status`."""
        return NAME

    @property
    def batch(self) -> int:
        """As configured."""
        return max(1, min(self._settings.batch, LARGEST))

    def project(self, state: str, event: StoredEvent, *, time: float, age: float | None) -> Projection:
        """What `event` means to an LRS. One that this version cannot read is passed over, counted."""
        try:
            fact = codec.decode(event.kind, event.body)
        except CodecError:
            return Projection(state, (), UNREADABLE)
        return projection.project(state, event, fact, time=time, rules=self._settings.rules)

    def send(self, message: Message, *, attempt: int) -> Verdict:
        """POST one statement and judge the answer."""
        found = self._posted([message])
        return found if isinstance(found, Later | Held | Refused) else found[0]

    def send_all(self, messages: Sequence[Outgoing]) -> Sequence[Verdict] | Later | Held | Refused:
        """POST several statements, in order."""
        found = self._posted([outgoing.message for outgoing in messages])
        if isinstance(found, Refused) and len(messages) == 1:
            return [found]
        return found

    def ask_time(self) -> ServerTime | Later | Held:
        """Ask for the head of the host's front page. Whatever is answered has a Date, and nothing is counted."""
        parts = urlsplit(self._settings.endpoint)
        answer = self._wire.head(f"{parts.scheme}://{parts.netloc}/")
        return ServerTime(answer.server_time) if isinstance(answer, Answer) else answer

    def is_there(self) -> bool:
        """Whether an LRS answers and takes the authority."""
        return self.asked() is None

    def asked(self) -> str | None:
        """Ask for a statement that there cannot be; None where an LRS says so, else what is wrong."""
        header = self._authority.header()
        if isinstance(header, Later | Held):
            return header.text
        answer = self._wire.get(f"{self._url}?statementId={_NO_STATEMENT}", headers=_headers(header))
        if not isinstance(answer, Answer):
            return answer.text
        if answer.status in (401, 403):
            return f"HTTP {answer.status}: the LRS does not take these credentials"
        # A portal's 404 is a page.
        if answer.status in (200, 404) and "html" not in answer.content_type.lower():
            return None
        return f"HTTP {answer.status}, which is no answer of an LRS"

    def close(self) -> None:
        """Drop the connections."""
        self._wire.close()

    def _posted(self, messages: Sequence[Message]) -> Sequence[Verdict] | Later | Held | Refused:
        header = self._authority.header()
        if isinstance(header, Later | Held):
            return header
        body = statements.body(messages)
        answer = self._wire.post(self._url, body, content_type=JSON, headers=_headers(header))
        if not isinstance(answer, Answer):
            return answer
        secrets = () if header is None else (header, header.partition(" ")[2])
        verdict = judge(answer, statements.ids(messages), secrets=secrets)
        if not isinstance(verdict, Held):
            self._authority.accepted()
        elif verdict.cause is Cause.SESSION and self._authority.refused():
            return Later(Cause.SESSION, f"{verdict.text}; another token is asked for", answered=True, mended=True)
        return verdict


# Nil: no statement of anybody's has it.
_NO_STATEMENT: Final = "00000000-0000-0000-0000-000000000000"


def _headers(authorization: str | None) -> dict[str, str]:
    version = {"X-Experience-API-Version": statements.VERSION}
    return version if authorization is None else {**version, "Authorization": authorization}
