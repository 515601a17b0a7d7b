"""Checks of the configuration: its problems and doubts, and what its choices mean.

Contract: `settings` gives the findings and, where the file can be used, what it says.
Rules: problems and warnings are the loader's own, secret files among them; nothing is judged twice.
Reasons: decision 17 (`doctor` prints what event_semantics means).
"""

from dataclasses import replace
from pathlib import Path
from typing import assert_never

from agent.config.files import Loaded, load
from agent.config.intake import Intake
from agent.config.kaltura import EventSemantics, Kaltura
from agent.config.problems import ConfigurationError, Problem
from agent.config.track_event import TrackEvent
from agent.runtime.checks.finding import Finding, Level, ok

SUBJECT = "configuration"


def settings(path: Path) -> tuple[list[Finding], Loaded | None]:
    """What is wrong or doubtful in the file at `path`."""
    try:
        loaded = load(path)
    except ConfigurationError as error:
        findings = [_finding(Level.FAIL, problem) for problem in error.problems]
        return findings + [_finding(Level.WARN, problem) for problem in error.warnings], None
    if loaded.warnings:
        return [_finding(Level.WARN, problem) for problem in loaded.warnings], loaded
    return [ok(SUBJECT, f"{path} is in order")], loaded


def meaning(kaltura: Kaltura, track: TrackEvent) -> Finding:
    """What is told of plays, in words."""
    if not kaltura.enabled and track.enabled and track.player_events:
        return ok("events", "kaltura.enabled is false: plays are told to the analytics server only")
    if not kaltura.enabled:
        rest = "; the application's events go to the analytics server" if track.enabled else ""
        return ok("events", f"kaltura.enabled is false: everything is played, no play is reported{rest}")
    match kaltura.event_semantics:
        case EventSemantics.GUIDE:
            text = (
                "as Kaltura's guide says: times in seconds; a replay is a new session; a quartile is sent when playing "
                "reaches it and never for a point that a seek jumped over; 100 % at the end"
            )
        case EventSemantics.PLAYER:
            text = (
                "as Kaltura's players do: times in milliseconds; a replay stays in its session and sends no quartile "
                "again; a seek sends the quartiles that it passed, in order; 100 % at 98 %"
            )
        case _:
            assert_never(kaltura.event_semantics)
    return ok("events", f'event_semantics = "{kaltura.event_semantics.value}": {text}')


def application(intake: Intake, track: TrackEvent) -> Finding | None:
    """Where pages, buttons and custom events go; None where there is no way in for them."""
    if not (intake.enabled or intake.web.enabled):
        return None
    if not track.enabled:
        text = "pages, buttons and custom events are taken and told to nobody: track_event.enabled is false"
        return ok("application", text)
    return ok("application", "pages, buttons and custom events go to the analytics server")


def _finding(level: Level, problem: Problem) -> Finding:
    remedy = problem.remedy or "Correct the file; kiosk-agent config check says whether it is right."
    return Finding(level, SUBJECT, str(replace(problem, remedy=None)), remedy)
