"""The durability window: fewer commits, and still nothing told, sent or acknowledged before it is durable."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.activity import ButtonClicked
from agent.kernel.records import Cursor
from agent.outbox.store import Outbox
from agent.runtime.journal import Journal
from tests.support.loops import Rig, appends, kinds
from tests.support.outbox import a_record, open_outbox
from tests.support.script import Script


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register("stats.collect")
    yield found
    found.close()


@pytest.fixture
def rig(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """A main loop with a window of a second, which has told the log of this boot."""
    born = Journal.__init__

    def with_window(self: Journal, *parts: object, **named: object) -> None:
        born(self, *parts, **named, durability_s=1.0)  # type: ignore[arg-type]

    monkeypatch.setattr(Journal, "__init__", with_window)
    made = Rig(outbox)
    made.step()
    return made


def test_beginning_of_a_clip_is_one_commit(rig: Rig, outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened, loaded and playing come within a tenth of a second: three commits would be two too many."""
    seen = appends(outbox, monkeypatch)
    rig.ready()
    rig.play(Script(at=99.2).open(length=60.0).play(3.0))
    assert 1 == len([number for number, _ in seen if number])
    assert ["opened", "loaded", "playing"] == kinds(outbox)


def test_nothing_is_acknowledged_while_it_waits(rig: Rig, outbox: Outbox) -> None:
    """The player host keeps what is not acknowledged, and says it again to the next process."""
    rig.ready()
    rig.play(Script(at=99.2).open(length=60.0).play(0.5))
    assert not rig.acknowledged
    assert not rig.woken
    assert [] == kinds(outbox)
    deadline = rig.journal.deadline
    assert deadline is not None
    rig.step(deadline)
    assert rig.acknowledged
    assert rig.woken
    assert 3 == len(kinds(outbox))


def test_event_of_an_application_is_written_at_once_and_after_what_came_before(rig: Rig, outbox: Outbox) -> None:
    """The application is answered when it is durable, and the log is in the order of what happened."""
    rig.ready()
    rig.play(Script(at=99.2).open(length=60.0).play(0.5))
    rig.tell(ButtonClicked(rig.clock.now().boottime, "buy"))
    assert ["opened", "loaded", "playing", "button"] == kinds(outbox)


def test_end_in_good_order_waits_for_no_window(rig: Rig, outbox: Outbox) -> None:
    """SIGTERM comes before every upgrade."""
    rig.ready()
    rig.play(Script(at=99.2).open(length=60.0).play(0.5))
    rig.loop.stopping = True
    rig.step()
    assert "closed" == kinds(outbox)[-1]


def test_settlements_wait_for_the_next_events_and_not_for_ever(rig: Rig, outbox: Outbox) -> None:
    """Between two clips nothing is appended: what was delivered must not stay in memory for minutes."""
    outbox.append([a_record()])
    outbox.settle("stats.collect", Cursor(1), projection="", delivered=1)
    assert 1 == outbox.owing.messages
    rig.step(110.0)
    assert 1 == outbox.owing.messages
    rig.step(120.9)
    assert 1 == outbox.owing.messages
    rig.step(121.0)
    assert 0 == outbox.owing.messages
