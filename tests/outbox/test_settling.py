"""A sink's way through the log."""

from pathlib import Path

from agent.kernel.records import Cursor, LastSent
from agent.outbox.ledger import Note
from agent.outbox.letters import Refusal
from tests.support.outbox import a_record, an_instant, core_of, freeze, open_outbox


def test_a_settlement_moves_and_counts_in_one_piece(tmp_path: Path) -> None:
    """What `status` says must add up after any restart."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record() for _ in range(10)])
    outbox.settle("one", Cursor(4, 1), projection="p", delivered=3, resent=1, passed={"no-entry": 2})
    outbox.close()
    again = open_outbox(tmp_path)
    figures = again.statistics().sinks[0]
    assert again.position("one") == (Cursor(4, 1), "p")
    assert (figures.delivered, figures.resent, figures.passed, figures.depth) == (3, 1, {"no-entry": 2}, 6)
    assert [event.sequence for event in again.peek("one", 2)] == [5, 6]
    again.close()


def test_a_new_sink_starts_with_what_the_others_still_wait_for(tmp_path: Path) -> None:
    """Not with the leavings that only wait for their deletion (decision 10)."""
    outbox = open_outbox(tmp_path)
    outbox.append([a_record() for _ in range(10)])
    outbox.register("first")
    assert outbox.position("first")[0] == Cursor(0)
    outbox.settle("first", Cursor(6), projection="")
    outbox.register("second")
    assert outbox.position("second")[0] == Cursor(6)
    outbox.close()


def test_a_disabled_sink_is_passed_over_and_counted(tmp_path: Path) -> None:
    """Switched off for a month, it must neither hold the log nor flood the server when it comes back."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record() for _ in range(10)])
    outbox.register("one", enabled=False)
    outbox.append([a_record() for _ in range(5)])
    figures = outbox.statistics().sinks[0]
    assert (figures.enabled, figures.depth, figures.passed) == (False, 0, {"disabled": 15})
    outbox.register("one")
    outbox.append([a_record("after")])
    assert [event.body for event in outbox.peek("one", 10)] == ["after"]
    assert outbox.statistics().sinks[0].passed == {"disabled": 15}
    outbox.close()


def test_a_sink_disabled_in_the_middle_of_a_send_can_still_settle(tmp_path: Path) -> None:
    """A live setting changes while a request is under way; the answer must not stop the process."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record(instant=an_instant(synced=False))])
    outbox.register("one", enabled=False)
    for _ in range(100):
        outbox.append([a_record()])
    assert freeze(outbox, 1, 5.0) == 5.0
    refusal = Refusal(1, 0, "PLAY", "C", "no", "")
    outbox.settle("one", Cursor(1), projection="p", refusals=[refusal])
    assert outbox.position("one")[0] == Cursor(1)
    assert (outbox.dead_letters(), outbox.statistics().sinks[0].refused) == ([], {"C": 1})
    outbox.close()


def test_a_settlement_remembers_what_was_sent_last_and_what_was_noted(tmp_path: Path) -> None:
    """The next message of the session must not be earlier, and a possible repeat must show, after any restart."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    outbox.append([a_record() for _ in range(3)])
    assert outbox.last_sent("one") is None
    noted = {Note.PERHAPS_REPEATED: 1, Note.UNVERIFIED: 2}
    outbox.settle("one", Cursor(1), projection="", delivered=1, noted=noted, sent=LastSent("session-1", 5.0))
    outbox.settle("one", Cursor(2), projection="")
    outbox.close()
    again = open_outbox(tmp_path)
    assert again.last_sent("one") == LastSent("session-1", 5.0)
    figures = again.statistics().sinks[0]
    assert (1, 2) == (figures.perhaps_repeated, figures.unverified)
    again.close()


def test_passed_events_leave_in_batches_and_their_attributions_with_them(tmp_path: Path) -> None:
    """Deleting one by one doubles what is written to flash (edge.md section 2)."""
    outbox = open_outbox(tmp_path)
    outbox.register("one")
    for number in range(100):
        outbox.append([a_record(f"{number}", instant=an_instant(float(number)))])
    sizes = []
    for sequence in range(1, 101):
        outbox.settle("one", Cursor(sequence), projection="")
        sizes.append(len(outbox.events(limit=1000)))
    assert sorted(set(sizes), reverse=True) == [100, 68, 36, 4]
    assert core_of(outbox).database["attributions"].count == 1
    outbox.close()
