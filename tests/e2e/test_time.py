"""Events at the right time, whatever the clock of the device did: a real agent and libvlc, under clocks of our own."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.kernel.events import Closed, Ending
from tests.support import media
from tests.support.clocks import Clocks, needs_compiler
from tests.support.kiosks import PLAYED, Clip, Kiosk, is_over, kiosk, stories
from tools.standin.server import Collector

pytestmark = [pytest.mark.all, needs_compiler]

DAY = 86_400.0
IN_2013 = 1_370_000_000.0
IN_2099 = 4_080_000_000.0
ENTRY = "0_abcd1234"

CLOSE = 2.0
"""Seconds: a time is sent whole, and the test's own look at the clock comes before or after."""


@pytest.fixture
def clocks(tmp_path: Path) -> Clocks:
    return Clocks(tmp_path)


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        running.take_away()
        yield running


def times(events: Sequence[dict[str, Any]]) -> list[float]:
    """When they happened, as the collector was told."""
    return [float(event["eventTimestamp"]) for event in events]


def played(agent: Kiosk) -> dict[str, Any]:
    """Wait until the list is over and all of it is written; nothing need be delivered."""
    agent.wait(lambda status: is_over(status) and status["player"]["sessions"] > 0)
    return agent.wait_written()


def playing_from(agent: Kiosk, position: float) -> None:
    """Wait until the playhead has come so far, or is through, and what was told on the way is written."""
    agent.wait(lambda status: (status["player"]["position"] or 0.0) >= position or is_over(status))
    agent.wait_written()


@pytest.mark.parametrize("wrong", [60.0, IN_2013, IN_2099], ids=["1970", "2013", "2099"])
def test_a_clock_that_is_set_after_the_play_dates_all_of_it_exactly(
    tmp_path: Path, clocks: Clocks, collector: Collector, wrong: float
) -> None:
    """The usual morning: no battery, and the network comes after the first clip; over a restart, too."""
    clocks.reads(wrong)
    with kiosk(tmp_path, collector, [Clip(media.silent_clip(4.0), ENTRY)], environment=clocks.environment) as agent:
        began = clocks.true
        agent.start()
        played(agent)
        ended = clocks.true
        agent.kill()
        agent.start()
        agent.wait(lambda status: status["sinks"][0]["depth"] >= 7)
        assert [] == collector.events
        clocks.synchronise()
        collector.bring_back()
        status = agent.wait_idle()
    assert [(ENTRY, PLAYED)] == stories(collector.events)
    told = times(collector.events)
    assert began - CLOSE <= min(told) and max(told) <= ended + CLOSE
    assert 1.0 <= told[-1] - told[2] <= ended - began + CLOSE, "from PLAY to the end of four seconds"
    assert 0 == status["queue"]["estimated_times"]


def test_steps_during_a_play_move_neither_quartiles_nor_durations(
    tmp_path: Path, clocks: Clocks, collector: Collector
) -> None:
    """An hour forth, a day back, 1970, 2099: the playhead goes by the boot-time clock."""
    collector.bring_back()
    clocks.synchronise()
    clip = Clip(media.silent_clip(8.0), ENTRY)
    with kiosk(tmp_path, collector, [clip], environment=clocks.environment) as agent:
        began = clocks.true
        agent.start()
        for position, wall in [(1.0, began + 3_600.0), (3.0, began - DAY), (4.5, 60.0), (6.5, IN_2099)]:
            playing_from(agent, position)
            clocks.reads(wall)
        played(agent)
        ended = clocks.true
        clocks.synchronise()
        agent.wait_idle()
        waited = [event["processDuration"] for event in collector.events if event.get("processDuration")]
    assert [(ENTRY, PLAYED)] == stories(collector.events)
    told = times(collector.events)
    assert sorted(told) == told
    assert began - CLOSE <= min(told) and max(told) <= ended + CLOSE
    assert 4.0 <= told[-1] - told[2] <= ended - began + CLOSE, "from PLAY to the end of eight seconds"
    assert all(0.0 <= float(each) < 10_000.0 for each in waited), "the join time"


