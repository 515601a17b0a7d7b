"""The watchdog's ping is given for those that step, and for nothing else."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.liveness import Pulse
from agent.runtime.watchdog import PINGS, Watchdog
from agent.service.notify import Notifier


class Systemd:
    """Its end of the line."""

    def __init__(self, path: Path) -> None:
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.bind(str(path))
        self._line.setblocking(False)
        self.notifier = Notifier(str(path), watchdog_s=90.0)

    def heard(self) -> int:
        """How many pings have come since the last question."""
        count = 0
        while True:
            try:
                assert b"WATCHDOG=1" == self._line.recv(4096)
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        self._line.close()


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Systemd]:
    found = Systemd(tmp_path / "notify")
    yield found
    found.close()


def test_loop_that_steps_pings_three_times_in_the_interval(systemd: Systemd) -> None:
    """Two pings may be late before systemd kills a healthy agent; more of them are only work."""
    watchdog = Watchdog(systemd.notifier, list, list)
    for at in range(900):
        watchdog.look(at / 10)
    assert PINGS == systemd.heard()


def test_thread_that_hangs_or_has_ended_withholds_the_ping_until_it_is_back(
    systemd: Systemd, capsys: pytest.CaptureFixture[str]
) -> None:
    """systemd starts an agent again whose worker waits for ever in a lock; the log says which."""
    worker, gone = Pulse("deliver stats.collect", 100.0), list[str]()
    watchdog = Watchdog(systemd.notifier, lambda: [worker], lambda: gone)
    worker.beat(0.0)
    watchdog.look(90.0)
    assert 1 == systemd.heard()
    for at in (120.0, 150.0):
        watchdog.look(at)
    assert 0 == systemd.heard()
    assert "deliver stats.collect has been at one thing" in str(watchdog.status()["withheld"])
    worker.rest()
    watchdog.look(180.0)
    assert 1 == systemd.heard()
    gone.append("control")
    watchdog.look(210.0)
    assert 0 == systemd.heard()
    assert "the thread control has ended" == watchdog.status()["withheld"]
    assert 2 == capsys.readouterr().out.count("watchdog is not told")


def test_delivery_that_waits_for_the_network_is_healthy(systemd: Systemd) -> None:
    """A kiosk that is offline for a week is not restarted for it."""
    worker = Pulse("deliver stats.collect", 100.0)
    watchdog = Watchdog(systemd.notifier, lambda: [worker], list)
    for at in range(0, 7 * 86_400, 60):
        worker.beat(at)
        worker.rest()
        watchdog.look(at + 59.0)
    assert systemd.heard() > 0
    assert watchdog.status()["withheld"] is None


def test_without_systemd_nobody_is_told(tmp_path: Path) -> None:
    """Started by hand."""
    watchdog = Watchdog(Notifier(), list, lambda: ["control"])
    watchdog.look(1e6)
    assert {"every_s": None, "withheld": None} == watchdog.status()
