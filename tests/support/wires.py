"""The wire as tests use it: short or long timeouts, and an environment without proxies."""

import ssl
import time

from agent.kernel.instants import Instant
from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Timeouts, Wire

BODY = b"format=1"
QUICK = Timeouts(connect=2.0, read=1.0, total=1.5)
PATIENT = Timeouts(connect=10.0, read=10.0, total=20.0)
PROXY_VARIABLES = [
    spelling for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy") for spelling in (name, name.upper())
]


def wire(
    timeouts: Timeouts = PATIENT,
    *,
    through: str | None = None,
    tls: ssl.SSLContext | None = None,
    now: Instant | None = None,
) -> Wire:
    """A wire as the agent makes it; `now`: what its clock always says."""
    return Wire(
        user_agent="kiosk-agent/0",
        monotonic=time.monotonic,
        timeouts=timeouts,
        proxy=through,
        tls=tls,
        now=lambda: now,
    )


def cause(result: Answer | Later | Held) -> tuple[type, Cause, bool]:
    """Kind, cause, and whether the answer may be lost."""
    assert not isinstance(result, Answer), result
    return type(result), result.cause, isinstance(result, Later) and result.lost
