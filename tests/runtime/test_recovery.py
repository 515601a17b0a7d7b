"""What an earlier process left is read, or its loss costs no more than it must."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.milestones import QUARTILES
from agent.outbox.store import Outbox
from agent.runtime.journal import TRACKER
from agent.runtime.reboots import ANCHOR
from agent.runtime.recovery import restore_tracker
from tests.support.loops import Rig
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
