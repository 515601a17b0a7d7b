"""A rollout outlives its program, its machine, and what a broker forgets."""

import json
from pathlib import Path

import pytest

from agent.fleet.rollout_course import Phase
from agent.fleet.rollout_health import Baseline
from agent.fleet.rollout_journal import Journal, open_rollouts
from agent.fleet.rollout_plan import DamagedError, Entry
from agent.remote.documents import Document
from agent.remote.topics import Device
from tests.fleet.test_rollout_plan import PLAN
from tests.support.fleet import TOPICS, Exchange

ENTRIES = [Entry(f"d{number}", Document(Device(f"d{number}"), 1, {}), 2, Baseline()) for number in range(3)]


def journal(exchange: Exchange, folder: Path) -> Journal:
    return Journal(exchange.desk(), TOPICS, folder, plan=PLAN, parts={})


def found(exchange: Exchange, folder: Path) -> Journal:
    (journal,) = open_rollouts(exchange.desk(), TOPICS, folder).values()
    return journal


@pytest.mark.parametrize("lost", ["the broker's memory", "the machine", "neither"])
def test_rollout_is_found_again_where_either_is_lost(tmp_path: Path, lost: str) -> None:
    """The file is for a broker that was killed, the broker for an operator's machine that is gone."""
    exchange = Exchange()
    journal(exchange, tmp_path / "here").save(PLAN, ENTRIES)
    if lost == "the broker's memory":
        exchange.retained.clear()
    again = found(exchange, tmp_path / ("here" if lost != "the machine" else "elsewhere"))
    assert (PLAN, {each.device: each for each in ENTRIES}) == (again.plan, again.entries)


@pytest.mark.parametrize("is_file_newer", [True, False])
def test_plan_that_is_further_on_counts(tmp_path: Path, is_file_newer: bool) -> None:
    """A broker's lost second, or another machine that took the rollout up, must not turn it back in time."""
    exchange = Exchange()
    mine = journal(exchange, tmp_path)
    mine.save(PLAN, ENTRIES[:1])
    before, file = dict(exchange.retained), next(tmp_path.glob("*.json")).read_bytes()
    mine.save(PLAN.at(PLAN.course.turned_back("it was bad")), ENTRIES[1:])
    if is_file_newer:
        exchange.retained = before
    else:
        next(tmp_path.glob("*.json")).write_bytes(file)
    again = found(exchange, tmp_path)
    assert (Phase.RETURNING, 3) == (again.plan.course.phase, len(again.entries))


def test_entries_are_gathered_into_few_messages(tmp_path: Path) -> None:
    """A broker drops what comes in thousands of messages, and refuses a message that is too large."""
    exchange = Exchange()
    large = [
        Entry(f"d{number}", Document(Device(f"d{number}"), 1, {"x": "y" * 40_000}), 2, Baseline())
        for number in range(10)
    ]
    journal(exchange, tmp_path).save(PLAN, [*large, *ENTRIES])
    sizes = [len(payload) for topic, payload in exchange.retained.items() if "/entries/" in topic]
    assert (4, True) == (len(sizes), max(sizes) < 256 * 1024)
    # Whoever finds the plan must find all that is to be put back.
    assert "plan" == exchange.published[-1].topic.rpartition("/")[2]


def test_rollout_that_is_over_leaves_nothing(tmp_path: Path) -> None:
    """Neither at the broker nor on the machine."""
    exchange = Exchange()
    mine = journal(exchange, tmp_path)
    mine.save(PLAN, ENTRIES)
    mine.forget()
    assert ({}, []) == (exchange.retained, list(tmp_path.iterdir()))
    assert {} == open_rollouts(exchange.desk(), TOPICS, tmp_path)


def test_damaged_journal_is_told_and_not_guessed_at(tmp_path: Path) -> None:
    """Somebody wrote to its topics by hand."""
    exchange = Exchange()
    exchange.tell("kiosk/v1/rollout/8-abc/plan", json.dumps(PLAN.plain()).encode())
    with pytest.raises(DamagedError):
        open_rollouts(exchange.desk(), TOPICS, tmp_path)
