"""A VLC that is not ours: what the service gets is what it gets of our own player."""

from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from agent.kernel.events import Event, Recovered, Stalled
from tests.support import media
from tests.support.attached import PASSWORD, Foreign, Watching, attached_kiosk, named
from tests.support.kiosks import PLAYED, stories, tokens
from tests.support.stories import words
from tools.standin.server import Collector

pytestmark = pytest.mark.all

# On a machine that other tests keep busy the picture itself stands still at times: that is a stall. A stop is none.
STALLED = {12, 13}
# Its first quarter is longer than what is done in it takes anywhere.
LONG_S = 240.0
# A quarter of it is longer than a busy machine takes to see that it plays.
SHORT_S = 8.0
FIRST, SECOND = "0_abcd1234", "0_abcd1235"


def _played(collector: Collector) -> list[tuple[str, list[int]]]:
    """The plays that the collector got, without what a busy machine makes of them. No message came twice."""
    assert len(set(tokens(collector.events))) == len(collector.events)
    return [(entry, [number for number in told if number not in STALLED]) for entry, told in stories(collector.events)]


def _facts(agent: Watching) -> list[str]:
    """What was logged, in words; the items by their file names, so that stories can be read."""
    told: list[Event] = [fact for fact in agent.facts() if not isinstance(fact, Stalled | Recovered)]
    return [word.split("/")[-1] for word in words(told) if not word.startswith("volume")]


def _plays_for(agent: Watching, seconds: float) -> dict[str, Any]:
    return agent.wait(lambda status: (status["player"]["position"] or 0) > seconds)


def _is_over(agent: Watching, sessions: int) -> dict[str, Any]:
    """So many items were played, the last one to its end, and everything was delivered."""

    def over(status: dict[str, Any]) -> bool:
        player = status["player"]
        at_rest = player["sessions"] == sessions and player["state"] == "idle" and player["host"]["running"]
        return at_rest and not status["sinks"][0]["depth"]

    return agent.wait(over)


def _begin(agent: Watching, foreign: Foreign, paths: list[Path], *options: str) -> None:
    """VLC comes last: on a busy machine it would be half through its list before anybody looks."""
    agent.start()
    foreign.attach()
    agent.wait(lambda status: status["player"]["host"]["running"])
    foreign.play(paths, *options)


def _two(agent: Watching, foreign: Foreign, first: float, second: float) -> list[Path]:
    """Two clips, one named by the list and one by its own name."""
    one, lines = named(foreign, media.clip(first), "first.mp4", FIRST)
    two, _ = named(foreign, media.clip(second), f"second-{SECOND}.mp4")
    agent.config.write_text(agent.config.read_text(encoding="utf-8") + lines, encoding="utf-8")
    return [one, two]


@pytest.mark.parametrize("source", ["mpris", "http"])
def test_list_that_vlc_plays_is_reported_item_by_item(tmp_path: Path, source: str) -> None:
    """To its end, as of our own player, over either way; the status says how it is known."""
    with Collector() as collector, attached_kiosk(tmp_path, collector, source=source) as (agent, foreign):
        paths = _two(agent, foreign, 12.0, SHORT_S)
        _begin(agent, foreign, paths)
        status = _plays_for(agent, 1.0)
        _is_over(agent, 2)
        assert 0 == agent.end()
        assert [(FIRST, PLAYED), (SECOND, PLAYED)] == _played(collector)
        assert [] == [place for place, text in foreign.told() if PASSWORD in text], "whoever reads that is told of it"
    attached = status["player"]["attached"]
    assert (source, None) == (attached["source"], attached["problem"])
    assert attached["follows"]
    assert f"over {source.upper()}: " in attached["accuracy"]
    assert PASSWORD not in f"{status} {agent.log.read_text(encoding='utf-8')}"


def test_somebody_at_vlcs_own_keyboard_is_told_as_what_he_does(tmp_path: Path) -> None:
    """Pause, resume, a seek, the next item: no command of ours is in it."""
    with Collector() as collector, attached_kiosk(tmp_path, collector) as (agent, foreign):
        paths = _two(agent, foreign, LONG_S, SHORT_S)
        _begin(agent, foreign, paths)
        _plays_for(agent, 2.0)
        foreign.order("pause")
        agent.wait(lambda status: status["player"]["state"] == "paused")
        foreign.order("pause")
        agent.wait(lambda status: status["player"]["state"] == "playing")
        foreign.order("seek 24")
        _plays_for(agent, 25.0)
        foreign.order("next")
        _is_over(agent, 2)
        assert 0 == agent.end()
        assert [(FIRST, [1, 2, 3, 17]), (SECOND, PLAYED)] == _played(collector)
        story = "first.mp4 loaded playing paused resumed seeked closed:skipped"
        assert story.split() == _facts(agent)[:7]


