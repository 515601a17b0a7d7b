"""What stands in the place of events that were given up, and who is told."""

from pathlib import Path

import pytest

from agent.kernel.records import Cursor, Priority, Tombstone
from agent.outbox.accounting import unburied
from agent.outbox.ledger import Drop
from agent.outbox.letters import Refusal
from agent.outbox.retention import drop
from agent.outbox.store import Outbox
from agent.outbox.tombstones import ELSEWHERE, between, bury, graves, shared
from tests.support.outbox import a_record, an_instant, core_of, open_outbox

SINK = "stats.collect"

TODAY = 1_795_000_000.0
"""A time after the build."""


def filled(folder: Path, number: int = 20) -> Outbox:
    """A store of events a second apart, for one destination."""
    outbox = open_outbox(folder)
    outbox.register(SINK)
    outbox.append([a_record(instant=an_instant(float(place), wall=TODAY + place)) for place in range(1, number + 1)])
    return outbox


def gaps(outbox: Outbox, sink: str = SINK, *, after: int | None = None) -> dict[int, list[tuple[int, int, str]]]:
    """What each event that waits tells."""
    return {
        event.sequence: [(stone.first, stone.last, stone.reason) for stone in event.before]
        for event in outbox.peek(sink, 100, after=after)
        if event.before
    }


def test_first_event_behind_a_gap_tells_range_reason_and_times(tmp_path: Path) -> None:
    """Whoever receives what follows must be able to say what is missing, and from when to when."""
    outbox = filled(tmp_path)
    drop(core_of(outbox), [4, 5, 3, 9], Drop.BYTES)
    told = {event.sequence: event.before for event in outbox.peek(SINK, 100)}
    assert (Tombstone(3, 5, "bytes", TODAY + 3.0, TODAY + 5.0),) == told[6]
    assert 3 == told[6][0].number
    assert {6, 10} == {sequence for sequence, stones in told.items() if stones}
    outbox.close()


@pytest.mark.parametrize("newest_first", [False, True])
def test_month_of_drops_is_one_row_from_whichever_end(tmp_path: Path, newest_first: bool) -> None:
    """A row an event, or a row a batch, would fill what the drop has freed, and make each start slow."""
    outbox = filled(tmp_path, 300)
    for place in range(0, 250, 50):
        chosen = range(299 - place, 249 - place, -1) if newest_first else range(1 + place, 51 + place)
        drop(core_of(outbox), list(chosen), Drop.AGE)
    first, last = (50, 299) if newest_first else (1, 250)
    assert [Tombstone(first, last, "age", TODAY + first, TODAY + last)] == between(
        core_of(outbox).database.conn, 0, 300
    )
    assert 0 == unburied(core_of(outbox), 0, [event.sequence for event in outbox.events(limit=500)])
    outbox.close()


def test_two_reasons_stay_two_tombstones(tmp_path: Path) -> None:
    """A full disk is somebody's business, old age is not."""
    outbox = filled(tmp_path)
    drop(core_of(outbox), [2, 3], Drop.DISK)
    drop(core_of(outbox), [4, 5], Drop.AGE)
    drop(core_of(outbox), [6], Drop.DISK)
    assert {7: [(2, 3, "disk-full"), (4, 5, "age"), (6, 6, "disk-full")]} == gaps(outbox)
    outbox.close()


def test_destination_is_told_of_what_it_still_waited_for_alone(tmp_path: Path) -> None:
    """What it had already is no gap to it; another one misses all of it."""
    outbox = filled(tmp_path)
    outbox.register("other")
    outbox.settle(SINK, Cursor(4), projection="", delivered=4)
    drop(core_of(outbox), [2, 3, 4, 5, 6], Drop.BYTES)
    assert {7: [(5, 6, "bytes")]} == gaps(outbox)
    assert {7: [(2, 6, "bytes")]} == gaps(outbox, "other")
    assert {} == gaps(outbox, after=6)
    outbox.close()


def test_tombstone_outlives_a_restart_and_goes_with_its_neighbours(tmp_path: Path) -> None:
    """It may be weeks until the network is back; afterwards it is history."""
    outbox = filled(tmp_path, 100)
    drop(core_of(outbox), [5], Drop.AGE)
    outbox.close()
    again = open_outbox(tmp_path)
    assert {6: [(5, 5, "age")]} == gaps(again)
    again.settle(SINK, Cursor(90), projection="", delivered=89)
    assert [] == between(core_of(again).database.conn, 0, 101)
    again.close()


def test_retried_letter_is_silent_and_the_next_event_tells(tmp_path: Path) -> None:
    """The letter is an old story that stands at the tail by chance, and must be what it was, to the byte."""
    outbox = filled(tmp_path, 3)
    refusal = Refusal(1, 0, "PLAY", "INVALID", "no", "")
    outbox.settle(SINK, Cursor(1), projection="", refusals=[refusal])
    outbox.append([a_record(priority=Priority.TELEMETRY), a_record(priority=Priority.TELEMETRY)])
    outbox.retry(SINK)
    outbox.append([a_record()])
    drop(core_of(outbox), [4, 5], Drop.BYTES)
    assert {7: [(4, 5, "bytes")]} == gaps(outbox)
    outbox.close()


def test_event_of_a_clock_that_nobody_believes_gives_no_times() -> None:
    """1970 in a report of what is missing would send people looking in the wrong year."""
    walls = (12.0, TODAY + 2.0, 13.0)
    events = [(number, an_instant(float(number), wall=wall)) for number, wall in enumerate(walls, start=1)]
    assert [Tombstone(1, 3, "age", TODAY + 2.0, TODAY + 2.0)] == graves(events, "age")


def test_what_came_by_another_file_is_no_gap(tmp_path: Path) -> None:
    """It was delivered, only not from here."""
    outbox = filled(tmp_path)
    connection = core_of(outbox).database.conn
    bury(connection, Tombstone(30, 39, ELSEWHERE, 0.0, 0.0))
    bury(connection, Tombstone(40, 41, "age", 0.0, 0.0))
    stones = between(connection, 0, 50)
    assert [(40, 41)] == [(stone.first, stone.last) for told in shared(stones, [(50, True)]) for stone in told]
    outbox.close()
