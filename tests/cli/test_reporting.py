"""Reports of a ledger, asked of an agent over its socket and of a store at rest."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agent.cli.report import report
from agent.kernel.plays import ChainFault
from agent.runtime import queries
from agent.runtime.control import Request
from agent.runtime.reporting.slicing import LINES_A_STEP
from agent.runtime.reporting.zone import day_of
from tests.support.agents import answering
from tests.support.ledgers import MemoryLedger, a_play
from tests.support.outbox import WALL
from tests.support.stores import store_with_story


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(report, [*arguments, "--state-dir", str(folder)])


@contextmanager
def agent(folder: Path, ledger: Any) -> Iterator[list[Request]]:
    """A running agent with this ledger."""
    with answering(folder, lambda call, arguments: queries.answer(ledger, call, arguments)) as seen:
        yield seen


LINES = 2 * LINES_A_STEP + 30


@pytest.fixture
def ledger() -> MemoryLedger:
    """Plays of two entries in turn, one an hour; each tenth has none."""
    return MemoryLedger(
        [
            a_play(number, WALL + 3600 * number, entry_id=None if number % 10 == 0 else f"0_{'ab'[number % 2]}")
            for number in range(1, LINES + 1)
        ]
    )


def rows(found: Result) -> list[dict[str, str]]:
    assert 0 == found.exit_code, found.output
    return list(csv.DictReader(io.StringIO(found.stdout, newline="")))


@pytest.mark.parametrize("by", ["entry", "day", "item,display", "display,day,entry,item"])
def test_report_by_anything_adds_up_to_all_plays(tmp_path: Path, ledger: MemoryLedger, by: str) -> None:
    """Over some slices, each of which costs the agent a few milliseconds."""
    with agent(tmp_path, ledger) as seen:
        found = rows(run(tmp_path, "--by", by, "--csv"))
    assert by.split(",") == list(found[0])[: len(by.split(","))]
    assert LINES == sum(int(row["plays"]) for row in found)
    assert LINES * 29_970 == sum(round(float(row["seconds"]) * 1000) for row in found)
    assert 3 == len(seen)


def test_days_add_up_to_the_period_that_holds_them(tmp_path: Path, ledger: MemoryLedger) -> None:
    """Seven reports of a day are the report of the week."""
    days = sorted({day_of(play.began) for play in ledger.lines})[1:6]
    with agent(tmp_path, ledger):
        single = [rows(run(tmp_path, "--day", day, "--by", "day", "--csv")) for day in days]
        whole = rows(run(tmp_path, "--from", days[0], "--to", days[-1], "--by", "day", "--csv"))
    assert whole == [row for found in single for row in found]
    assert days == [row["day"] for row in whole]


def test_json_says_where_it_comes_from(tmp_path: Path, ledger: MemoryLedger) -> None:
    """In which zone a day is one, and which ledger it was."""
    with agent(tmp_path, ledger):
        found = json.loads(run(tmp_path, "--json").stdout)
    assert [None, "0_a", "0_b"] == [row["entry"] for row in found["rows"]]
    assert (LINES, LINES * 29_970 / 1000) == (found["total"]["plays"], found["total"]["seconds"])
    assert {"number": LINES, "hash": f"{LINES:064x}"} == found["chain"]
    assert (0, 1, {}) == (found["missing_lines"], found["oldest_line"], found["period"])
    assert found["zone"]


def test_table_says_what_is_not_known(tmp_path: Path) -> None:
    """A number without its doubts is believed too much."""
    plays = [a_play(1), a_play(2, is_estimated=True), a_play(5, is_left_out=True, delivered=())]
    with agent(tmp_path, MemoryLedger(plays)):
        output = run(tmp_path).stdout
    assert "total" in output
    assert "2 plays missing from the ledger: kiosk-agent report --verify says where." in output
    assert "1 play at an estimated time" in output
    assert "1 play reported to nobody, by the policy for dark screens." in output


def test_empty_period_says_so(tmp_path: Path, ledger: MemoryLedger) -> None:
    """And in which zone it was looked for."""
    with agent(tmp_path, ledger):
        assert "No plays: 1999-01-01 (days of" in run(tmp_path, "--day", "1999-01-01").stdout
        assert [] == rows(run(tmp_path, "--day", "1999-01-01", "--csv"))


def test_lines_of_the_device_whose_card_this_was_are_told_apart_and_not_counted(
    tmp_path: Path, ledger: MemoryLedger
) -> None:
    """The other device tells them. Whoever looks for them learns why they are not there."""
    ledger.copied = LINES - 3
    with agent(tmp_path, ledger):
        told = json.loads(run(tmp_path, "--json").stdout)
        output = run(tmp_path).stdout
        listed = run(tmp_path, "--plays", "--json").stdout.splitlines()
        nothing = run(tmp_path, "--day", "1999-01-01").stdout
    assert (3, LINES - 3, 0) == (told["total"]["plays"], told["copied_lines"], told["missing_lines"])
    assert [LINES - 2, LINES - 1, LINES] == [json.loads(line)["number"] for line in listed]
    for text in (output, nothing):
        assert f"{LINES - 3} plays of the device whose card this was, not counted here." in text


def test_each_play_is_listed_in_its_order(tmp_path: Path, ledger: MemoryLedger) -> None:
    """The proof, as a table, a file and for programs."""
    with agent(tmp_path, ledger):
        listed = rows(run(tmp_path, "--plays", "--csv"))
        told = [json.loads(line) for line in run(tmp_path, "--plays", "--json").stdout.splitlines()]
        shown = run(tmp_path, "--plays").stdout.splitlines()
    assert [str(number) for number in range(1, LINES + 1)] == [row["number"] for row in listed]
    assert list(range(1, LINES + 1)) == [each["number"] for each in told]
    assert LINES + 1 == len(shown)
    assert ("1", "29.970", "0_b", "completed") == tuple(
        listed[0][name] for name in ("completed", "seconds", "entry", "ending")
    )
    assert listed[0]["began"].endswith("Z")
    assert listed[0]["delivered_to"].startswith("stats.collect=20")


@pytest.mark.parametrize(
    ("faults", "status", "words"),
    [
        ((), 0, f"sound up to line {LINES:,}"),
        ((ChainFault(7, "it was changed"),), 1, "from line 7 on: it was changed."),
        ((ChainFault(7, "it was changed"), ChainFault(9, "it is missing")), 1, "1 more fault behind it"),
    ],
)
def test_chain_is_sound_or_the_first_bad_line_is_named(
    tmp_path: Path, ledger: MemoryLedger, faults: Sequence[ChainFault], status: int, words: str
) -> None:
    """A script that archives reports checks the exit status."""
    ledger.faults = tuple(faults)
    with agent(tmp_path, ledger):
        found = run(tmp_path, "--verify")
        told = json.loads(run(tmp_path, "--verify", "--json").stdout)
    assert status == found.exit_code
    assert words in found.stdout
    assert (not faults, LINES) == (told["sound"], told["chain"]["number"])


def test_store_at_rest_is_read_with_the_same_code(tmp_path: Path) -> None:
    """A kiosk that is being repaired has its agent stopped."""
    store_with_story(tmp_path).close()
    assert "No plays: all plays" in run(tmp_path).stdout
    assert 0 == run(tmp_path, "--verify").exit_code


def test_agent_of_another_version_is_told_and_no_traceback_shown(tmp_path: Path) -> None:
    """After an upgrade that has not restarted the agent yet."""
    with answering(tmp_path, lambda *_: {"ok": {"v": 9}}):
        found = run(tmp_path)
    assert 1 == found.exit_code
    assert "answers otherwise" in found.output
    with answering(tmp_path, lambda *_: {"error": "no such call: report.slice"}):
        assert "no such call" in run(tmp_path).output
