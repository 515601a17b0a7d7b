"""What the analytics server answers: the verdict, and what the answer changes of the next messages.

Contract: `judge` is pure. `Heard` remembers, for a few sessions, the answered start time and whether VIEWs are
wanted; it is used by the one thread that sends.
Rules: accepted is a 2xx with `{"time": …}` or a bare number, as JSON; a page is none, whatever its status. Unlike the
API this service answers with statuses: 400 is this message's fault, 401 the session's, 404 and a redirect the
setting's. Should the API's own error come back, as from the API host, its code decides. `sessionStartTime` is the
first answered time of a viewing; a PAUSE ends it, and only the answer to a RESUME or REPLAY begins
another. `viewEventsEnabled` holds until an answer says otherwise.
What a crash loses: all of `Heard`, for an answer comes after the state that commits with a message. Until the next
answer messages go without sessionStartTime, and at most one VIEW goes to a service that wanted none.
Reasons: the guide's section 11.2; kaltura.md section 3; scenarios captions, replay_after_end and
views_disabled_by_reply of players.jsonl.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Final

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.sinks.http.answer import Answer, redact
from agent.sinks.kaltura import judge as api
from agent.sinks.kaltura.complaint import complaint, parsed
from agent.sinks.track_event.kinds import Kind

SESSIONS: Final = 8
"""Sessions follow each other; an older one than this is told of only by a dead letter on its second way."""

_BEGINNINGS: Final = frozenset({Kind.RESUME.name, Kind.REPLAY.name})
"""What begins a viewing anew: it is sent without a start time, and its answer gives the next one."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An acceptance. `time`: the service's clock, whole epoch seconds. `views`: None where it says nothing of them."""

    time: int
    views: bool | None = None


def reply(answer: Answer) -> Reply | None:
    """What an acceptance says; None where `answer` is none."""
    if not 200 <= answer.status < 300:
        return None
    match parsed(answer.body):
        case bool():
            return None
        case int() | float() as time if isfinite(time):
            return Reply(int(time))
        case {"time": bool()}:
            return None
        case {"time": int() | float() as time, **rest} if isfinite(time):
            views = rest.get("viewEventsEnabled")
            return Reply(int(time), views if isinstance(views, bool) else None)
        case _:
            return None


def judge(answer: Answer, *, secrets: Sequence[str] = ()) -> Verdict:
    """The verdict on `answer`; `secrets` are texts that must not appear in it."""
    if reply(answer) is not None:
        return Delivered(server_time=answer.server_time)
    if complaint(parsed(answer.body)) is not None:
        return api.judge(answer, secrets=secrets)
    match answer.status:
        case 400:
            shown = redact(answer.body[:1000].decode("utf-8", "replace"), secrets)
            return Refused("HTTP_400", f"HTTP 400: {shown or 'no words'}")
        case 401:
            return Held(Cause.SESSION, "HTTP 401: the session is not taken", answered=True)
        case status if 200 <= status < 300:
            kind = redact(answer.content_type, secrets) or "no content type"
            text = f"HTTP {status} with {kind}, {len(answer.body)} bytes: not the analytics server's answer"
            return Later(Cause.NOT_KALTURA, text, answered=False)
        case status if 300 <= status < 500 and status != 429:
            text = f"HTTP {status} without an answer of the analytics server's; check track_event.url"
            return Held(Cause.CONFIGURATION, text, answered=False)
        case _:
            return api.judge(answer, secrets=secrets)


@dataclass(frozen=True, slots=True)
class _Session:
    start: int | None = None
    is_paused: bool = False
    views: bool = True


class Heard:
    """What was answered."""

    def __init__(self) -> None:
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    def start(self, session: str, name: str) -> int | None:
        """The first answered time of the viewing, to be sent with a message called `name`."""
        return None if name in _BEGINNINGS else self._known(session).start

    def wants_views(self, session: str) -> bool:
        """Whether the session's VIEWs are wanted."""
        return self._known(session).views

    def note(self, session: str, name: str, said: Reply | None) -> None:
        """A message called `name` needs no further try: it was accepted with `said`, or never will be (None)."""
        known = self._known(session)
        match name:
            case Kind.PAUSE.name:
                known = replace(known, start=None, is_paused=True)
            case _ if name in _BEGINNINGS:
                known = replace(known, start=None, is_paused=False)
            case _:
                pass
        if said is not None:
            start = said.time if known.start is None and not known.is_paused else known.start
            known = replace(known, start=start, views=known.views if said.views is None else said.views)
        self._sessions[session] = known
        self._sessions.move_to_end(session)
        while len(self._sessions) > SESSIONS:
            self._sessions.popitem(last=False)

    def _known(self, session: str) -> _Session:
        return self._sessions.get(session, _Session())
