"""Disks that are broken, read-only or full when a real agent starts: the screen must not stay black."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.runtime.refuge import give_up
from tests.support import faults, hardship, media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, kiosk, stories
from tools.standin.server import Collector

ENTRY = "0_abcd1234"


@contextmanager
def agent_on(state: Path, folder: Path, collector: Collector) -> Iterator[Kiosk]:
    """An agent with one short item whose state folder is `state`; what it leaves in memory is removed."""
    with kiosk(folder, collector, [Clip(media.silent_clip(1.0), ENTRY)]) as agent:
        agent.state = state
        try:
            yield agent
        finally:
            agent.close()
            give_up(state)


def test_read_only_disk_plays_and_delivers_from_memory(tmp_path: Path) -> None:
    """A worn-out SD card turns read-only; the store on it was fine the day before."""
    with (
        hardship.small_disk(tmp_path / "disk", kibibytes=4096) as disk,
        Collector() as collector,
        agent_on(disk, tmp_path, collector) as agent,
    ):
        agent.start()
        agent.wait_idle()
        agent.end()
        hardship.make_read_only(disk)
        agent.start()
        status = agent.wait_idle()
        assert "Read-only file system. Events are kept in memory" in status["queue"]["volatile"]
        agent.end()
        log = agent.log.read_text()
        assert 1 == log.count("state folder cannot be used, living in memory")
        assert "Mount the file system read-write" in log
    assert [(ENTRY, PLAYED), (ENTRY, PLAYED)] == stories(collector.events)


def test_first_start_on_a_full_disk_plays_and_delivers_from_memory(tmp_path: Path) -> None:
    """Somebody filled the card before the agent ever ran."""
    with hardship.small_disk(tmp_path / "disk", kibibytes=64) as disk, Collector() as collector:
        hardship.fill(disk)
        with agent_on(disk, tmp_path, collector) as agent:
            agent.start()
            status = agent.wait_idle()
            assert str(disk) in status["queue"]["volatile"]
            assert "Free some space on the file system." in agent.log.read_text()
            agent.end()
    assert [(ENTRY, PLAYED)] == stories(collector.events)


@pytest.mark.all
@pytest.mark.timeout(400)
def test_broken_disk_is_gone_back_to_when_it_works_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A loose card is pushed in again: nobody has to come for anything else. And whoever asks finds the agent."""
    state = tmp_path / "state"
    disk = faults.disk(state, tmp_path)
    with Collector() as collector, agent_on(state, tmp_path, collector) as agent:
        state.mkdir()
        with monkeypatch.context() as patch:
            for name, value in disk.environment.items():
                patch.setenv(name, value)
            disk.fail()
            agent.start()
        agent.wait_idle()
        command = [sys.executable, "-m", "agent.cli.main", "status", "--long", "--state-dir", str(state)]
        said = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
        assert "Events are kept in memory" in said.stdout
        disk.recover()
        agent.wait_log("state folder can be used again")
        agent.wait(lambda status: status["queue"]["volatile"] is None)
        assert (state / "store.db").exists()
        agent.end()
    assert (ENTRY, PLAYED) == stories(collector.events)[0]
