"""Is a destination's service there? What its worker asks while a new connection is on trial and nothing is to be sent.

Contract: each returns a function that makes one request over the very wire that messages take, and says whether the
service itself has answered. Nothing is counted by it. To be called by the thread that sends.
Rules: an answer of Kaltura's own proves the road, an error too, for it comes from there; a page, a redirect or silence
does not. Where a session is configured it must be had, and what was started must not be refused: every message would
wait for it.
Reasons: kaltura.md sections 1 and 3; the requests are those of `doctor` (checks/collector.py, checks/analytics.py).
"""

from collections.abc import Callable
from typing import assert_never

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Wire
from agent.sinks.kaltura import api
from agent.sinks.kaltura.api import Complaint, Result
from agent.sinks.kaltura.complaint import SESSION_CODES
from agent.sinks.kaltura.sessions import SessionSource
from agent.sinks.track_event.answers import judge
from agent.sinks.track_event.encode import track_url


def ping(wire: Wire, service_url: str, client_tag: str, source: SessionSource) -> Callable[[], bool]:
    """system.ping of the API, with the session that events are sent with."""

    def asked() -> bool:
        ks = source.current()
        if isinstance(ks, Later | Held):
            return False
        # Past the cache: what it would answer says nothing of the present.
        given = {api.NONCE: api.nonce()}
        found = api.call(wire, service_url, "system", "ping", given, client_tag=client_tag, ks=ks)
        match found:
            case Complaint(code=code) if code in SESSION_CODES and ks is not None:
                source.refused(ks)
                return False
            case Complaint():
                return True
            case Result(value=value):
                # A portal may answer with JSON of its own, or with nothing at all.
                return value is True
            case Later() | Held():
                return False
            case _:
                assert_never(found)

    return asked


def empty_event(wire: Wire, url: str, client_tag: str, source: SessionSource) -> Callable[[], bool]:
    """analytics.trackEvent without what every event must have: the service says so, and nothing can be counted."""

    def asked() -> bool:
        ks = source.current()
        if isinstance(ks, Later | Held):
            return False
        answer = wire.post(track_url(url), api.form({}, client_tag=client_tag, ks=ks))
        if not isinstance(answer, Answer) or "html" in answer.content_type.lower():
            return False  # any server has a page for what it calls a bad request
        verdict = judge(answer, secrets=() if ks is None else (ks,))
        match verdict:
            case Held(cause=Cause.SESSION) if ks is not None:
                source.refused(ks)
                return False
            case Delivered() | Refused():
                return True
            case Later() | Held():
                return False
            case _:
                assert_never(verdict)

    return asked
