"""How each command is executed: what is done, what is seen, and why it failed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.player import operations, wire
from agent.player.surroundings import Phase
from agent.remote.slices import slice_of
from agent.runtime.commanding.hands import QueueView, SinkView
from tests.support.commands import Bench, ordered
from tests.support.ledgers import a_play


def ending(bench: Bench) -> tuple[str, str | None]:
    """How the one command has ended."""
    answer = bench.answers[-1]
    return answer["status"], answer["reason"]


def begun(folder: Path, command: str, **arguments: Any) -> Bench:
    bench = Bench(folder)
    bench.take(ordered(command, arguments=arguments))
    return bench


def test_pause_is_done_when_the_player_says_so(tmp_path: Path) -> None:
    """The link takes every command; that proves nothing about the screen."""
    bench = begun(tmp_path, "pause")
    bench.later(5.0)
    assert ("accepted", None) == ending(bench)
    bench.see(paused=True)
    assert ("done", None) == ending(bench)
    assert [wire.Pause()] == bench.obeyed


def test_second_pause_is_done_too(tmp_path: Path) -> None:
    """It is as it should be: another operator, or the same with another id."""
    bench = Bench(tmp_path)
    bench.see(paused=True)
    bench.take(ordered("pause"))
    bench.later(0.1)
    assert ("done", None) == ending(bench)


def test_resume_is_done_when_the_playhead_moves(tmp_path: Path) -> None:
    """The director takes the pause back at once; the picture comes when the player has heard of it."""
    bench = begun(tmp_path, "resume")
    bench.see(paused=False)
    assert ("accepted", None) == ending(bench)
    bench.see(moved_at=bench.now.boottime)
    assert ("done", None) == ending(bench)
    assert [wire.Resume()] == bench.obeyed


def test_next_is_done_when_another_medium_plays(tmp_path: Path) -> None:
    """An item that is loaded and does not open is not on the screen."""
    bench = begun(tmp_path, "next")
    bench.see(medium=2, playing=False)
    assert ("accepted", None) == ending(bench)
    bench.see(playing=True)
    assert ("done", None) == ending(bench)
    assert [operations.Next()] == bench.obeyed


@pytest.mark.parametrize("command", ["next", "pause", "resume"])
def test_what_is_not_seen_in_time_has_failed(tmp_path: Path, command: str) -> None:
    """An operator must not wait for ever."""
    bench = begun(tmp_path, command)
    bench.later(10.0)
    assert ("failed", "asked of the player, but not seen to happen within 10 s") == ending(bench)


@pytest.mark.parametrize("command", ["next", "pause", "resume", "volume"])
def test_nothing_is_asked_of_a_player_that_does_not_run(tmp_path: Path, command: str) -> None:
    """It would be done when the player is back, which nobody expects then."""
    bench = Bench(tmp_path)
    bench.see(ready=False, last_loss="was killed by signal 9")
    bench.take(ordered(command, arguments={"percent": 5} if command == "volume" else {}))
    assert ("failed", "no player is running; the last one was killed by signal 9") == ending(bench)
    assert [] == bench.obeyed


@pytest.mark.parametrize("command", ["next", "pause", "resume", "volume"])
def test_player_that_is_lost_meanwhile_is_named(tmp_path: Path, command: str) -> None:
    """The reason is more use than the time that passed."""
    bench = begun(tmp_path, command, **({"percent": 5} if command == "volume" else {}))
    bench.see(ready=False, last_loss="silent for 3 s")
    assert ("failed", "no player is running; the last one silent for 3 s") == ending(bench)


def test_pause_of_an_empty_screen_fails_at_once(tmp_path: Path) -> None:
    """At night, with opening hours."""
    bench = Bench(tmp_path)
    bench.see(medium=0, phase=Phase.SHUT)
    bench.take(ordered("pause"))
    assert ("failed", f"nothing is on the screen; the playlist: {Phase.SHUT.value}") == ending(bench)
    assert [] == bench.obeyed


@pytest.mark.parametrize("phase", [Phase.RESTING, Phase.SHUT, Phase.FINISHED])
def test_next_after_which_nothing_comes_says_why(tmp_path: Path, phase: Phase) -> None:
    """The last item of a list that does not loop was given up: that is over, and no picture comes."""
    bench = begun(tmp_path, "next")
    bench.see(medium=0, playing=False, phase=phase)
    assert ("failed", f"nothing is on the screen; the playlist: {phase.value}") == ending(bench)


def test_volume_is_done_when_the_player_tells_it(tmp_path: Path) -> None:
    """libvlc says what it has been set to."""
    bench = begun(tmp_path, "volume", percent=40)
    bench.see(percent=70)
    assert ("accepted", None) == ending(bench)
    bench.see(percent=40)
    assert ("done", None) == ending(bench)
    assert [wire.SetVolume(40)] == bench.obeyed


def test_volume_of_a_silent_film_is_done_and_says_that_nothing_was_told(tmp_path: Path) -> None:
    """An image tells no volume; the host keeps it for the next sound, so it has not failed."""
    bench = begun(tmp_path, "volume", percent=40)
    bench.later(10.0)
    assert ("done", "the player has it, and has told no change, as while no sound comes out") == ending(bench)


def test_flush_is_done_with_what_there_was(tmp_path: Path) -> None:
    """A screen that plays makes events all the time; its queue may never be seen empty."""
    bench = Bench(tmp_path)
    bench.queue = QueueView(9, (SinkView("stats.collect", 4, 5, ""), SinkView("trackEvent", 9, 0, "")))
    bench.take(ordered("flush"))
    bench.later(1.0)
    bench.queue = QueueView(12, (SinkView("stats.collect", 8, 4, ""), SinkView("trackEvent", 10, 2, "")))
    bench.later(1.0)
    assert ("accepted", None) == ending(bench)
    bench.queue = QueueView(13, (SinkView("stats.collect", 9, 4, ""), SinkView("trackEvent", 10, 3, "")))
    bench.later(1.0)
    assert ("done", None) == ending(bench)
    assert ["flush"] == bench.done


def test_flush_that_does_not_get_through_names_the_destination_and_its_reason(tmp_path: Path) -> None:
    """The operator's next step depends on it."""
    bench = Bench(tmp_path)
    bench.queue = QueueView(9, (SinkView("stats.collect", 4, 5, "no route to host"), SinkView("trackEvent", 9, 0, "")))
    bench.take(ordered("flush"))
    bench.later(30.0)
    expected = "not all was delivered within 30 s; stats.collect: 5 events wait, no route to host"
    assert ("failed", expected) == ending(bench)


