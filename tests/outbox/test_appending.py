"""The hot path."""

from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox.appending import Ticket
from agent.outbox.letters import Refusal
from tests.support.outbox import NEXT_BOOT, a_record, an_instant, an_owner, core_of, freeze, open_outbox


def test_events_and_texts_get_one_ticket_and_survive_a_restart(tmp_path: Path) -> None:
    """The tracker's checkpoint and its events are one thing, or a milestone is lost or doubled."""
    outbox = open_outbox(tmp_path)
    ticket = outbox.append([a_record("one"), a_record("two")], states={"tracker": "{}", "playlist": "7"})
    ticket.wait()
    outbox.close()
    again = open_outbox(tmp_path)
    assert ticket == Ticket(1, 2)
    assert [event.body for event in again.events()] == ["one", "two"]
    assert (again.state("tracker"), again.state("playlist"), again.state("other")) == ("{}", "7", None)
    again.close()


def test_texts_alone_use_no_sequence(tmp_path: Path) -> None:
    """A checkpoint without an event must not look like a lost event."""
    outbox = open_outbox(tmp_path)
    assert outbox.append([], states={"tracker": "1"}) == Ticket(1, 0)
    assert outbox.append([a_record()]) == Ticket(1, 1)
    outbox.close()


def test_a_record_that_cannot_be_stored_leaves_nothing_of_its_append(tmp_path: Path) -> None:
    """All or nothing, also for a bug of ours; and the store must go on working after it."""
    outbox = open_outbox(tmp_path)
    with pytest.raises(UnicodeEncodeError):
        outbox.append([a_record("good"), a_record("\ud800")], states={"tracker": "never"})
    assert outbox.events() == []
    assert outbox.state("tracker") is None
    assert outbox.append([a_record("next")]) == Ticket(1, 1)
    outbox.close()


def test_a_session_writes_its_attribution_once_per_boot(tmp_path: Path) -> None:
    """Two hundred bytes an event would be half of what an event costs."""
    outbox = open_outbox(tmp_path)
    for number in range(10):
        outbox.append([a_record(f"{number}", owner=an_owner("one"))])
    outbox.append([a_record("next boot", owner=an_owner("one"), instant=an_instant(boot_id=NEXT_BOOT))])
    outbox.append([a_record("next session", owner=an_owner("two"), instant=an_instant(boot_id=NEXT_BOOT))])
    assert core_of(outbox).database["attributions"].count == 3
    outbox.close()


def test_a_drained_log_without_waiting_sinks_stays_small(tmp_path: Path) -> None:
    """A kiosk that reports nowhere must not keep a quarter of a gigabyte for nobody."""
    outbox = open_outbox(tmp_path)
    outbox.register("stats.collect", enabled=False)
    for number in range(300):
        outbox.append([a_record(f"{number}")])
    assert len(outbox.events(limit=1000)) < 50
    assert outbox.statistics().sinks[0].passed == {"disabled": 300}
    outbox.close()


def test_a_sequence_is_not_used_again_after_a_drain_and_a_restart(tmp_path: Path) -> None:
    """A number that returned would be swallowed by the server as a repeat."""
    outbox = open_outbox(tmp_path)
    outbox.register("stats.collect")
    outbox.append([a_record() for _ in range(100)])
    outbox.settle("stats.collect", Cursor(100), projection="")
    outbox.close()
    again = open_outbox(tmp_path)
    assert again.append([a_record()]) == Ticket(101, 101)
    again.close()


def test_a_retried_letter_keeps_identity_times_and_its_own_sink(tmp_path: Path) -> None:
    """The server must be able to recognise it, and no other destination gets it twice (decision 9)."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.register("two")
    outbox.append([a_record("refused", instant=an_instant(5.0, synced=False))])
    freeze(outbox, 1, 123.5)
    outbox.settle("one", Cursor(1), projection="", refusals=[Refusal(1, 2, "PLAY", "CODE", "no", "before")])
    assert outbox.retry("one", [1]) == 1
    (event,) = outbox.peek("one", 10)
    assert (event.sequence, event.identity.sequence, event.frozen_time) == (2, 1, 123.5)
    assert event.instant == an_instant(5.0, synced=False)
    assert event.redelivery is not None
    assert (event.redelivery.part, event.redelivery.projection) == (2, "before")
    assert [event.sequence for event in outbox.peek("two", 10)] == [1]
    assert outbox.dead_letters() == []
    outbox.close()
