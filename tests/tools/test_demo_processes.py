"""The demo's processes: nothing of it stays behind, whatever happens."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.demo.failure import DemoError
from tools.demo.processes import Process

ROOT = Path(__file__).resolve().parents[2]


def test_process_that_died_shows_the_end_of_its_log(tmp_path: Path) -> None:
    """ "It does not work" is no report; the last lines are."""
    process = Process("The thing", ["sh", "-c", "seq 30; exit 4"], tmp_path / "log")
    while process.is_alive():
        pass
    with pytest.raises(DemoError, match="The thing ended unexpectedly, with status 4") as caught:
        process.check()
    assert [str(number) for number in range(16, 31)] == caught.value.lines
    process.stop(1.0)


def test_process_that_is_killed_says_by_what(tmp_path: Path) -> None:
    """A segmentation fault is another finding than a status of 1."""
    process = Process("The thing", ["sleep", "60"], tmp_path / "log")
    process.kill()
    with pytest.raises(DemoError, match="killed by SIGKILL"):
        process.check()
    process.stop(1.0)


def test_program_that_is_not_there_is_a_clear_failure(tmp_path: Path) -> None:
    """A shell starts it, and its complaint has to reach a person."""
    process = Process("The thing", [str(tmp_path / "nothing")], tmp_path / "log")
    while process.is_alive():
        pass
    with pytest.raises(DemoError) as caught:
        process.check()
    assert "not found" in " ".join(caught.value.lines)
    process.stop(1.0)


def test_process_that_will_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    """An agent that hangs must not keep a player on the screen after the demo."""
    log = tmp_path / "log"
    stubborn = "trap '' TERM; sleep 60 & echo $!; while :; do sleep 60; done"
    process = Process("The thing", ["sh", "-c", stubborn], log)
    while not log.read_text():
        assert process.is_alive()
    child = os.pidfd_open(int(log.read_text()))
    assert process.stop(0.2) is False
    assert not process.is_alive()
    assert select.select([child], [], [], 60)[0], "the kernel takes a moment to end it"
    os.close(child)


def test_processes_end_with_a_demo_that_is_killed(tmp_path: Path) -> None:
    """A closed laptop must not leave a collector on the port."""
    program = (
        "import sys; from pathlib import Path; from tools.demo.processes import Process\n"
        f"process = Process('x', ['sleep', '60'], Path({str(tmp_path / 'log')!r}))\n"
        "print(process.pid, flush=True); sys.stdin.read()"
    )
    demo = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert demo.stdout
    child = int(demo.stdout.readline())
    handle = os.pidfd_open(child)
    demo.send_signal(signal.SIGKILL)
    demo.communicate()
    poll = select.poll()
    poll.register(handle)
    assert poll.poll(60_000)
    os.close(handle)
