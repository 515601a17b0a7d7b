"""Where and when a play was delivered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.plays import Delivered
from agent.kernel.records import Cursor, Priority
from agent.outbox.ledger import Drop
from agent.outbox.letters import Refusal
from agent.outbox.owing import GROUP
from agent.outbox.play_deliveries import QUARTER_S
from agent.outbox.retention import drop
from agent.outbox.store import Outbox
from tests.support.outbox import a_record, an_instant, core_of, open_outbox
from tests.support.plays import SINK, a_play, all_plays, its_end, play

BEGAN = 2_000_000 * QUARTER_S
UP_S = 20 * QUARTER_S
OTHER = "trackEvent"


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    """A store that is told the time, with a destination."""
    found = open_outbox(tmp_path)
    found.register(SINK)
    it_is(found, 0.0)
    yield found
    found.close()


def it_is(outbox: Outbox, quarters: float) -> float:
    """So many quarters of an hour later; when the quarter began."""
    at = UP_S + quarters * QUARTER_S
    outbox.tell_time(an_instant(at, wall=BEGAN + at))
    return (BEGAN + at) // QUARTER_S * QUARTER_S


def settle(outbox: Outbox, upto: int, sink: str = SINK) -> None:
    """The destination is done with all up to a sequence."""
    outbox.settle(sink, Cursor(upto), projection="", delivered=1)


def times(outbox: Outbox, sink: str = SINK) -> list[float | str | None]:
    """When each play was delivered to a destination; "-" where that is not named."""
    told = [{each.sink: each.at for each in found.delivered} for found in all_plays(outbox)]
    return [each.get(sink, "-") for each in told]


def test_play_is_delivered_in_the_quarter_in_which_its_last_event_was_settled(outbox: Outbox) -> None:
    """Not when it was played, and not when the destination was asked last."""
    play(outbox, 1, 4)
    first = it_is(outbox, 0.2)
    settle(outbox, 1)
    second = it_is(outbox, 1.9)
    settle(outbox, 2)
    third = it_is(outbox, 7.0)
    settle(outbox, 3)
    it_is(outbox, 7.5)
    assert [first, second, third, None] == times(outbox)


def test_row_is_written_for_a_quarter_and_not_for_a_message(outbox: Outbox) -> None:
    """Each row is flash."""
    play(outbox, 1, 9)
    for number in range(1, 10):
        it_is(outbox, number / 10)
        settle(outbox, number)
    assert 1 == core_of(outbox).database.conn.execute("SELECT count(*) FROM play_deliveries").fetchone()[0]


def test_settlements_that_wait_for_company_are_told_too(outbox: Outbox) -> None:
    """They are written with the next append, and nobody settles them again."""
    outbox.owing.allow(GROUP)
    play(outbox, 1, 2)
    at = it_is(outbox, 3.0)
    settle(outbox, 1)
    settle(outbox, 2)
    play(outbox, 3)
    assert [at, at, None] == times(outbox)


def test_each_destination_has_times_of_its_own_from_when_it_came(outbox: Outbox) -> None:
    """A destination that was added in March was not behind in February."""
    play(outbox, 1)
    at = it_is(outbox, 1.0)
    settle(outbox, 1)
    outbox.register(OTHER)
    play(outbox, 2)
    assert ["-", None] == times(outbox, OTHER)
    settle(outbox, 2, OTHER)
    assert ["-", at] == times(outbox, OTHER)
    assert [at, None] == times(outbox)


def test_what_passed_while_a_destination_was_off_is_not_its(outbox: Outbox) -> None:
    """Passed over is not delivered."""
    play(outbox, 1)
    at = it_is(outbox, 1.0)
    settle(outbox, 1)
    play(outbox, 2)
    outbox.register(SINK, enabled=False)
    play(outbox, 3)
    assert [at, "-", "-"] == times(outbox)
    outbox.register(SINK)
    play(outbox, 4)
    settle(outbox, 4)
    assert [at, "-", "-", at] == times(outbox)


def test_exported_plays_are_not_delivered_from_here(outbox: Outbox) -> None:
    """Whoever takes the file delivers them, or loses them."""
    play(outbox, 1, 2)
    assert outbox.exports.begin(an_instant()) is not None
    assert ["-", "-"] == times(outbox)


def test_refused_event_leaves_its_play_undelivered_and_no_other(outbox: Outbox) -> None:
    """The customer's report must not say delivered of what the service refused."""
    play(outbox, 1, 3)
    at = it_is(outbox, 1.0)
    settle(outbox, 1)
    refusal = Refusal(2, 0, "PLAY", "INVALID", "no", "")
    outbox.settle(SINK, Cursor(2), projection="", refusals=[refusal])
    settle(outbox, 3)
    assert [at, None, at] == times(outbox)


@pytest.mark.parametrize(("priority", "is_delivered"), [(Priority.TELEMETRY, True), (Priority.PLAY, False)])
def test_event_that_was_given_up_leaves_its_play_undelivered(
    outbox: Outbox, priority: Priority, *, is_delivered: bool
) -> None:
    """A heartbeat is no part of a play that anybody counts."""
    outbox.append([a_record(priority=priority), its_end(a_play(1)), a_record(), its_end(a_play(2))])
    at = it_is(outbox, 1.0)
    drop(core_of(outbox), [1], Drop.BYTES)
    settle(outbox, 4)
    assert [at if is_delivered else None, at] == times(outbox)


def test_play_that_nobody_was_to_be_told_of_names_no_destination(outbox: Outbox) -> None:
    """It stands in the ledger, and there alone."""
    outbox.append([its_end(a_play(1, entry_id=None)), its_end(a_play(2, is_left_out=True))])
    settle(outbox, 2)
    assert [(), ()] == [each.delivered for each in all_plays(outbox)]


def test_delivery_is_never_before_the_plays_end(outbox: Outbox) -> None:
    """The quarter began before the play did, and a clock may have been wrong."""
    facts = a_play(1, began=1_000_000.0, ended=1_000_030.0)
    outbox.append([its_end(facts)])
    outbox.tell_time(an_instant(1_000_040.0, synced=False))
    settle(outbox, 1)
    (found,) = all_plays(outbox)
    assert (Delivered(SINK, found.ended),) == found.delivered


def test_nobody_who_tells_the_time_costs_no_row(tmp_path: Path) -> None:
    """A tool that opens the store for a moment knows no more than it."""
    outbox = open_outbox(tmp_path)
    outbox.register(SINK)
    play(outbox, 1)
    settle(outbox, 1)
    assert 0 == core_of(outbox).database.conn.execute("SELECT count(*) FROM play_deliveries").fetchone()[0]
    outbox.close()
