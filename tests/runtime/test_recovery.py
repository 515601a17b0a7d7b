"""What an earlier process left is read, or its loss costs no more than it must."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.events import Closed, Ending
from agent.kernel.milestones import QUARTILES
from agent.outbox.store import Outbox
from agent.player.reports import Heard, HostCaughtUp, HostReady
from agent.player.resuming import HANDOVER_WITHIN_S
from agent.runtime.journal import TRACKER
from agent.runtime.reboots import ANCHOR
from agent.runtime.recovery import restore_tracker
from tests.support.loops import Rig, kinds, logged
from tests.support.outbox import an_instant, open_outbox
from tests.support.script import Script


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register("stats.collect")
    yield found
    found.close()


def test_unreadable_anchor_does_not_keep_the_agent_from_starting(outbox: Outbox) -> None:
    """A later version's anchor, met after a downgrade, costs one Closed and not every start."""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(1.0))
    for text in ("{}", "[]", "null", "no JSON", '{"attribution": {}, "instant": {}}'):
        outbox.append([], states={ANCHOR: text})
        again = Rig(outbox, start=an_instant(200.0))
        assert 0 == again.journal.pending
        assert not again.tracker.is_open


def test_unreadable_checkpoint_starts_anew_and_reuses_no_session(outbox: Outbox) -> None:
    """Two plays under one session id would be one play at Kaltura."""
    rig = Rig(outbox)
    for begin in (100.0, 200.0, 300.0):
        rig.at(begin)
        if begin == 100.0:
            rig.ready()
        rig.play(Script(at=begin).open().play(1.0).end())
    used = {each.attribution.session_id for each in outbox.events(limit=1000)}
    outbox.append([], states={TRACKER: "{broken"})
    again = Rig(outbox, start=an_instant(400.0))
    again.ready()
    fresh = outbox.events(limit=1000)[-1]
    assert "opened" == fresh.kind
    assert fresh.attribution.session_id not in used
    assert not restore_tracker(outbox, QUARTILES).sessions < len(used)


def test_end_leaves_the_play_open_where_the_player_goes_on(outbox: Outbox) -> None:
    """Nothing on the screen has stopped; the next process tells how it went on, and whose it is."""
    rig = Rig(outbox, unit=True)
    rig.ready()
    rig.play(Script().open().play(3.0))
    rig.loop.stopping = True
    rig.loop.run()
    assert "closed" not in kinds(outbox)
    token, before = rig.token, outbox.events(limit=1000)[-1]
    again = Rig(outbox, start=an_instant(110.0), unit=True)
    again.step(110.0)
    again.step(115.0)
    assert "stalled" not in kinds(outbox), "the silence was ours"
    again.step(115.0, HostReady(115.0, 1, 4711, "3.0", ()))
    rest = Script(at=103.2)
    rest.time = 3.0
    letters = [Heard(1, 1000 + place, token, each) for place, each in enumerate(rest.play(8.0).end().signals)]
    again.step(115.0, *letters, HostCaughtUp(115.0, 1, token))
    again.step(115.1)
    assert [Ending.COMPLETED] == [event.ending for event in logged(outbox) if isinstance(event, Closed)]
    (closed,) = (each for each in outbox.events(limit=1000) if each.kind == "closed")
    assert before.attribution == closed.attribution
    assert 2 == again.tracker.sessions, "the next item has begun"


def test_play_that_nobody_goes_on_with_is_closed_in_its_own_time(outbox: Outbox) -> None:
    """As after a power cut: at the last moment that is known of, not when we gave up to wait."""
    rig = Rig(outbox, unit=True)
    rig.ready()
    rig.play(Script().open().play(3.0))
    again = Rig(outbox, start=an_instant(150.0), unit=True)
    again.step(150.0)
    assert "closed" not in kinds(outbox)
    again.step(150.0 + HANDOVER_WITHIN_S)
    *_, last, closed = logged(outbox)
    assert isinstance(closed, Closed)
    assert (Ending.INTERRUPTED, last.at) == (closed.ending, closed.at)
