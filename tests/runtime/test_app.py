"""The whole process: what it needs to start, and how it ends. Playing is proven in tests/e2e."""

import logging
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from agent.runtime import app
from agent.runtime.control import ControlError, ask
from tests.support.configuration import SMALLEST, write
from tests.support.outbox import open_outbox

PATIENCE_S = 60.0


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """`run` sets logging up for the process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


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


def test_control_socket_that_cannot_be_made_is_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Somebody's folder of that name: a sentence and status 1, and no traceback."""
    (tmp_path / "state" / "control.sock" / "inner").mkdir(parents=True)
    assert 1 == app.run(write(tmp_path, SMALLEST + '[log]\nformat = "json"\n'), tmp_path / "state")
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert "agent cannot start" in line
    assert "remedy" in line
    open_outbox(tmp_path / "state").close()


def test_state_folder_that_is_a_file_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error in a unit file."""
    (tmp_path / "state").write_text("mine")
    assert 1 == app.run(write(tmp_path, SMALLEST), tmp_path / "state")
    assert "store cannot be opened" in capsys.readouterr().err
    assert "mine" == (tmp_path / "state").read_text()
