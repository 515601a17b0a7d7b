"""What a command can see of the player and of the queue, on the real parts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.delivery.status import SinkState, SinkStatus
from agent.kernel.signals import Paused, VolumeChanged
from agent.kernel.verdict import Cause
from agent.outbox.store import Outbox
from agent.player import operations, wire
from agent.player.keeper import PlayerStatus
from agent.player.surroundings import Phase
from agent.runtime.commanding.hands import PlayerView, SinkView, player_view, queue_view
from tests.support.loops import Rig
from tests.support.outbox import a_record, an_instant, open_outbox
from tests.support.script import Script


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register("stats.collect")
    found.register("trackEvent", enabled=False)
    yield found
    found.close()


def seen(rig: Rig) -> PlayerView:
    return player_view(rig.director, rig.tracker, PlayerStatus(run=3, ready=True))


def test_pause_and_resume_and_next_are_seen_where_they_happen(outbox: Outbox) -> None:
    """ "Done" rests on these looks alone."""
    rig = Rig(outbox)
    assert (0, False, False, Phase.WAITING) == (seen(rig).medium, seen(rig).playing, seen(rig).paused, seen(rig).phase)
    rig.ready()
    assert (1, False) == (seen(rig).medium, seen(rig).playing)
    rig.play(Script().open().play(3.0))
    playing = seen(rig)
    assert (1, True, False, Phase.PLAYING) == (playing.medium, playing.playing, playing.paused, playing.phase)
    rig.loop.obey(wire.Pause())
    assert not seen(rig).paused, "asked is not done"
    at = rig.clock.now().boottime
    rig.step(at + 0.1, rig.heard(Paused(at + 0.1)))
    assert seen(rig).paused
    rig.loop.obey(operations.Next())
    assert (2, False, False) == (seen(rig).medium, seen(rig).playing, seen(rig).paused)


def test_playhead_that_moves_is_seen(outbox: Outbox) -> None:
    """A player that was told to go on, and does not, shows no sign of it but this."""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(3.0))
    first = seen(rig).moved_at
    assert 0.0 < first <= rig.clock.now().boottime


def test_volume_is_seen_in_percent(outbox: Outbox) -> None:
    """As it was ordered."""
    rig = Rig(outbox)
    rig.ready()
    assert seen(rig).percent is None
    rig.step(101.0, rig.heard(VolumeChanged(101.0, 0.29)))
    assert 29 == seen(rig).percent


def test_player_is_seen_as_the_supervisor_knows_it(outbox: Outbox) -> None:
    """Which host it is tells a restart from none."""
    view = player_view(Rig(outbox).director, Rig(outbox).tracker, PlayerStatus(run=4, last_loss="silent for 3 s"))
    assert (False, 4, "silent for 3 s") == (view.ready, view.run, view.last_loss)


def test_queue_is_seen_by_destination_that_is_on(outbox: Outbox) -> None:
    """One that is off delivers nothing, however long a flush waits."""
    outbox.append([a_record(), a_record()], states={})
    held = SinkStatus("stats.collect", SinkState.HELD, Cause.SESSION, "expired", an_instant(), None, None, 1)
    view = queue_view(outbox.statistics(), [held])
    assert (2, (SinkView("stats.collect", 0, 2, "expired"),)) == (view.newest, view.sinks)
