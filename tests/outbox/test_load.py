"""What a long queue must not make dearer, without a clock: every statement of the hot path finds its rows by a key."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox.opening import look_at_the_ends
from agent.outbox.store import Outbox
from agent.outbox.tombstones import _BETWEEN
from tests.support.outbox import MEGABYTE, a_record, core_of, open_outbox

SINK = "stats.collect"
STEPS = 10
"""Instructions of SQLite's machine between two looks."""


def steps(connection: sqlite3.Connection, work: Callable[[], object]) -> int:
    """SQLite's work, in instructions."""
    looks = 0

    def look() -> int:
        nonlocal looks
        looks += 1
        return 0

    connection.set_progress_handler(look, STEPS)
    work()
    connection.set_progress_handler(None, STEPS)
    return looks * STEPS


def steps_of_a_life(outbox: Outbox) -> int:
    """For one event's append, look and settlement, and for what `status` asks."""

    def life() -> None:
        outbox.append([a_record("one more")], states={"tracker": "text"})
        (head,) = outbox.peek(SINK, 1)
        outbox.trials(SINK, head.sequence, head.sequence)
        outbox.settle(SINK, Cursor(head.sequence), projection="after", delivered=1)
        outbox.statistics()

    return steps(core_of(outbox).database.conn, life)


def filled(folder: Path, number: int) -> Outbox:
    """A store in which so many events wait."""
    outbox = open_outbox(folder, total_bytes=256 * MEGABYTE)
    outbox.register(SINK)
    for _ in range(0, number, 1000):
        outbox.append([a_record() for _ in range(1000)])
    return outbox


def test_event_costs_the_same_work_however_many_wait(tmp_path: Path) -> None:
    """A kiosk that was offline for a month must not become slow, and then lose what it has."""
    few, many = filled(tmp_path / "few", 1_000), filled(tmp_path / "many", 50_000)
    steps_of_a_life(few), steps_of_a_life(many)  # the first settlement makes rows of its own
    assert steps_of_a_life(many) <= 1.2 * steps_of_a_life(few)
    few.close()
    many.close()


def test_start_reads_the_ends_of_a_long_log_alone(tmp_path: Path) -> None:
    """Ready within a second and a half, however long the outage was."""
    work = []
    for number in (1_000, 50_000):
        outbox = filled(tmp_path / f"{number}", number)
        database = core_of(outbox).database
        work.append(steps(database.conn, partial(look_at_the_ends, database)))
        outbox.close()
    assert work[1] <= 1.2 * work[0]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT sequence FROM events WHERE sequence > 5 AND sequence <= 9 AND priority = 1 ORDER BY sequence LIMIT 50",
        "SELECT sequence FROM events WHERE sequence > 5 AND sequence <= 9 AND priority = 1 ORDER BY sequence DESC",
        "SELECT max(first) FROM tombstones WHERE first <= 7",
        "DELETE FROM events WHERE sequence <= 9",
        "DELETE FROM tombstones WHERE first <= 9 AND last <= 9",
        _BETWEEN.replace("?1", "7").replace("?2", "9"),
    ],
)
def test_long_tables_are_searched_and_not_scanned(tmp_path: Path, query: str) -> None:
    """A scan of a million rows holds the main loop for seconds."""
    outbox = open_outbox(tmp_path)
    plan = core_of(outbox).database.conn.execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
    assert not any("SCAN" in row[3] for row in plan)
    outbox.close()
