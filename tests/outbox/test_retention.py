"""Who goes first."""

import sqlite3
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from agent.kernel.boots import Boot, Boots
from agent.kernel.instants import Instant
from agent.kernel.records import Cursor, Priority
from agent.outbox.core import BOOTS
from agent.outbox.ledger import Drop
from agent.outbox.retention import BATCH, aged, drop, victims
from agent.outbox.store import Outbox
from agent.outbox.transaction import Work
from tests.support.outbox import BOOT, NEXT_BOOT, WALL, a_record, an_instant, core_of, open_outbox


def mixed(folder: Path, number: int) -> Outbox:
    """Events of all three classes in turn, two sinks at the start."""
    outbox = open_outbox(folder)
    outbox.register("one")
    outbox.register("two")
    outbox.append([a_record(priority=Priority(n % 3), instant=an_instant(float(n))) for n in range(1, number + 1)])
    return outbox


def test_the_oldest_of_the_lowest_class_goes_first(tmp_path: Path) -> None:
    """A lost volume change is a shrug; a lost play is money."""
    outbox = mixed(tmp_path, 30)
    floors: dict[Priority, int] = {}
    assert victims(core_of(outbox), floors) == [3, 6, 9, 12, 15, 18, 21, 24, 27]
    drop(core_of(outbox), [3, 6, 9, 12, 15, 18, 21, 24, 27], Drop.BYTES)
    assert victims(core_of(outbox), floors) == [1, 4, 7, 10, 13, 16, 19, 22, 25, 28]
    outbox.close()


def test_a_dead_destination_evicts_its_own_backlog_and_nobody_elses(tmp_path: Path) -> None:
    """The live one is a few events behind; those must reach it although they are newer and of a lower class."""
    outbox = mixed(tmp_path, 30)
    outbox.settle("two", Cursor(20), projection="")
    floors: dict[Priority, int] = {}
    gone: list[int] = []
    while found := victims(core_of(outbox), floors):
        gone += found
        drop(core_of(outbox), found, Drop.BYTES)
        if len(gone) == 20:
            break
    assert sorted(gone) == list(range(1, 21))
    figures = {sink.name: sink for sink in outbox.statistics().sinks}
    assert (figures["one"].dropped, figures["two"].dropped) == ({"bytes": 20}, {})
    assert (figures["one"].depth, figures["two"].depth) == (10, 10)
    assert outbox.statistics().dropped == {"bytes": 20}
    outbox.close()


def test_what_delivery_has_in_its_hands_and_the_newest_row_stay(tmp_path: Path) -> None:
    """An event must not be counted as dropped and arrive; and the newest number must not return."""
    outbox = mixed(tmp_path, 30)
    outbox.peek("one", 28)
    floors: dict[Priority, int] = {}
    assert victims(core_of(outbox), floors) == [29]
    drop(core_of(outbox), [29], Drop.BYTES)
    assert victims(core_of(outbox), floors) == []
    outbox.close()


def test_a_dropped_event_that_was_partly_sent_does_not_lend_its_parts(tmp_path: Path) -> None:
    """Otherwise the next event's first message would be skipped, uncounted."""
    outbox = mixed(tmp_path, 5)
    outbox.settle("one", Cursor(1, 1), projection="")
    drop(core_of(outbox), [2], Drop.AGE)
    assert outbox.position("one")[0] == Cursor(2, 0)
    assert [event.sequence for event in outbox.peek("one", 10)] == [3, 4, 5]
    outbox.close()


def test_tombstones_join_their_neighbours_and_go_with_the_passed(tmp_path: Path) -> None:
    """A long drop is one row, and history does not pile up."""
    outbox = mixed(tmp_path, 100)
    drop(core_of(outbox), [2, 3, 4, 9], Drop.BYTES)
    tombstones = core_of(outbox).database["tombstones"]
    assert [(row["first"], row["last"]) for row in tombstones.rows] == [(2, 4), (9, 9)]
    for sink in ("one", "two"):
        outbox.settle(sink, Cursor(100), projection="")
    assert tombstones.count == 0
    outbox.close()


