"""A check of the screen: is it on, can anybody tell, and does the television answer.

Contract: `display(settings, status)` yields findings; `status` is the running agent's, None where none answers: the
connectors are then read here, as the agent would.
Rules: a dark screen outside its hours is as it should be. A screen of which nothing is known is no fault, unless
somebody named a connector that is not there, or wants plays left out by it.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from agent.config.display import DarkPlays
from agent.config.display import Display as Settings
from agent.display.cec import MISSING, PROGRAM
from agent.display.drm import CONNECTORS, connectors
from agent.display.rule import judge
from agent.runtime.checks.finding import Finding, ok, warn

SUBJECT: Final = "display"
TELEVISION: Final = "television"


def display(settings: Settings, status: Mapping[str, Any] | None, folder: Path = CONNECTORS) -> Iterator[Finding]:
    """What is known, and what would help to know more."""
    if not settings.enabled:
        yield ok(SUBJECT, "not looked at (display.enabled = false)")
        return
    found = connectors(folder)
    told = {} if status is None else status.get("display") or {}
    seen = judge(found, wanted=settings.connector)
    state, why = str(told.get("state") or seen.display.value), str(told.get("why") or seen.why)
    if settings.connector is not None and not any(each.is_called(settings.connector) for each in found):
        names = ", ".join(each.name for each in found) or "none"
        remedy = f"Correct or remove display.connector; there are: {names}."
        yield warn(SUBJECT, f"no connector is called {settings.connector}: the screen is unknown", remedy)
    elif state == "off" and told.get("should_be_on", True):
        remedy = "Switch it on and check its cable; display.hours says when it may be off."
        yield warn(SUBJECT, f"off: {why}", remedy)
    elif state == "unknown" and settings.dark_plays is DarkPlays.LEAVE_OUT:
        remedy = "Set display.connector or display.cec where that helps, or display.dark_plays to mark."
        yield warn(SUBJECT, f"unknown: {why}; so no play is ever left out", remedy)
    else:
        yield ok(SUBJECT, f"{state}: {why}")
    if settings.cec:
        yield _television(settings, told.get("television") or {})


def _television(settings: Settings, told: Mapping[str, Any]) -> Finding:
    """Who may use the device is known to the service that uses it; whether there is one, to everybody."""
    if told.get("trouble"):
        return warn(TELEVISION, str(told["trouble"]), str(told.get("remedy") or "See the agent's log."))
    if told.get("said"):
        return ok(TELEVISION, f"says by HDMI-CEC that it is {told['said']}")
    if shutil.which(PROGRAM) is None:
        return warn(TELEVISION, MISSING.text, MISSING.remedy)
    if not Path(settings.cec_device).exists():
        return warn(TELEVISION, f"{settings.cec_device} does not exist", "ls /dev/cec* shows what there is.")
    return ok(TELEVISION, f"is asked by HDMI-CEC on {settings.cec_device} every {settings.cec_every_s:g} s")
