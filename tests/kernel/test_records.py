"""The door to the outbox."""

from agent.kernel.records import Cursor, Priority


def test_details_go_before_plays() -> None:
    """Decision 29: when the disk is full, the lowest number is dropped first."""
    assert [Priority.TELEMETRY, Priority.DETAIL, Priority.PLAY] == sorted(Priority)


def test_a_cursor_counts_events_before_parts() -> None:
    """One event may be several messages; the next event is further than any part of this one."""
    assert Cursor(3, 2) < Cursor(4) < Cursor(4, 1)
