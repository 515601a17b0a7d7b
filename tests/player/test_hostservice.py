"""What systemd hears of a player host: over a real socket, from a real host."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.player.hostservice import PINGS_IN_TIME, Service
from agent.service.notify import Notifier
from tests.support.players import PATIENCE_S, short_folder

# Owns libvlc like any host, but a call of it never returns once the file is there.
HANGS = """
import sys, time
from pathlib import Path
from agent.player import host, libvlc
said = libvlc.Player.read_time
def read_time(self):
    while Path({hang!r}).exists():
        time.sleep(0.01)
    return said(self)
libvlc.Player.read_time = read_time
hear = host.Host._step
def step(self, now):
    hear(self, now)
    self._player.read_time()
host.Host._step = step
sys.exit(host.main())
"""


class Systemd:
    """systemd's end of the notify socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))

    def hear(self, timeout: float = PATIENCE_S) -> str | None:
        """What it is told next; None where nothing comes in time."""
        self._socket.settimeout(timeout)
        try:
            return self._socket.recv(4096).decode()
        except TimeoutError:
            return None

    def hear_until(self, wanted: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while self.hear() != wanted:
            assert time.monotonic() < until

    def drain(self) -> None:
        while self.hear(0.001) is not None:
            pass

    def close(self) -> None:
        self._socket.close()


@contextmanager
def _systemd(folder: Path) -> Iterator[Systemd]:
    found = Systemd(folder / "notify")
    try:
        yield found
    finally:
        found.close()


@contextmanager
def _host(folder: Path, program: list[str], watchdog_s: float) -> "Iterator[subprocess.Popen[bytes]]":
    environment = {
        **os.environ,
        "NOTIFY_SOCKET": str(folder / "notify"),
        "WATCHDOG_USEC": str(int(watchdog_s * 1e6)),
    }
    line = [sys.executable, *program, f"--socket={folder / 'nobody'}", "--headless"]
    with subprocess.Popen(line, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as host:
        try:
            yield host
        finally:
            host.kill()


def test_host_is_ready_when_libvlc_stands_and_ends_when_asked_to() -> None:
    """No agent is needed for that: the two units start in any order. The end is a clean one, so no failure is told."""
    program = ["-m", "agent.player.host"]
    with short_folder() as folder, _systemd(folder) as systemd, _host(folder, program, watchdog_s=2.0) as host:
        assert "READY=1" == systemd.hear()
        systemd.hear_until("STATUS=nothing to play, waiting for kiosk-agent")
        systemd.hear_until("WATCHDOG=1")
        host.send_signal(signal.SIGTERM)
        systemd.hear_until("STOPPING=1")
        assert 0 == host.wait(PATIENCE_S)


def test_thread_that_hangs_in_libvlc_pings_no_more() -> None:
    """systemd must find what nobody else can: a ping from any other thread would keep a dark screen alive."""
    with short_folder() as folder, _systemd(folder) as systemd:
        hang = folder / "hang"
        with _host(folder, ["-c", HANGS.format(hang=str(hang))], watchdog_s=0.4) as host:
            systemd.hear_until("WATCHDOG=1")
            systemd.hear_until("WATCHDOG=1")
            hang.touch()
            quiet = 0.0
            until = time.monotonic() + PATIENCE_S
            while quiet < 2.0 and time.monotonic() < until:
                quiet = quiet + 0.5 if systemd.hear(0.5) is None else 0.0
            assert 2.0 <= quiet, "it went on to ping"
            assert None is host.poll(), "the process lives, and only the watchdog can tell"
            hang.unlink()
            systemd.hear_until("WATCHDOG=1")


def test_ping_comes_in_time_and_the_text_when_it_changes() -> None:
    """Too late is an end for nothing; too often wakes a Pi for nothing."""
    with short_folder() as folder, _systemd(folder) as systemd:
        service = Service(Notifier(str(folder / "notify"), watchdog_s=10.0))
        for second in range(10):
            service.step(float(second), "playing")
        told = [systemd.hear() for _ in range(4 + 1)]
        assert ["WATCHDOG=1", "STATUS=playing", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"] == told
        assert None is systemd.hear(0.001)
        assert PINGS_IN_TIME >= 2, "systemd recommends half of its interval"


def test_child_of_the_agent_tells_systemd_nothing() -> None:
    """The socket is the agent's: a ping on it from a child would be a ping of the agent."""
    program = (
        "import os, sys; from agent.player.host import main; from agent.player.hostline import arguments_of\n"
        "sys.argv += ['--run=1', f'--parent={os.getppid()}']\nsys.exit(main())"
    )
    with short_folder() as folder, _systemd(folder) as systemd:
        with _host(folder, ["-c", program], watchdog_s=1.0) as host:
            assert 0 == host.wait(PATIENCE_S)
        assert None is systemd.hear(0.001)
