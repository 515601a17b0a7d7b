"""The director with a real player, and the tracker behind it."""

import os
import signal
from pathlib import Path

from agent.kernel import signals
from agent.kernel.events import Closed, Ending, Event, Opened
from agent.kernel.rotation import Rotation
from agent.kernel.session import SessionTracker
from agent.kernel.signals import PlayCommanded
from agent.player import wire
from agent.player.operations import Next, Play, Replay
from agent.player.surroundings import Phase
from tests.support import media
from tests.support.desk import kinds
from tests.support.players import HASTY, Stage, item, staged

_ONCE = Rotation((), loop=False)


def _events(stage: Stage) -> list[Event]:
    """What the tracker makes of all that was told."""
    tracker = SessionTracker()
    return [event for told in stage.told for event in tracker.feed(told)]


def _endings(stage: Stage) -> list[Ending]:
    return [event.ending for event in _events(stage) if isinstance(event, Closed)]


def test_real_list_with_broken_items_plays_the_good_ones_to_their_end(tmp_path: Path) -> None:
    """A missing, an empty and a garbage file each have their turn, and no more."""
    items = [
        item(tmp_path / "missing.mp4", "missing"),
        item(media.empty(), "empty"),
        item(media.silent_clip(), "good"),
        item(media.garbage(), "garbage"),
        item(media.clip(1), "last"),
    ]
    with staged(items, _ONCE) as stage:
        stage.run_until(lambda: stage.director.phase is Phase.FINISHED)
    assert stage.keys(PlayCommanded) == ["missing", "empty", "good", "garbage", "last"]
    assert stage.keys(signals.MediaChanged) == ["missing", "empty", "good", "garbage", "last"]
    assert kinds(stage.told).count("PlaybackFailed") == 2
    assert _endings(stage) == [Ending.FAILED, Ending.FAILED, Ending.COMPLETED, Ending.FAILED, Ending.COMPLETED]


def test_real_list_of_flashes_does_not_rest() -> None:
    """libvlc ends an image of a tenth of a second, and a sound of one, without a word of the playhead."""
    items = [item(media.image(), "flash", options=(":image-duration=0.1",)), item(media.tone(1.0), "beep")]
    with staged(items) as stage:
        stage.run_until_told(PlayCommanded, 5)
        assert stage.director.outcomes.passed == {}
    assert stage.keys(PlayCommanded) == ["flash", "beep", "flash", "beep", "flash"]


def test_killed_player_is_replaced_and_the_next_item_plays() -> None:
    """A libvlc fault costs one play, not the kiosk."""
    items = [item(media.clip(12), "killer"), item(media.silent_clip(), "next")]
    with staged(items, _ONCE) as stage:
        stage.run_until_told(signals.TimeChanged)
        os.kill(stage.pid, signal.SIGKILL)
        stage.run_until(lambda: stage.director.phase is Phase.FINISHED)
    assert stage.keys(PlayCommanded) == ["killer", "next"]
    assert _endings(stage) == [Ending.INTERRUPTED, Ending.COMPLETED]


def test_hung_player_is_replaced_and_the_next_item_plays() -> None:
    """A driver that hangs shows only as silence."""
    items = [item(media.clip(12), "hangs"), item(media.silent_clip(), "next")]
    with staged(items, _ONCE, rules=HASTY) as stage:
        stage.run_until_told(signals.TimeChanged)
        os.kill(stage.pid, signal.SIGSTOP)
        stage.run_until(lambda: stage.director.phase is Phase.FINISHED)
    assert stage.keys(PlayCommanded) == ["hangs", "next"]
    assert _endings(stage) == [Ending.INTERRUPTED, Ending.COMPLETED]


def test_operators_evening_is_told_as_it_was() -> None:
    """Pause, seek, replay and skip: each play has one story, whose end is what the operator did."""
    items = [item(media.clip(12), "film"), item(media.clip(12), "other"), item(media.silent_clip(), "short")]
    with staged(items, _ONCE) as stage:
        stage.run_until_told(signals.TimeChanged)
        stage.obey(wire.Pause())
        stage.run_until_told(signals.Paused)
        stage.obey(wire.Seek(11.0))
        stage.run_until(lambda: any(isinstance(told, signals.Sampled) and told.time == 11.0 for told in stage.told))
        stage.obey(Play())
        stage.run_until_told(PlayCommanded, 2)
        stage.obey(Replay())
        stage.run_until(lambda: kinds(stage.told)[-1] == "TimeChanged")
        stage.obey(Next())
        stage.run_until(lambda: stage.director.phase is Phase.FINISHED)
    assert _endings(stage) == [Ending.COMPLETED, Ending.SKIPPED, Ending.SKIPPED, Ending.COMPLETED]
    assert [event.replays for event in _events(stage) if isinstance(event, Opened)] == [None, None, 2, None]
