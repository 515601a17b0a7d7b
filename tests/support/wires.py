"""The wire as tests use it: short or long timeouts, and an environment without proxies."""

import ssl
import time

from agent.kernel.instants import Instant
from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import Timeouts, Wire

BODY = b"format=1"
# For what is to time out. What is to be answered is asked with PATIENT: a busy machine needs seconds for anything.
QUICK = Timeouts(connect=5.0, read=3.0, total=3.0)
PATIENT = Timeouts(connect=30.0, read=60.0, total=60.0)
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
