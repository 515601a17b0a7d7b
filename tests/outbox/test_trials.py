"""What is kept of a message's tries."""

from pathlib import Path

from agent.kernel.records import Cursor
from agent.outbox.trials import READ_TRIALS, Tried
from tests.support.outbox import a_record, core_of, open_outbox


def test_what_is_known_of_a_messages_tries_outlives_a_crash_and_goes_with_the_event(tmp_path: Path) -> None:
    """Without it a resend would be another request, which the server counts a second time (decision 6)."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record() for _ in range(100)])
    outbox.settle("one", Cursor(0), projection="", tried={(1, 0): Tried(attempt=1), (2, 1): Tried(accepted=True)})
    outbox.settle("one", Cursor(0), projection="", tried={(1, 0): Tried(attempt=2, lost=True, batched=True)})
    outbox.close()
    again = open_outbox(tmp_path)
    known = {(1, 0): Tried(attempt=2, lost=True, batched=True), (2, 1): Tried(accepted=True)}
    assert [known, {}, {}] == [again.trials("one", 1, 99), again.trials("one", 3, 99), again.trials("two", 1, 99)]
    again.settle("one", Cursor(99), projection="")
    assert core_of(again).database["trials"].count == 0
    again.close()


def test_looking_into_the_tries_costs_the_same_whatever_waits(tmp_path: Path) -> None:
    """It is asked at every step: a scan would make a drain of a large backlog slower and slower."""
    outbox = open_outbox(tmp_path)
    plan = core_of(outbox).database.conn.execute(f"EXPLAIN QUERY PLAN {READ_TRIALS}", (1, 2, "one")).fetchall()
    assert ["SEARCH trials USING PRIMARY KEY (sequence>? AND sequence<?)"] == [row[3] for row in plan]
    outbox.close()
