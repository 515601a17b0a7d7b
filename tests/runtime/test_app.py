"""The whole process: what it needs to start, and how it ends. Playing is proven in tests/e2e."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.runtime.control import ControlError, ask
from tests.support.configuration import SMALLEST, write

PATIENCE_S = 60.0


def started(folder: Path) -> "subprocess.Popen[bytes]":
    """The agent with an empty list, as soon as it answers."""
    config = write(folder, SMALLEST.replace("8911", "1") + "[player]\nheadless = true\n")
    command = [sys.executable, "-m", "agent.cli.main", "run", "--config", str(config), "--state-dir"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, str(folder / "state")], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            ask(folder / "state", "status")
        except ControlError:
            time.sleep(0.02)  # between two looks; the wait is for the answer
        else:
            return process
    process.kill()
    raise AssertionError((folder / "log").read_text())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_process_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    """systemd's stop, or Ctrl-C: status 0, sockets gone, the store free for the next."""
    process = started(tmp_path)
    process.send_signal(number)
    assert 0 == process.wait(PATIENCE_S), (tmp_path / "log").read_text()
    assert [] == [path.name for path in (tmp_path / "state").glob("*.sock")]
    assert "agent ended" in (tmp_path / "log").read_text()
