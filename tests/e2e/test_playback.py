"""Real VLC plays real media, and the collector counts what a person in front of the screen saw."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, kiosk, stories, unstalled
from tools.standin.server import Collector


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as found:
        yield found


def test_list_played_through_arrives_in_order(tmp_path: Path, collector: Collector) -> None:
    """The main job: each item counts once, in the guide's order, under a session of its own."""
    clips = [
        Clip(media.clip(3.0), "0_abcd1234"),
        Clip(media.tone(3.0), "0_abcd1235"),
        Clip(media.image(), "0_abcd1236"),
    ]
    with kiosk(tmp_path, collector, clips, player="loop = false\nimage_duration_s = 2.0") as agent:
        agent.start()
        agent.wait_idle()
        assert 0 == agent.end()
    assert [(clip.entry_id, PLAYED) for clip in clips] == stories(collector.events)
    first = collector.events[0]
    assert ("kiosk://device-001", 102) == (first["referrer"], first["partnerId"])
    assert all(event["duration"] == 3 for event in unstalled(collector.events)[1:7])


def test_loop_makes_each_pass_a_session(tmp_path: Path, collector: Collector) -> None:
    """A kiosk loops for years: each pass is a play of its own and none is a replay (decision 12)."""
    with kiosk(tmp_path, collector, [Clip(media.silent_clip(1.0), "0_abcd1234")], player="loop = true") as agent:
        agent.start()
        assert collector.wait_for(lambda events: sum(event["eventType"] == 7 for event in events) >= 3, PATIENCE_S)
        agent.end()
    assert [("0_abcd1234", PLAYED)] * 3 == stories(collector.events)[:3]


def test_pause_and_seek_by_the_operator_skip_what_was_jumped_over(tmp_path: Path, collector: Collector) -> None:
    """A quartile counts only when it was watched; a seek over it must not fire it late (the guide, 7.3)."""
    with kiosk(tmp_path, collector, [Clip(media.clip(30.0), "0_abcd1234")]) as agent:
        agent.start()
        agent.wait(lambda status: (status["player"]["position"] or 0) > 0.5)
        agent.ask("player.pause")
        agent.wait(lambda status: status["player"]["state"] == "paused")
        agent.ask("player.resume")
        agent.wait(lambda status: status["player"]["state"] == "playing")
        agent.ask("player.seek", to=20.0)
        agent.wait_idle()
        agent.end()
    assert [("0_abcd1234", [1, 2, 3, 17, 6, 7])] == stories(collector.events)
    seek = next(event for event in collector.events if event["eventType"] == 17)
    assert 20 == seek["newPoint"]
    assert [False, False, False, True, True, True] == [event["seek"] for event in unstalled(collector.events)]


def test_replay_by_command_is_a_new_session_with_replay(tmp_path: Path, collector: Collector) -> None:
    """Under the guide a replay is counted again, and says that it is one: 1, 2, 16, 3 (decision 12)."""
    with kiosk(tmp_path, collector, [Clip(media.clip(3.0), "0_abcd1234")]) as agent:
        agent.start()
        agent.wait_idle()
        agent.ask("player.replay")
        assert collector.wait_for(lambda events: sum(event["eventType"] == 7 for event in events) == 2, PATIENCE_S)
        agent.end()
    assert [("0_abcd1234", PLAYED), ("0_abcd1234", [1, 2, 16, 3, 4, 5, 6, 7])] == stories(collector.events)


def test_missing_and_broken_items_are_skipped(tmp_path: Path, collector: Collector) -> None:
    """One bad file must not stop the list, and must not count as a play (decision 11)."""
    clips = [
        Clip(tmp_path / "nowhere.mp4", "0_abcd0001"),
        Clip(media.garbage(), "0_abcd0002"),
        Clip(media.empty(), "0_abcd0003"),
        Clip(media.clip(3.0), "0_abcd1234"),
        Clip(media.truncated_clip(6.0), "0_abcd0004"),
    ]
    with kiosk(tmp_path, collector, clips) as agent:
        agent.start()
        status = agent.wait_idle()
        agent.end()
    told = dict(stories(collector.events))
    assert [1] == told["0_abcd0001"] == told["0_abcd0002"] == told["0_abcd0003"]
    assert told["0_abcd1234"] == PLAYED
    assert 7 not in told["0_abcd0004"], "half a film has no end"
    assert 1 == status["player"]["skipped"]["missing"]


def test_item_without_entry_is_played_but_not_reported(tmp_path: Path, collector: Collector) -> None:
    """An advertisement of the shop itself is nobody's business, but its plays are not lost silently either."""
    clips = [Clip(media.silent_clip(1.0), None), Clip(media.silent_clip(2.0), "0_abcd1234")]
    with kiosk(tmp_path, collector, clips) as agent:
        agent.start()
        status = agent.wait_idle()
        agent.end()
    assert [("0_abcd1234", PLAYED)] == stories(collector.events)
    assert status["sinks"][0]["passed"]["no-entry"] == 1


def test_next_gives_the_item_up_and_counts_no_end(tmp_path: Path, collector: Collector) -> None:
    """A visitor who wants the next film did not watch this one (decision 14)."""
    clips = [Clip(media.clip(30.0), "0_abcd1234"), Clip(media.silent_clip(1.0), "0_abcd1235")]
    with kiosk(tmp_path, collector, clips) as agent:
        agent.start()
        agent.wait(lambda status: (status["player"]["position"] or 0) > 0.3)
        agent.ask("player.next")
        agent.wait_idle()
        agent.end()
    assert [("0_abcd1234", [1, 2, 3]), ("0_abcd1235", PLAYED)] == stories(collector.events)
