"""Nothing is lost, doubled or reordered when the collector is away or the agent is killed."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, is_over, kiosk, stories, tokens
from tools.standin.faults import Lost, http_error
from tools.standin.server import Collector

# Kinds of which stats.collect gets a message, under the guide's semantics.
REPORTED = {"opened", "loaded", "playing", "progressed", "ended", "stalled", "recovered", "replayed", "seeked"}


def test_collector_down_from_the_start_gets_every_event_once_in_order(tmp_path: Path) -> None:
    """A kiosk that starts before its network must not lose its morning."""
    with Collector() as collector:
        collector.take_away()
        clips = [Clip(media.silent_clip(1.0), "0_abcd1234"), Clip(media.silent_clip(2.0), "0_abcd1235")]
        with kiosk(tmp_path, collector, clips) as agent:
            agent.start()
            agent.wait(lambda status: is_over(status) and status["sinks"][0]["depth"] >= 14)
            assert [] == collector.events
            collector.bring_back()
            agent.wait_idle()
            agent.end()
        assert [("0_abcd1234", PLAYED), ("0_abcd1235", PLAYED)] == stories(collector.events)
        assert len(set(tokens(collector.events))) == len(collector.events)


def test_server_errors_in_mid_play_keep_the_order(tmp_path: Path) -> None:
    """The head of the queue waits; what came later must not overtake it (decision 9)."""
    with Collector() as collector:
        collector.fault(http_error(503), times=2)
        with kiosk(tmp_path, collector, [Clip(media.silent_clip(2.0), "0_abcd1234")]) as agent:
            agent.start()
            agent.wait_idle()
            agent.end()
        assert [("0_abcd1234", PLAYED)] == stories(collector.events)


def test_lost_answer_is_repeated_with_the_same_identity_and_counted_once(tmp_path: Path) -> None:
    """The server has the event, the answer was lost: the resend must be recognisable (decisions 6 and 8)."""
    with Collector() as collector:
        collector.fault(Lost(), times=1)
        with kiosk(tmp_path, collector, [Clip(media.silent_clip(1.0), "0_abcd1234")]) as agent:
            agent.start()
            status = agent.wait_idle()
            agent.end()
        assert [("0_abcd1234", PLAYED)] == stories(collector.events)
        assert 1 == status["sinks"][0]["resent"]


def cycles(tmp_path: Path, kills: int) -> None:
    """Kill the agent again and again while it plays and delivers, then let it finish."""
    moments = random.Random(20261121)
    clips = [Clip(media.silent_clip(1.0 + 0.5 * (number % 3)), f"0_abcd12{number:02}") for number in range(12)]
    expected: set[str] = set()
    with Collector() as collector, kiosk(tmp_path, collector, clips) as agent:
        for _ in range(kills):
            agent.start()
            agent.wait(lambda status: status["ready"])
            # A random moment is the point here; nothing is awaited.
            collector.wait_for(lambda _: False, moments.uniform(0.0, 1.5))
            agent.kill()
            expected |= _reported(agent)
        agent.start()
        agent.wait_idle()
        agent.end()
        arrived = tokens(collector.events)
        assert not expected - set(arrived), "committed before a kill, and never arrived"
        positions = [(token.rsplit("-", 2)[0], int(token.rsplit("-", 2)[1])) for token in arrived]
        assert all(before[0] == after[0] and before[1] <= after[1] for before, after in pairwise(positions))
        doubled = [token for token in set(arrived) if arrived.count(token) > 1]
        assert doubled == [], "the server's cache takes a repeat of the same identity for what it is"
        assert [clip.entry_id for clip in clips] == list(dict(stories(collector.events))), "every item had its turn"


def _reported(agent: Kiosk) -> set[str]:
    return {f"{generation}-{number}-0" for kind, generation, number in agent.committed() if kind in REPORTED}


def test_agent_killed_a_few_times_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """SIGKILL is the shutdown path; five kills fit into every run of the tests."""
    cycles(tmp_path, 5)


@pytest.mark.all
@pytest.mark.timeout(900)
def test_agent_killed_at_twenty_random_moments_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """The same, twenty times over a longer list: what was committed before a kill arrives, once, in order."""
    cycles(tmp_path, 20)


def test_restart_goes_on_where_the_list_was(tmp_path: Path) -> None:
    """A crash in the third item must not show the visitors the first one again."""
    clips = [Clip(media.silent_clip(1.0), "0_abcd1234"), Clip(media.clip(12.0), "0_abcd1235")]
    with Collector() as collector, kiosk(tmp_path, collector, clips) as agent:
        agent.start()
        agent.wait(lambda status: status["player"]["state"] == "playing" and status["player"]["item"]["index"] == 2)
        agent.wait_written()
        agent.kill()
        agent.start()
        status = agent.wait(lambda status: status["player"]["state"] == "playing")
        assert 2 == status["player"]["item"]["index"]
        assert collector.wait_for(lambda events: len(stories(events)) == 3, PATIENCE_S)
        agent.end()
        assert ["0_abcd1234", "0_abcd1235", "0_abcd1235"] == [entry for entry, _ in stories(collector.events)]


def test_asked_to_end_leaves_in_good_order_without_the_network(tmp_path: Path) -> None:
    """systemd stops the service: the play is closed and kept, and nobody waits for a dead collector."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.clip(12.0), "0_abcd1234")]) as agent:
        collector.take_away()
        agent.start()
        agent.wait(lambda status: status["player"]["state"] == "playing")
        assert 0 == agent.end()
        assert "closed" == agent.committed()[-1][0]
