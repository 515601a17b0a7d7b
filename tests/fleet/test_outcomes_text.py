"""What became of a document, for people."""

import click

from agent.fleet.console import Console
from agent.fleet.outcomes import Outcome, Verdict
from agent.fleet.outcomes_text import counts, outcome_lines, progress


def test_refusals_are_told_one_by_one_with_all_reasons() -> None:
    """They are what the operator has to mend."""
    found = [
        click.unstyle(line)
        for line in outcome_lines(
            [
                Outcome("a", Verdict.REFUSED, ("volume is 900", "rate is 0")),
                Outcome("b", Verdict.OFFLINE),
                Outcome("c", Verdict.APPLIED),
                Outcome("d", Verdict.APPLIED),
            ]
        )
    ]
    assert [
        "1 device refused it",
        "  a: volume is 900",
        "    rate is 0",
        "1 device offline, will apply it when back: b",
        "2 devices applied it: c, d",
    ] == found


def test_hundreds_that_applied_it_are_counted() -> None:
    """Names of those that are well hide the one that is not."""
    (line,) = outcome_lines([Outcome(f"dev-{number}", Verdict.APPLIED) for number in range(300)])
    assert "300 devices applied it" in line
    assert "and 292 more" in line


def test_level_without_devices_says_so() -> None:
    """A misspelt group looks like this."""
    assert ["No device that is known belongs to it."] == outcome_lines([])


def test_counts_leave_out_what_is_none() -> None:
    """The summary for machines."""
    assert {"refused": 1, "applied": 2} == counts(
        [Outcome("a", Verdict.REFUSED), Outcome("b", Verdict.APPLIED), Outcome("c", Verdict.APPLIED)]
    )


def test_progress_is_for_terminals() -> None:
    """In a log file a line that is written over is a mess."""
    progress(Console())({"a": Outcome("a", Verdict.WAITING)})
