"""The player host as a service of its own: the picture goes on without the agent, and every play counts once."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.kernel.events import Closed, Ended, Ending
from agent.player import wire
from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, stories, tokens
from tests.support.players import load, now
from tests.support.units import alone, unit_kiosk
from tools.standin.server import Collector


def _played(collector: Collector) -> list[tuple[str, list[int]]]:
    """The plays that the collector got. No message came twice."""
    assert len(set(tokens(collector.events))) == len(collector.events)
    return stories(collector.events)


def _plays_for(agent: Kiosk, seconds: float) -> dict[str, Any]:
    return agent.wait(lambda status: (status["player"]["position"] or 0) > seconds)


@pytest.mark.parametrize("how", ["killed", "asked to end"])
def test_agent_that_ends_in_mid_play_goes_on_with_it(tmp_path: Path, how: str) -> None:
    """An upgrade must cost neither the picture nor a milestone, and tell none twice."""
    clips = [Clip(media.clip(12.0), "0_abcd1234"), Clip(media.silent_clip(1.0), "0_abcd1235")]
    with Collector() as collector, unit_kiosk(tmp_path, collector, clips) as (agent, player):
        agent.start()
        player.start()
        _plays_for(agent, 2.0)
        if how == "killed":
            agent.kill()
        else:
            assert 0 == agent.end()
        agent.start()
        # A busy machine may take as long to start as the film lasts; it counts once all the same.
        status = agent.wait_idle()
        assert 0 == agent.end()
        assert player.process.poll() is None, "it plays on"
    assert (len(clips), 0) == (status["player"]["sessions"], status["player"]["host"]["restarts"])
    assert player.process.pid == status["player"]["host"]["pid"]
    assert [("0_abcd1234", PLAYED), ("0_abcd1235", PLAYED)] == _played(collector)


def test_play_that_ended_while_the_agent_was_away_is_told_with_its_own_times(tmp_path: Path) -> None:
    """The screen holds then, for the list is the agent's; the next item comes with the agent."""
    clips = [Clip(media.clip(8.0), "0_abcd1234"), Clip(media.silent_clip(1.0), "0_abcd1235")]
    with Collector() as collector, unit_kiosk(tmp_path, collector, clips) as (agent, player):
        player.start()
        player.wait_quiet()  # so it was there before the agent: it dials until there is one
        agent.start()
        _plays_for(agent, 1.0)
        agent.kill()
        gone = now()
        player.wait_quiet()
        back = now()
        agent.start()
        agent.wait_idle()
        assert 0 == agent.end()
        ended = [fact for fact in agent.facts() if isinstance(fact, Ended)]
    assert [("0_abcd1234", PLAYED), ("0_abcd1235", PLAYED)] == _played(collector)
    assert gone < ended[0].at < back < ended[1].at


def test_player_that_dies_costs_its_item_and_its_service_brings_another(tmp_path: Path) -> None:
    """As for a child of the agent: the item may be what ended it, so the next one is played."""
    clips = [Clip(media.clip(30.0), "0_abcd1234"), Clip(media.silent_clip(1.0), "0_abcd1235")]
    with Collector() as collector, unit_kiosk(tmp_path, collector, clips) as (agent, player):
        agent.start()
        player.start()
        _plays_for(agent, 1.0)
        player.kill()
        agent.wait(lambda status: status["player"]["host"]["waits_for"] == "kiosk-player.service")
        player.start()
        status = agent.wait_idle()
        assert 0 == agent.end()
        closed = [fact.ending for fact in agent.facts() if isinstance(fact, Closed)]
    assert 1 == status["player"]["host"]["restarts"]
    assert [("0_abcd1234", [1, 2, 3]), ("0_abcd1235", PLAYED)] == _played(collector)
    assert [Ending.INTERRUPTED, Ending.COMPLETED] == closed


