"""The tracker's memory as text."""

import json

import pytest

from agent.kernel.checkpoint import CheckpointError, dump, load
from agent.kernel.events import Closed, Ending
from agent.kernel.playback import Memory
from agent.kernel.session import SessionTracker
from agent.kernel.signals import SeekCommanded
from tests.support.script import Script
from tests.support.stories import mismatch


def test_a_fresh_memory_is_empty_text_and_comes_back() -> None:
    """Only what differs from the defaults is stored."""
    assert "{}" == dump(Memory())
    assert Memory() == load("{}")


def test_a_checkpoint_in_mid_play_is_a_few_hundred_bytes() -> None:
    """It is written with every event and every 30 s, on an SD card."""
    tracker = SessionTracker()
    Script(owned=True).open(length=60.0).play(20.0).seek(40.0).play(50.0).say(SeekCommanded, 3.0).told(tracker=tracker)
    assert len(tracker.checkpoint()) < 1000
    assert tracker.checkpoint() == SessionTracker.restore(tracker.checkpoint()).checkpoint()


def test_a_field_that_this_version_does_not_know_is_passed_over() -> None:
    """A device that was downgraded goes on."""
    memory = load('{"sessions":7,"later":{"a":1},"open":{"media":{"key":"A","uri":"u","new":1},"newer":2}}')
    assert 7 == memory.sessions
    assert memory.open is not None
    assert "A" == memory.open.media.key


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "7", '{"open":{"motion":3}}', '{"ended":"never"}'])
def test_what_is_no_checkpoint_is_refused_by_name(text: str) -> None:
    """The runtime must decide what to do; guessing would reuse ordinals."""
    with pytest.raises(CheckpointError):
        load(text)


def test_a_restart_neither_loses_nor_doubles_a_milestone() -> None:
    """House rule 9, at the moment where it would hurt."""
    first, second = Script().open().play(2.0), Script().open().play(4.0)
    before = SessionTracker()
    assert mismatch("opened:A loaded playing 25%", first.told(tracker=before)) is None
    after = SessionTracker.restore(before.checkpoint())
    second.signals = second.signals[len(first.signals) :]
    assert mismatch("50%", second.told(tracker=after)) is None


def test_a_play_that_a_power_cut_ended_is_closed_at_its_last_known_place_and_time() -> None:
    """House rule 9: the boot-time clock has started again, so its new seconds mean nothing to the old session."""
    before = SessionTracker()
    Script(at=50_000.0).open().play(3.0).told(tracker=before)
    after = SessionTracker.restore(before.checkpoint())
    (closed,) = after.interrupt(None)
    assert isinstance(closed, Closed)
    assert (Ending.INTERRUPTED, 50_003.1, 3.0) == (closed.ending, closed.at, closed.head.position)
    assert mismatch("opened:A@20 loaded playing@20.1", Script(at=20.0).open().play(1.0).told(tracker=after)) is None
    assert 2 == after.sessions


def test_a_play_that_a_crash_of_ours_ended_is_closed_now() -> None:
    """The same boot: the clock still tells."""
    before = SessionTracker()
    Script().open().play(3.0).told(tracker=before)
    after = SessionTracker.restore(before.checkpoint())
    assert mismatch("closed:interrupted@110", after.interrupt(110.0)) is None
    assert [] == after.interrupt(111.0)


def test_ordinals_go_on_after_a_restart() -> None:
    """A session id made from an ordinal that was used before would mix two plays."""
    memory = json.loads(SessionTracker.restore('{"sessions":41}').checkpoint())
    assert 41 == memory["sessions"]
    assert 42 == Script().open().told(tracker=SessionTracker.restore('{"sessions":41}'))[0].session


@pytest.mark.parametrize(
    "text",
    [
        '{"sessions":"x"}',
        '{"sessions":1.5}',
        '{"now":"soon"}',
        '{"now":NaN}',
        '{"muted":1}',
        '{"open":{"media":{"key":"a","uri":7}}}',
        '{"open":{"media":{"key":"a","uri":"b"},"phase":"playing","motion":{"rate":true}}}',
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_at_once(text: str) -> None:
    """A flipped bit that is found only when the value is used would end the agent at every start."""
    with pytest.raises(CheckpointError):
        load(text)