def test_a_look_for_aged_events_is_bounded_and_passes_unknown_ages_once(tmp_path: Path) -> None:
    """Events of an unsynchronised earlier boot never age out, and must not be read again each minute."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record(instant=an_instant(float(n), synced=False)) for n in range(10)])
    outbox.append([a_record(instant=an_instant(float(n), synced=True)) for n in range(100)])
    now = an_instant(1.0, boot_id=NEXT_BOOT, wall=WALL + 1e6)
    found, after = aged(core_of(outbox), now, 10.0, 0)
    assert (found, after) == (list(range(11, 11 + BATCH)), 10)
    assert aged(core_of(outbox), now, 2e6, after) == ([], 10)
    outbox.close()


TODAY = 1_795_000_000.0
DAY = 86_400.0


@pytest.mark.parametrize(
    "now",
    [
        Instant(NEXT_BOOT, 60.0, 60.0, synced=False),
        Instant(NEXT_BOOT, 60.0, TODAY - 4_000 * DAY, synced=False),
        Instant(NEXT_BOOT, 60.0, 2.0**31 + 60.0, synced=False),
        Instant(NEXT_BOOT, 60.0, TODAY + 40_000 * DAY, synced=False),
        Instant(NEXT_BOOT, 60.0, 60.0, synced=True),
    ],
    ids=["1970", "2015", "2038", "2136", "a synchronised 1970"],
)
@pytest.mark.parametrize("wall", [100.0, TODAY - 4_000 * DAY, TODAY + 40_000 * DAY], ids=["1970", "2015", "2136"])
def test_no_event_ages_out_because_a_clock_is_wrong(tmp_path: Path, wall: float, now: Instant) -> None:
    """A kiosk that wakes up in 2136 must not throw its queue away."""
    with closing(open_outbox(tmp_path, age=90 * DAY)) as outbox:
        outbox.register("s")
        outbox.append([a_record(instant=an_instant(wall=wall, synced=False)), a_record(instant=an_instant())])
        outbox.append([a_record(instant=now)])
        assert {} == outbox.enforce(now)
        assert 3 == len(outbox.events())


def test_an_event_ages_by_what_its_boot_turned_out_to_be(tmp_path: Path) -> None:
    """It says 1970, but its boot saw the time later: so its age is known, and it goes when it is due."""
    boots = Boots((Boot(BOOT, TODAY, 500.0), Boot(NEXT_BOOT, TODAY + 100 * DAY, 9.0)))
    dark = a_record(instant=an_instant(wall=100.0, synced=False))
    with closing(open_outbox(tmp_path, age=90 * DAY)) as outbox:
        outbox.register("s")
        outbox.append([dark, a_record(instant=Instant(NEXT_BOOT, 1.0, 1.0, synced=False))])
        lapsed = Instant(NEXT_BOOT, 60.0, 60.0, synced=False)
        assert {} == outbox.enforce(lapsed)
    with closing(open_outbox(tmp_path, age=90 * DAY)) as outbox:
        outbox.append([], states={BOOTS: boots.text()})
        assert {Drop.AGE: 1} == outbox.enforce(lapsed)


@pytest.mark.parametrize("chosen", [30, 50, 70])
def test_events_that_made_room_for_their_own_going_are_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: int
) -> None:
    """On a full disk a deletion needs room in the WAL: what makes it may be the very events that are to go."""
    outbox = open_outbox(tmp_path)
    outbox.register("a")
    outbox.append([a_record() for _ in range(200)])
    core, tries = core_of(outbox), count(1)
    once = core.transactions.once

    def on_a_full_disk(work: Work) -> None:
        if next(tries) == 1:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        once(work)

    monkeypatch.setattr(core.transactions, "once", on_a_full_disk)
    drop(core, list(range(1, chosen + 1)), Drop.AGE)
    monkeypatch.undo()
    gone, (found,) = max(chosen, BATCH), outbox.statistics().sinks
    assert (0, gone, 200 - gone) == (found.account.difference, found.account.dropped, found.account.queued)
    assert gone == sum(each.number for each in core.given_up.values())
    assert [gone + 1, 0] == [outbox.events(limit=1)[0].sequence, outbox.statistics().unburied]
    outbox.close()