def test_play_whose_player_died_with_the_agent_is_closed_and_begun_again(tmp_path: Path) -> None:
    """Another run of a host knows nothing of it: then it is as after a power cut."""
    clips = [Clip(media.clip(12.0), "0_abcd1234")]
    with Collector() as collector, unit_kiosk(tmp_path, collector, clips) as (agent, player):
        agent.start()
        player.start()
        assert collector.wait_for(lambda events: 3 in {event["eventType"] for event in events}, PATIENCE_S)
        agent.kill()
        player.kill()
        player.start()
        agent.start()
        agent.wait_idle()
        assert 0 == agent.end()
        closed = [fact for fact in agent.facts() if isinstance(fact, Closed)]
    assert [("0_abcd1234", [1, 2, 3]), ("0_abcd1234", PLAYED)] == _played(collector)
    assert [Ending.INTERRUPTED, Ending.COMPLETED] == [fact.ending for fact in closed]


@pytest.mark.all
def test_play_whose_player_does_not_come_back_is_closed(tmp_path: Path) -> None:
    """A session that nobody will ever end must not stay open for ever."""
    clips = [Clip(media.clip(30.0), "0_abcd1234")]
    with Collector() as collector, unit_kiosk(tmp_path, collector, clips) as (agent, player):
        agent.start()
        player.start()
        _plays_for(agent, 1.0)
        agent.wait_written()
        agent.kill()
        player.kill()
        agent.start()
        # A rate has only a play that is open; of one that was just begun no position need be known.
        status = agent.wait(lambda status: status["player"]["rate"] is None and status["player"]["sessions"])
        assert "kiosk-player.service" == status["player"]["host"]["waits_for"]
        assert 0 == agent.end()
        closed = [fact.ending for fact in agent.facts() if isinstance(fact, Closed)]
    assert [Ending.INTERRUPTED] == closed


def test_player_of_an_older_version_ends_for_its_service_to_bring_the_new_one(tmp_path: Path) -> None:
    """An upgrade replaced its program: it would speak the old language for as long as it lives."""
    with alone(tmp_path) as (listener, player):
        player.start()
        connection = listener.accept(PATIENCE_S)
        assert connection is not None
        assert connection.send(wire.Welcome(wire.PROTOCOL + 1, 0))
        assert 0 == player.wait()
        connection.close()


def test_player_of_a_newer_version_plays_on_and_waits_for_the_agents_upgrade(tmp_path: Path) -> None:
    """Ending would not make the agent newer; it dials again, and by then the agent may be."""
    with alone(tmp_path) as (listener, player):
        player.start()
        for protocol in (wire.PROTOCOL - 1, wire.PROTOCOL):
            connection = listener.accept(PATIENCE_S)
            assert connection is not None
            assert connection.send(wire.Welcome(protocol, 0))
            if protocol == wire.PROTOCOL:
                assert connection.send(load(media.silent_clip(1.0)))
                assert connection.send(wire.Quit())
            connection.close()
        assert 0 == player.wait()


@pytest.mark.all
def test_agent_that_starts_itself_again_goes_on_with_the_play(tmp_path: Path) -> None:
    """A setting that needs the agent started again needs no other picture."""
    clips = [Clip(media.clip(12.0), "0_abcd1234")]
    with Collector() as collector, unit_kiosk(tmp_path, collector, clips) as (agent, player):
        arguments = [str(agent.config), str(agent.state)]
        with agent.log.open("ab") as out:
            process = agent._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.restarting_agent", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "DISPLAY": "", "RUNTIME_DIRECTORY": str(player.folder)},
            )
        player.start()
        first = _plays_for(agent, 1.0)
        (agent.state / "again").touch()
        process.terminate()
        second = agent.wait(lambda status: status["started_wall"] != first["started_wall"])
        agent.wait_idle()
        assert 0 == agent.end()
    assert first["pid"] == second["pid"]
    assert [("0_abcd1234", PLAYED)] == _played(collector)
