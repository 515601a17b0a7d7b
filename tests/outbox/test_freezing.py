"""The wall time that an event is sent with."""

from pathlib import Path

from agent.outbox.freezing import Freezing
from tests.support.outbox import a_record, an_instant, freeze, open_outbox


def test_the_first_frozen_time_stays_through_a_restart(tmp_path: Path) -> None:
    """A resend must be the same bytes (decision 6), also where a stepped clock's own time could not be sent."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record(instant=an_instant(synced=False)), a_record(instant=an_instant(wall=9.0))])
    outbox.append([a_record(instant=an_instant(wall=8.0))])
    assert [5.0, 10.0] == outbox.freeze([Freezing(1, 5.0), Freezing(2, 10.0)])
    assert [5.0, 10.0] == outbox.freeze([Freezing(1, 6.0), Freezing(2, 11.0)])
    outbox.close()
    again = open_outbox(tmp_path)
    assert [event.frozen_time for event in again.events()] == [5.0, 10.0, 8.0]
    again.close()


def test_none_of_a_request_is_frozen_where_another_destination_was_first_with_one_of_its_times(tmp_path: Path) -> None:
    """The others are dated by that one, for a story must not run backwards; so they are left open."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record(instant=an_instant(synced=False)) for _ in range(3)])
    assert 6.0 == freeze(outbox, 2, 6.0)
    assert [5.0, 6.0, 8.0] == outbox.freeze([Freezing(1, 5.0, estimated=True), Freezing(2, 7.0), Freezing(3, 8.0)])
    assert [None, 6.0, None] == [event.frozen_time for event in outbox.events()]
    assert 0 == outbox.statistics().estimated
    outbox.close()


def test_an_estimated_time_is_counted_once_with_the_freezing(tmp_path: Path) -> None:
    """Decision 22: whoever reads the figures must know how many events carry another clock's time."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record(instant=an_instant(synced=False)) for _ in range(3)])
    first = [Freezing(1, 5.0, estimated=True), Freezing(2, 7.0)]
    assert [5.0, 7.0] == outbox.freeze(first)
    assert [5.0, 7.0, 8.0] == outbox.freeze([*first, Freezing(3, 8.0, estimated=True)])
    outbox.close()
    again = open_outbox(tmp_path)
    assert again.statistics().estimated == 2
    again.close()


def test_an_event_that_has_left_the_log_has_nothing_to_freeze(tmp_path: Path) -> None:
    """Its sink was disabled while it was being sent; that is no reason to stop."""
    outbox = open_outbox(tmp_path)
    assert 5.0 == freeze(outbox, 7, 5.0)
    outbox.close()