def test_orders_of_an_operator_reach_a_vlc_that_is_not_ours(tmp_path: Path) -> None:
    """What VLC can do it does; what needs a list of ours is refused in words."""
    with Collector() as collector, attached_kiosk(tmp_path, collector) as (agent, foreign):
        paths = _two(agent, foreign, LONG_S, SHORT_S)
        _begin(agent, foreign, paths)
        _plays_for(agent, 1.0)
        with pytest.raises(Exception, match="not the agent's own"):
            agent.ask("player.previous")
        agent.ask("player.pause")
        agent.wait(lambda status: status["player"]["state"] == "paused")
        agent.ask("player.resume")
        agent.wait(lambda status: status["player"]["state"] == "playing")
        agent.ask("player.seek", to=24.0)
        _plays_for(agent, 25.0)
        agent.ask("player.next")
        _is_over(agent, 2)
        assert 0 == agent.end()
        assert [(FIRST, [1, 2, 3, 17]), (SECOND, PLAYED)] == _played(collector)


def _ends(agent: Watching) -> list[tuple[str, str]]:
    """How each play was closed, after what was told before."""
    story = words(agent.facts())
    return [(before, word) for before, word in pairwise(story) if word.startswith("closed")]


@pytest.mark.parametrize("source", ["mpris", "http"])
def test_stop_is_no_stall_and_play_begins_another_play(tmp_path: Path, source: str) -> None:
    """It is told when no other item has followed; the wait for that is no BUFFER_START. Three for a busy machine."""
    with Collector() as collector, attached_kiosk(tmp_path, collector, source=source) as (agent, foreign):
        paths = _two(agent, foreign, LONG_S, SHORT_S)
        _begin(agent, foreign, paths[:1])
        for sessions in (1, 2, 3):
            agent.wait(partial(_is_in_play, sessions))
            agent.ask("player.stop")
            agent.wait(lambda status: status["player"]["state"] == "idle")
            agent.ask("player.play")
        agent.wait(partial(_is_in_play, 4))
        assert 0 == agent.end()
        ends = _ends(agent)[:3]  # The fourth is what the end makes of what plays.
    assert ["closed:stopped"] * 3 == [end for _, end in ends]
    assert any(not before.startswith("stalled") for before, _ in ends), ends


def _is_in_play(sessions: int, status: dict[str, Any]) -> bool:
    player = status["player"]
    return bool(player["sessions"] == sessions and (player["position"] or 0) > 1.0)


def test_vlc_that_is_killed_and_started_again_costs_one_play(tmp_path: Path) -> None:
    """The play is closed as interrupted; the agent and kiosk-attach stay, and follow the next VLC."""
    with Collector() as collector, attached_kiosk(tmp_path, collector) as (agent, foreign):
        paths = _two(agent, foreign, LONG_S, SHORT_S)
        _begin(agent, foreign, paths)
        before = _plays_for(agent, 1.0)
        foreign.kill_vlc()
        agent.wait(lambda status: not status["player"]["item"] and not status["player"]["attached"]["follows"])
        foreign.play(paths[1:])
        after = _is_over(agent, 2)
        assert 0 == agent.end()
        assert [(FIRST, [1, 2, 3]), (SECOND, PLAYED)] == _played(collector)
        assert ["first.mp4", "loaded", "playing", "closed:interrupted"] == _facts(agent)[:4]
    assert before["player"]["host"]["pid"] == after["player"]["host"]["pid"]


def test_agent_that_is_killed_goes_on_with_the_play_that_vlc_went_on_with(tmp_path: Path) -> None:
    """VLC knows nothing of the agent: the play is neither doubled nor lost, nor is what ended meanwhile."""
    with Collector() as collector, attached_kiosk(tmp_path, collector) as (agent, foreign):
        paths = _two(agent, foreign, 16.0, SHORT_S)
        _begin(agent, foreign, paths)
        _plays_for(agent, 1.5)
        for _ in range(2):
            agent.kill()
            agent.start()
            agent.wait(lambda status: status["player"]["host"]["running"] and status["player"]["sessions"])
        _is_over(agent, 2)
        assert 0 == agent.end()
        assert [(FIRST, PLAYED), (SECOND, PLAYED)] == _played(collector)


def test_each_pass_of_a_loop_is_a_play(tmp_path: Path) -> None:
    """VLC's --repeat gives one item again and again, with the same place in its list."""
    with Collector() as collector, attached_kiosk(tmp_path, collector) as (agent, foreign):
        path, lines = named(foreign, media.clip(SHORT_S), "first.mp4", FIRST)
        agent.config.write_text(agent.config.read_text(encoding="utf-8") + lines, encoding="utf-8")
        _begin(agent, foreign, [path], "--repeat")
        agent.wait(lambda status: status["player"]["sessions"] >= 3)
        foreign.kill_vlc()
        agent.wait(lambda status: not status["player"]["item"] and not status["sinks"][0]["depth"])
        assert 0 == agent.end()
        assert [(FIRST, PLAYED)] * 2 == _played(collector)[:2]
