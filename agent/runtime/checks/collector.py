"""Is Kaltura there? One real request, over the very wire that events take.

Contract: a finding; nothing is counted or logged as an event by the request (system.ping).
Rules: any answer of Kaltura's own, even an error, proves the road; a page, a redirect or silence does not. The judge
of real sends judges this one too.
Reasons: kaltura.md section 1: a captive portal answers 200 with HTML.
"""

from typing import assert_never

from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused
from agent.runtime.checks.finding import Finding, fail, ok, warn
from agent.runtime.checks.machine import CLOCK_REMEDY
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Wire
from agent.sinks.kaltura.encode import ROUTE, collect_url
from agent.sinks.kaltura.judge import judge

_PING = "/service/system/action/ping"

_REMEDIES = {
    Cause.NETWORK: "Check the network, the name in kaltura.service_url, and kaltura.proxy.",
    Cause.TIMEOUT: "Check the network and firewalls on the way; a server that never answers is the server's trouble.",
    Cause.TLS: "Check the clock first, then the CA certificates: sudo apt install ca-certificates.",
    Cause.SERVER: "Wait, or ask whoever runs the server; events are kept meanwhile.",
    Cause.THROTTLED: "Wait; events are kept meanwhile.",
    Cause.NOT_KALTURA: "Something else answers: log in to the network's portal, or correct kaltura.service_url.",
    Cause.CONFIGURATION: "Correct kaltura.service_url.",
    Cause.SESSION: "Renew the session in kaltura.session.ks_file, or look at the app token (kaltura.session).",
    Cause.CLOCK: CLOCK_REMEDY,
}


def ping_url(service_url: str) -> str:
    """The address of system.ping beside stats.collect."""
    return collect_url(service_url).removesuffix(ROUTE) + _PING


def collector(wire: Wire, service_url: str) -> Finding:
    """Ask the configured service whether it is Kaltura."""
    answer = wire.post(ping_url(service_url), b"format=1")
    verdict = judge(answer) if isinstance(answer, Answer) else answer
    match verdict:
        case Delivered():
            return ok("collector", f"{service_url} answers")
        case Refused(code=code):
            return ok("collector", f"{service_url} answers ({code} to a ping)")
        case Held(text=text, answered=True):
            return ok("collector", f"{service_url} answers ({text})")
        case Later(cause=cause, text=text, answered=True):
            return warn("collector", f"{service_url} answers, but with {text}", _REMEDIES[cause])
        case Later(cause=cause, text=text) | Held(cause=cause, text=text):
            return fail("collector", f"{service_url}: {text}", _REMEDIES[cause])
        case _:
            assert_never(verdict)