def test_flush_of_an_empty_queue_is_done(tmp_path: Path) -> None:
    """Nothing to do is done, also where reporting is off."""
    bench = begun(tmp_path, "flush")
    bench.later(0.1)
    assert ("done", None) == ending(bench)


def test_restart_is_done_when_another_player_is_there(tmp_path: Path) -> None:
    """The old one must be gone, and the new one up."""
    bench = begun(tmp_path, "restart-player")
    bench.see(ready=False, last_loss="restarted by command")
    bench.see(run=2)
    assert ("accepted", None) == ending(bench)
    bench.see(ready=True)
    assert ("done", None) == ending(bench)
    assert ["restart"] == bench.done


def test_restart_without_a_player_afterwards_has_failed(tmp_path: Path) -> None:
    """A library was removed: the reason says what the last one died of."""
    bench = begun(tmp_path, "restart-player")
    bench.see(ready=False, last_loss="exited with status 1")
    bench.later(75.0)
    expected = "no new player within 75 s: no player is running; the last one exited with status 1"
    assert ("failed", expected) == ending(bench)


def test_player_that_does_not_end_is_no_restart(tmp_path: Path) -> None:
    """The same host as before is the same fault as before."""
    bench = begun(tmp_path, "restart-player")
    bench.later(75.0)
    assert ("failed", "no new player within 75 s: the player of before still runs") == ending(bench)


def test_report_is_done_with_its_slice(tmp_path: Path) -> None:
    """What an operator's program adds up; the player goes on meanwhile."""
    bench = Bench(tmp_path)
    bench.ledger.lines = [a_play(number) for number in range(1, 4)]
    bench.take(ordered("report", arguments={"by": ["entry"], "cursor": 1}))
    assert "accepted" == bench.answers[-1]["status"]
    bench.later(0.5)
    answer = bench.answers[-1]
    assert ("done", 1, 3, True) == (
        answer["status"],
        answer["data"]["after"],
        answer["data"]["cursor"],
        answer["data"]["done"],
    )
    assert 2 == slice_of(answer["data"]).grouped.whole.plays


def test_player_that_is_not_ours_is_not_started_again(tmp_path: Path) -> None:
    """Whoever started it must; the operator is told so at once, not after a minute."""
    bench = Bench(tmp_path)
    bench.commander._hands = replace(bench.commander._hands, is_ours=False)
    bench.take(ordered("restart-player"))
    status, reason = ending(bench)
    assert "failed" == status
    assert "not the agent's own" in str(reason)
    assert [] == bench.done
