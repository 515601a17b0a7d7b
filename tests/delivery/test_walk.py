"""From the head of the log to the messages that are due."""

from collections.abc import Sequence
from dataclasses import replace

from agent.delivery.dating import Dated, ServerClock, Undated
from agent.delivery.walk import VANISHED, Place, Walk, walk
from agent.kernel.events import Loaded, Playhead
from agent.kernel.records import Cursor, LastSent, Redelivery, StoredEvent
from agent.sinks.capture import Capture
from tests.support.playback import NOW, WALL, stored

HEAD = Cursor(0)
SINK = Capture(parts={"silent": 0, "double": 2})


def events(*kinds: str) -> list[StoredEvent]:
    """The log from sequence 1 on."""
    return [
        replace(stored(Loaded(float(sequence), 1, Playhead()), sequence), kind=kind)
        for sequence, kind in enumerate(kinds, start=1)
    ]


def walked(found: Sequence[StoredEvent], *, start: Cursor = HEAD, state: str = "", wanted: int = 1) -> Walk:
    """A walk from `start`."""
    return walk(SINK, start, state, found, now=NOW, wanted=wanted)


def test_silent_events_are_passed_over_on_the_way_to_the_first_message() -> None:
    """They are settled together with it, in one commit."""
    (due,) = walked(events("silent", "silent", "one", "one")).due
    assert ("one", Place(Cursor(3), "3", {"silent": 2})) == (due.message.name, due.after)
    assert Dated(WALL + 3.0) == due.moment


def test_nothing_but_silent_events_end_where_the_log_ends() -> None:
    """They can be settled all at once."""
    assert Walk([], Place(Cursor(2), "2", {"silent": 2})) == walked(events("silent", "silent"))


def test_the_parts_of_an_event_keep_its_state_until_the_last() -> None:
    """After a crash between two parts the event must become the same messages again."""
    first, second = walked(events("silent", "double"), wanted=2).due
    assert Place(Cursor(1, 1), "1", {"silent": 1}) == first.after
    assert Place(Cursor(2), "2", {"silent": 1}) == second.after
    assert (first.part, second.part, first.origin, second.origin) == (0, 1, "1", "1")


def test_an_event_goes_on_after_the_parts_that_were_accepted() -> None:
    """What was answered is never repeated."""
    (due,) = walked(events("double")[0:], start=Cursor(0, 1)).due
    assert (1, Place(Cursor(1), "1", {})) == (due.part, due.after)


def test_an_event_that_has_fewer_parts_than_were_accepted_is_done() -> None:
    """A setting changed in between, or the rest grew too old; what was not sent of it is counted."""
    assert Place(Cursor(1), "1", {VANISHED: 1}) == walked(events("one"), start=Cursor(0, 2)).end
    assert Place(Cursor(1), "1", {VANISHED: 1}) == walked(events("one"), start=Cursor(0, 1)).end
    assert Place(Cursor(1), "1", {"silent": 1}) == walked(events("silent"), start=Cursor(0, 1)).end


def test_a_second_message_is_found_behind_the_first() -> None:
    """For weighing a hopeless message against the next."""
    first, second = walked(events("one", "silent", "one"), wanted=2).due
    assert (first.event.sequence, second.event.sequence) == (1, 3)
    assert Place(Cursor(3), "3", {"silent": 1}) == second.after


def test_a_dead_letter_on_its_second_way_is_one_message_and_changes_no_state() -> None:
    """Decision 9: its old identity, projected from the state of then."""
    (letter,) = events("double")
    letter = replace(letter, sequence=9, redelivery=Redelivery("capture", part=1, projection="5"))
    (due,) = walked([letter], state="77").due
    assert (1, "5", {"count": "5"}, letter.identity.token(1)) == (
        due.part,
        due.origin,
        due.message.fields,
        due.message.token,
    )
    assert Place(Cursor(9), "77", {}) == due.after


def test_a_dead_letter_that_is_no_message_any_more_or_anothers_is_passed() -> None:
    """It must not hold the queue."""
    (letter,) = events("silent")
    mine = replace(letter, redelivery=Redelivery("capture", part=0, projection=""))
    foreign = replace(letter, redelivery=Redelivery("other", part=0, projection=""))
    assert Place(Cursor(1), "7", {VANISHED: 1}) == walked([mine], state="7").end
    assert Place(Cursor(1), "7", {}) == walked([foreign], state="7").end


def test_an_event_that_cannot_be_dated_is_due_but_says_so() -> None:
    """The pump waits for the clock; silent events need none."""
    now = replace(NOW, wall=1.0, synced=False)
    (event,) = events("one")
    adrift = replace(event, instant=replace(event.instant, wall=1.0, synced=False))
    (due,) = walk(SINK, Cursor(0), "", [adrift], now=now, wanted=1, server=ServerClock(None)).due
    assert (Undated(None), None) == (due.moment, due.sent)


def test_no_message_is_earlier_than_the_one_before_it_in_its_session() -> None:
    """Also of two that are found in one walk; the message itself carries the time."""
    log = events("one", "one")
    last = LastSent(log[0].attribution.session_id, WALL + 60.0)
    due = walk(SINK, HEAD, "", log, now=NOW, wanted=2, last=last).due
    assert [WALL + 60.0] * 2 == [found.message.time for found in due]
    first = replace(log[0], instant=replace(log[0].instant, wall=WALL + 70.0))
    due = walk(SINK, HEAD, "", [first, log[1]], now=NOW, wanted=2, last=last).due
    assert [WALL + 70.0] * 2 == [found.message.time for found in due]
    assert LastSent(last.session, WALL + 70.0) == due[1].sent
