"""A check of the ways in for the kiosk's own application.

Contract: `intake` reads a running agent's status: whether a door can be opened is known to the one that opens it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from agent.runtime.checks.finding import Finding, fail, ok

SUBJECT = "intake"


def intake(status: Mapping[str, Any]) -> Iterator[Finding]:
    """Where the agent listens, and which door is shut and why. Of an agent that says nothing of it, nothing."""
    found = status.get("intake") or {}
    listening = found.get("listening") or ()
    if listening:
        yield ok(SUBJECT, "listens on " + " and ".join(str(each) for each in listening))
    for each in found.get("shut") or ():
        yield fail(SUBJECT, str(each.get("problem")), str(each.get("remedy")))
