"""The player's process dies or hangs; the list goes on and the play is closed as interrupted."""

import os
import signal
import time
from pathlib import Path

import pytest

from tests.support import media
from tests.support.kiosks import PLAYED, Clip, freeze, kiosk, stories
from tools.standin.server import Collector

HANG_AFTER_S = 5.0
# Longer than the silence after which a player is taken for hung.
ASLEEP_S = 8.0


@pytest.mark.parametrize("how", ["killed", "hung"])
def test_player_host_lost_is_replaced_and_the_next_item_played(tmp_path: Path, how: str) -> None:
    """A driver fault in libvlc must cost one play, not the day (vlc.md section 6)."""
    clips = [Clip(media.clip(30.0), "0_abcd1234"), Clip(media.silent_clip(1.0), "0_abcd1235")]
    with Collector() as collector, kiosk(tmp_path, collector, clips, hang_after_s=HANG_AFTER_S) as agent:
        agent.start()
        pid = agent.wait(lambda status: status["player"]["state"] == "playing")["player"]["host"]["pid"]
        if how == "killed":
            os.kill(pid, signal.SIGKILL)
        else:
            freeze(pid)
        status = agent.wait_idle()
        agent.end()
        assert 1 == status["player"]["host"]["restarts"]
        assert [("0_abcd1234", [1, 2, 3]), ("0_abcd1235", PLAYED)] == stories(collector.events)


@pytest.mark.all
def test_machine_that_slept_keeps_its_player(tmp_path: Path) -> None:
    """Whoever closes a lid, or stops a virtual machine, finds the film where it was, not the next one."""
    clips = [Clip(media.clip(6.0), "0_abcd1234")]
    with Collector() as collector, kiosk(tmp_path, collector, clips, hang_after_s=HANG_AFTER_S) as agent:
        agent.start()
        player = agent.wait(lambda status: (status["player"]["position"] or 0) > 1.0)
        agent_pid, host_pid = player["pid"], player["player"]["host"]["pid"]
        for pid in (agent_pid, host_pid):
            freeze(pid)
        time.sleep(ASLEEP_S)  # this is the sleep
        # The agent wakes first: the host has not said a word since.
        for pid in (agent_pid, host_pid):
            os.kill(pid, signal.SIGCONT)
        status = agent.wait_idle()
        assert 0 == agent.end()
        assert 0 == status["player"]["host"]["restarts"]
        ((entry, told),) = stories(collector.events)
        assert "0_abcd1234" == entry
        assert PLAYED == [number for number in told if number in PLAYED]


def test_agent_process_never_loads_libvlc(tmp_path: Path) -> None:
    """libvlc costs memory and may crash: neither may happen in the process that keeps the queue (decision 36)."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.clip(12.0), "0_abcd1234")]) as agent:
        agent.start()
        pid = agent.wait(lambda status: status["player"]["state"] == "playing")["pid"]
        mapped = Path(f"/proc/{pid}/maps").read_text()
        agent.end()
    assert "libvlc" not in mapped
