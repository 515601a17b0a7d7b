"""Checks of the way to a player that is not ours: the socket, the host that dials it, the VLC that it follows.

Contract: `attached` answers findings of what a running agent says; without one there is nothing to ask.
Reasons: issue 8; three things must be in place, and each has a remedy of its own.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from agent.runtime.checks.finding import Finding, fail, ok, warn
from agent.runtime.health.reasons import part, text

SUBJECT = "attached"
_START = "systemctl status kiosk-attach says why; sudo systemctl enable --now kiosk-attach starts it."
_MORE = "systemctl status kiosk-attach says more."


def attached(status: Mapping[str, Any] | None) -> Iterator[Finding]:
    """`status`: of the agent that runs; None where none does."""
    if status is None:
        yield warn(SUBJECT, "cannot be asked: the agent does not run", "Start it: sudo systemctl start kiosk-agent.")
        return
    player = part(status, "player")
    found, host = part(player, "attached"), part(player, "host")
    if not found:
        what = "the agent that runs has a player of its own: it was started with other settings"
        yield warn(SUBJECT, what, "Start it again: sudo systemctl restart kiosk-agent.")
        return
    if host.get("running") is not True:
        yield fail(SUBJECT, "the agent listens, and kiosk-attach is not connected", _START)
        return
    yield ok(SUBJECT, f"kiosk-attach is there, pid {host.get('pid')}")
    follows, problem = text(found, "follows"), text(found, "problem")
    others = ", ".join(str(each) for each in found.get("others") or ())
    if follows is None:
        what, _, remedy = (problem or "no VLC is seen: start it").partition(": ")
        yield fail("VLC", what, remedy or _MORE)
    elif problem is not None:
        what, _, remedy = problem.partition(": ")
        yield warn("VLC", what, remedy or _MORE)
    else:
        more = f"; not followed: {others}" if others else ""
        yield ok("VLC", f"follows {follows}{more}; {text(found, 'accuracy') or 'accuracy unknown'}")
