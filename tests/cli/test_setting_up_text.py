"""What setup says."""

from pathlib import Path

import click

from agent.cli.setting_up_text import (
    arrival_lines,
    finding_lines,
    missing_text,
    question_help,
    replaced_lines,
    stock_text,
)
from agent.runtime.checks.finding import fail, ok
from agent.runtime.setup.arrival import Absent, Arrived, Waiting
from agent.runtime.setup.image import Stock
from agent.runtime.setup.questions import BY_OPTION


def plain(lines: list[str]) -> str:
    return click.unstyle("\n".join(lines))


def test_finding_stands_as_doctor_shows_it_and_cannot_drive_the_terminal() -> None:
    """A server's answer is quoted in it."""
    assert "fail  session        no [\\x1b" in plain(finding_lines(fail("session", "no [\x1b[2J", "Do this.")))
    assert "Do this." in plain(finding_lines(fail("session", "no", "Do this.")))
    assert 1 == len(finding_lines(ok("a", "b")))


def test_wait_ends_in_words() -> None:
    """Each way that it can end."""
    arrived = plain(arrival_lines(Arrived("stats.collect", "file:///srv/a.mp4", "0_abcd1234"), 9))
    assert [] == [word for word in ("stats.collect", "a.mp4", "0_abcd1234") if word not in arrived]
    assert "delivered to xapi." in plain(arrival_lines(Arrived("xapi", None, None), 9))
    assert "within 120 s: refused" in plain(arrival_lines(Waiting("refused"), 120.0))
    assert "does not answer: gone" in plain(arrival_lines(Absent("gone"), 120.0))


def test_what_is_missing_is_named_with_its_option() -> None:
    """A script's author reads one line."""
    text = missing_text([BY_OPTION["--partner"], BY_OPTION["--ks-file"]])
    assert [] == [word for word in ("--partner (number", "--ks-file (the session") if word not in text]


def test_help_stands_where_words_or_several_lines_are_wanted() -> None:
    """And nowhere else: eight questions fit a screen."""
    assert [] == question_help(BY_OPTION["--name"])
    assert "one of: none, ks-file, app-token, secret" in plain(question_help(BY_OPTION["--session"]))
    assert "0_abcd1234" in plain(question_help(BY_OPTION["--play"]))


def test_replacement_says_what_becomes_of_the_old_card() -> None:
    """Its events are not lost with it."""
    moved = plain(replaced_lines("device-001", had_question=True, state_dir=Path("/var/lib/kiosk-agent")))
    new = plain(replaced_lines("device-001", had_question=False, state_dir=Path("/var/lib/kiosk-agent")))
    assert ("as its own" in moved, "anew" in new) == (True, True)
    assert "queue export" in moved and "must not run as device-001" in new


def test_loss_is_counted_in_words() -> None:
    """Singular too."""
    assert "1 unsent event and 2 refused messages" == stock_text(Stock(1, 2))
    assert "torn" in stock_text(Stock(broken="torn"))
