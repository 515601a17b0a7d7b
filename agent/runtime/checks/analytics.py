"""Is the analytics server there? One real request, over the very wire that trackEvent takes.

Contract: a finding; the request lacks what every event must have, so nothing can be counted of it.
Rules: the guide's 400 for missing fields is the answer to be hoped for. Where the API's own host is named instead, it
says that it has no such action: the commonest mistake, and every event would be held by it.
Reasons: the guide's section 11.2; kaltura.md section 3.
"""

from typing import assert_never

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused
from agent.runtime.checks.finding import Finding, fail, ok, warn
from agent.runtime.checks.machine import CLOCK_REMEDY
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Wire
from agent.sinks.track_event.answers import judge
from agent.sinks.track_event.encode import track_url

_REMEDY = "Check the network and track_event.url; it is another host than kaltura.service_url."


def analytics(wire: Wire, url: str) -> Finding:
    """Ask the configured server whether it takes trackEvent."""
    answer = wire.post(track_url(url), b"format=1")
    verdict = judge(answer) if isinstance(answer, Answer) else answer
    match verdict:
        case Delivered() | Refused():
            return ok("analytics", f"{url} answers")
        case Held(cause=Cause.SESSION):
            return ok("analytics", f"{url} answers, and wants a session")
        case Later(text=text, answered=True):
            return warn("analytics", f"{url} answers, but with {text}", "Wait; events are kept meanwhile.")
        case Later(cause=Cause.CLOCK, text=text):
            return fail("analytics", f"{url}: {text}", CLOCK_REMEDY)
        case Later(text=text) | Held(text=text):
            return fail("analytics", f"{url}: {text}", _REMEDY)
        case _:
            assert_never(verdict)