def test_steps_during_an_outage_leave_the_queue_whole_and_right(
    tmp_path: Path, clocks: Clocks, collector: Collector
) -> None:
    """Nothing ages out in 2099, nothing is sent from 1970."""
    clocks.reads(60.0)
    clips = [Clip(media.silent_clip(2.0), f"0_abcd123{number}") for number in range(4)]
    with kiosk(tmp_path, collector, clips, environment=clocks.environment) as agent:
        began = clocks.true
        agent.start()
        for number, wall in enumerate([IN_2099, began + 3_600.0, IN_2013], start=1):
            agent.wait(lambda status, number=number: status["player"]["sessions"] > number)  # type: ignore[misc]
            clocks.reads(wall)
        played(agent)
        ended = clocks.true
        clocks.synchronise()
        collector.bring_back()
        status = agent.wait_idle()
    assert [(clip.entry_id, PLAYED) for clip in clips] == stories(collector.events)
    told = times(collector.events)
    assert sorted(told) == told
    assert began - CLOSE <= min(told) and max(told) <= ended + CLOSE
    assert {} == status["queue"]["dropped"]


def test_a_boot_that_saw_the_time_once_is_dated_exactly_by_a_later_one_that_does_not(
    tmp_path: Path, clocks: Clocks, collector: Collector
) -> None:
    """Unplugged before anything was delivered; the next morning has a collector, but no time server."""
    clocks.reads(60.0)
    with kiosk(tmp_path, collector, [Clip(media.silent_clip(2.0), ENTRY)], environment=clocks.environment) as agent:
        began = clocks.true
        agent.start()
        played(agent)
        ended = clocks.true
        clocks.synchronise()
        agent.wait(lambda status: status["clock"]["synced"])
        agent.ask("status")  # answered by a later step, so the one before has written
        agent.kill()
        clocks.boot()
        clocks.reads(60.0)
        collector.bring_back()
        again = clocks.true
        agent.start()
        status = agent.wait_idle()
    assert [(ENTRY, PLAYED), (ENTRY, PLAYED)] == stories(collector.events)
    told = times(collector.events)
    assert began - CLOSE <= min(told[:7]) and max(told[:7]) <= ended + CLOSE
    assert again - CLOSE <= min(told[7:]) and max(told[7:]) <= clocks.true + CLOSE, "by the service's own clock"
    assert 7 == status["queue"]["estimated_times"], "those of the second boot"


def test_a_play_that_a_power_cut_ended_in_a_boot_without_the_time_lies_where_it_must(
    tmp_path: Path, clocks: Clocks, collector: Collector
) -> None:
    """Monday saw the time, Tuesday did not and was cut in mid-play, Wednesday delivers: interrupted, on Tuesday."""
    clocks.synchronise()
    clips = [Clip(media.silent_clip(2.0), ENTRY), Clip(media.clip(40.0), "0_abcd1235")]
    with kiosk(tmp_path, collector, clips, environment=clocks.environment) as agent:
        agent.start()
        agent.wait(lambda status: status["player"]["sessions"] == 2 and (status["player"]["position"] or 0) > 1.0)
        agent.wait_written()
        agent.kill()
        monday = clocks.true
        clocks.boot(after=DAY, up=5.0)
        clocks.reads(60.0)
        tuesday = clocks.true
        agent.start()
        agent.wait(lambda status: status["player"]["sessions"] == 3)
        playing_from(agent, 12.0)
        agent.kill()
        clocks.boot(after=DAY, up=5.0)
        clocks.synchronise()
        wednesday = clocks.true
        agent.start()
        agent.wait(lambda status: status["player"]["sessions"] == 4)
        playing_from(agent, 0.5)
        agent.end()
        closed = [event for event in agent.facts() if isinstance(event, Closed)]
        collector.bring_back()
        agent.start()
        status = agent.wait(lambda status: status["player"]["sessions"] == 5 and not status["sinks"][0]["depth"])
        agent.end()
    assert [Ending.COMPLETED, Ending.INTERRUPTED, Ending.INTERRUPTED] == [event.ending for event in closed[:3]]
    assert 10.0 <= (closed[2].head.position or 0.0) < 20.0, "the first quarter was written down at ten seconds"
    numbers = [numbers for _, numbers in stories(collector.events)]
    assert [PLAYED, [1, 2, 3], [1, 2, 3, 4], [1, 2, 3]] == numbers[:4]
    sessions = list(dict.fromkeys(event["sessionId"] for event in collector.events))
    told = {each: times([event for event in collector.events if event["sessionId"] == each]) for each in sessions}
    assert all(time <= monday + CLOSE for each in sessions[:2] for time in told[each])
    dark = told[sessions[2]]
    assert monday < min(dark) and max(dark) < wednesday
    assert abs(dark[0] - tuesday) < 60.0, "both nights were as long, so the middle is the truth"
    assert 8.0 <= dark[3] - dark[2] <= 20.0, "a quarter of forty seconds; distances are the boot-time clock's"
    assert min(told[sessions[3]]) >= wednesday - CLOSE
    assert 4 == status["queue"]["estimated_times"]
