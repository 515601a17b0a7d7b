"""tools/run itself, behind its installation: the real collector, the real agent, real libvlc."""

import fcntl
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_WITHIN_S = 200.0


def command(folder: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "tools.demo", "--port", "0", "--folder", str(folder), *options]


class Terminal:
    """What the demo shows on a terminal, and its keyboard."""

    def __init__(self, master: int) -> None:
        self._master = master
        self.text = ""

    def press(self, key: str) -> None:
        os.write(self._master, key.encode())

    def await_text(self, pattern: str, *, after: int = 0) -> int:
        """Wait until the pattern stands behind `after` in what was shown; where it ends."""
        deadline = time.monotonic() + _WITHIN_S
        while not (found := re.compile(pattern).search(self.text, after)):
            assert time.monotonic() < deadline, f"{pattern!r} behind {after} in {self.text}"
            ready, _, _ = select.select([self._master], [], [], 1.0)
            if ready:
                self.text += os.read(self._master, 65536).decode(errors="replace")
        return found.end()


@contextmanager
def on_a_terminal(folder: Path) -> Iterator[tuple[Terminal, int]]:
    """The demo in the foreground of a terminal of its own, and its process."""
    pid, master = pty.fork()
    if pid == 0:
        try:
            os.chdir(ROOT)
            os.execve(sys.executable, command(folder), {**os.environ, "TERM": "xterm", "PYTHONUTF8": "1"})
        finally:
            os._exit(127)
    try:
        yield Terminal(master), pid
    finally:
        os.kill(pid, signal.SIGKILL)  # it may have ended: it is not reaped yet, so the number is still its own
        os.waitpid(pid, 0)
        os.close(master)


@pytest.mark.all
def test_one_pass_of_the_sample_arrives_whole(tmp_path: Path) -> None:
    """The first thing that anybody does with a clone."""
    done = subprocess.run(
        command(tmp_path, "--once"), cwd=ROOT, capture_output=True, text=True, timeout=_WITHIN_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "21 produced = 21 counted: none lost, none doubled." in done.stdout
    assert "All 21 expected events of 3 items arrived, in order." in done.stdout


@pytest.mark.all
def test_absent_collector_and_killed_agent_lose_and_double_nothing(tmp_path: Path) -> None:
    """The point of the whole program, in half a minute, with the keys that a person presses."""
    with on_a_terminal(tmp_path) as (terminal, pid):
        seen = terminal.await_text(r"0_welcome1 .*PLAY_REACHED_25")
        terminal.press("o")
        seen = terminal.await_text(r"collector taken away", after=seen)
        seen = terminal.await_text(r"[3-9] waiting", after=seen)
        terminal.press("k")
        seen = terminal.await_text(r"agent is back", after=seen)
        terminal.press("o")
        # Whichever of them it is: on a busy machine the half of the first may have arrived before the key was pressed.
        seen = terminal.await_text(r"PLAY_REACHED_\d+ .* s late", after=seen)
        seen = terminal.await_text(r"\b0 waiting", after=seen)
        terminal.press("n")
        seen = terminal.await_text(r"next item: asked for", after=seen)
        seen = terminal.await_text(r"WIDGET_LOADED", after=seen)
        terminal.press("q")
        terminal.await_text(r"\d+ produced = \d+ counted: none lost, none doubled\.", after=seen)
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        assert (os.CLD_EXITED, 0) == (ended.si_code, ended.si_status)


def test_second_demo_in_the_same_folder_is_kept_out(tmp_path: Path) -> None:
    """Two demos would wipe each other's store."""
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run(
            command(tmp_path), cwd=ROOT, capture_output=True, text=True, timeout=_WITHIN_S, check=False
        )
    assert done.returncode == 1
    assert "Another tools/run is at work" in done.stdout
