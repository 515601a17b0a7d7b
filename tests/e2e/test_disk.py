"""Disks that fail under a real agent in the middle of a play: the screen goes on, what was played still counts, and all
is well again when the disk is, without a new process.

The disk is pretended (tests/support/faults.c), so each kind of failure comes and goes at will.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import faults, media
from tests.support.faults import Disk
from tests.support.kiosks import PLAYED, Clip, Kiosk, is_over, kiosk, stories, tokens
from tools.standin.server import Collector

pytestmark = pytest.mark.all

ENTRIES = ["0_abcd1234", "0_abcd1235", "0_abcd1236"]
FAILURES: list[Callable[[Disk], None]] = [Disk.fail, Disk.wear_out, Disk.be_read_only]


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The agent's disk; the agents that a test starts meet it."""
    found = faults.disk(tmp_path / "state", tmp_path)
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    yield found
    found.recover()


def started(agent: Kiosk) -> int:
    """Start and wait for the first picture; the process id."""
    agent.start()
    return int(agent.wait(lambda status: status["player"]["state"] == "playing")["pid"])


def has_told_everything(status: dict[str, Any]) -> bool:
    waiting = status["sinks"][0]["depth"]
    return is_over(status) and not waiting and status["queue"]["trouble"] is None


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
def test_disk_that_fails_in_mid_play_ends_nothing_and_loses_nothing(
    tmp_path: Path, disk: Disk, failure: Callable[[Disk], None]
) -> None:
    """A loose card, a worn-out one, a file system that the kernel made read-only: how kiosks die most often."""
    clips = [Clip(media.clip(4.0), entry) for entry in ENTRIES]
    with Collector() as collector, kiosk(tmp_path, collector, clips) as agent:
        pid = started(agent)
        failure(disk)
        agent.wait(lambda status: status["queue"]["trouble"] is not None)
        status = agent.wait(lambda status: status["player"]["sessions"] > 1)
        assert 0 < status["counters"]["waiting-in-memory"], "the next item came while the disk was away"
        disk.recover()
        status = agent.wait(has_told_everything)
        assert pid == status["pid"], "the same process"
        assert status["queue"]["balanced"]
        assert {} == status["queue"]["dropped"]
        assert 0 == agent.end()
        log = agent.log.read_text()
        assert 1 == log.count("store cannot write")
        assert 1 == log.count("store writes again")
        assert [(entry, PLAYED) for entry in ENTRIES] == stories(collector.events)
        assert len(set(tokens(collector.events))) == len(collector.events)


def test_disk_that_stays_away_is_told_and_the_end_still_comes(tmp_path: Path, disk: Disk) -> None:
    """Nobody may have to pull the plug because the card died; and what is lost then is said."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.clip(4.0), ENTRIES[0])]) as agent:
        started(agent)
        disk.fail()
        agent.wait(is_over)
        agent.end()
        assert "events lost, the store could not write to the end" in agent.log.read_text()
        disk.recover()
        agent.start()
        status = agent.wait(lambda status: status["ready"])
        assert status["queue"]["balanced"], "what the disk has is whole"
        agent.end()


@pytest.mark.timeout(400)
@pytest.mark.parametrize(("flush_ms", "at_most_s"), [(1_500, 60.0), (5_000, 110.0)])
def test_slow_card_delays_nothing_but_the_reports(tmp_path: Path, disk: Disk, flush_ms: int, at_most_s: float) -> None:
    """A card that clears its blocks takes seconds for a flush: the picture must not wait for it."""
    clips = [Clip(media.clip(4.0), entry) for entry in ENTRIES]
    with Collector() as collector, kiosk(tmp_path, collector, clips) as agent:
        started(agent)
        began = time.monotonic()
        disk.be_slow(flush_ms)
        status = agent.wait(is_over)
        seconds = time.monotonic() - began
        assert {} == status["player"]["skipped"]
        assert seconds < at_most_s, "twelve seconds of film, and not a flush for each step"
        disk.recover()
        agent.wait(has_told_everything)
        assert 0 == agent.end()
        told = stories(collector.events)
        assert ENTRIES == [entry for entry, _ in told]
        for _, events in told:
            assert PLAYED == [kind for kind in events if kind in PLAYED], "no quartile is missing or repeated"


def test_damage_under_a_running_agent_is_repaired_without_a_new_process(tmp_path: Path, disk: Disk) -> None:
    """Bad blocks do not wait for a restart. The check finds them, and the screen never goes black."""
    clips = [Clip(media.clip(4.0), entry) for entry in ENTRIES]
    with Collector() as collector, kiosk(tmp_path, collector, clips) as agent:
        pid = started(agent)
        disk.wear_out()
        agent.wait(lambda status: status["queue"]["trouble"] is not None)
        store = agent.state / "store.db"
        store.write_bytes(b"\xa5" * store.stat().st_size)
        (agent.state / "store.db-wal").write_bytes(b"\xa5" * 4096)
        disk.recover()
        status = agent.wait(has_told_everything)
        assert pid == status["pid"]
        assert [] != list(agent.state.glob("store.damaged-*.db")), "it is kept for whoever wants to look"
        assert status["queue"]["balanced"]
        assert 0 == agent.end()
        assert "store opened anew" in agent.log.read_text()
        assert ENTRIES[1:] == [entry for entry, events in stories(collector.events) if events == PLAYED][-2:]
