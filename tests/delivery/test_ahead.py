"""Looking ahead: right when all was accepted, and nothing at all when not."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from agent.delivery.ahead import Ahead
from agent.delivery.look import Look, Start, look, start_behind, start_of
from agent.delivery.road import Parcel
from agent.kernel.records import Cursor
from agent.outbox.errors import StoreFailed
from agent.outbox.store import Outbox
from agent.sinks.capture import Capture
from tests.support.delivery import open_store, records
from tests.support.playback import NOW

SINK = Capture(parts={"silent": 0, "double": 2})


@pytest.fixture
def store(tmp_path: Path) -> Outbox:
    """A backlog of twenty-one messages."""
    found = open_store(tmp_path)
    found.register(SINK.name)
    found.append(records(*["a", "double", "silent"] * 7))
    found.settle(SINK.name, Cursor(0), projection="", backlog_end=found.newest)
    return found


def seen_from(store: Outbox, start: Start) -> Look:
    """What a step sees."""
    return look(store, SINK, 10, start=start, now=NOW)


@pytest.mark.parametrize("count", [1, 2, 5, 10])
def test_what_is_seen_ahead_is_what_is_seen_after_the_batch_was_accepted(store: Outbox, count: int) -> None:
    """Otherwise a message would be left out, or go twice; a batch may end between two messages of an event, too."""
    first = seen_from(store, start_of(store, SINK, None))
    parcel = Parcel(first.found[:count], True)
    guessed = seen_from(store, start_behind(first.begun, parcel))
    after = parcel.items[-1].due.after
    store.settle(SINK.name, after.cursor, projection=after.projection, delivered=count, sent=parcel.items[-1].due.sent)
    start = start_of(store, SINK, None)
    assert start == guessed.begun
    assert seen_from(store, start) == guessed
    store.close()


def test_guess_is_given_once_and_only_where_it_was_right(store: Outbox) -> None:
    """After a failure, a dropped event or a corrected clock the world is another one."""
    start = start_of(store, SINK, None)
    ahead = Ahead("look ahead")
    for asked, expected in ((start, True), (replace(start, backlog_end=start.backlog_end + 1), False)):
        with ahead.meanwhile(lambda: seen_from(store, start)):
            pass
        found = ahead.taken(asked)
        assert expected == (found is not None)
        assert ahead.taken(asked) is None
    store.close()


def test_look_is_over_when_the_batch_is(store: Outbox) -> None:
    """No thread of ours outlives the step that it belongs to, also where the send itself breaks."""
    ahead = Ahead("look ahead of a test")
    with pytest.raises(RuntimeError), ahead.meanwhile(lambda: seen_from(store, start_of(store, SINK, None))):
        raise RuntimeError
    assert "look ahead of a test" not in {thread.name for thread in threading.enumerate()}
    store.close()


def test_failure_meanwhile_comes_out_with_the_next_look(store: Outbox) -> None:
    """What was answered is settled first; then it ends the process as any failure of a step does, and only once."""
    start, ahead = start_of(store, SINK, None), Ahead("look ahead")

    def broken() -> Look:
        raise StoreFailed("The store failed.", remedy="Look at the disk.")

    with ahead.meanwhile(broken):
        pass
    with pytest.raises(StoreFailed):
        ahead.taken(start)
    assert ahead.taken(start) is None
    store.close()
