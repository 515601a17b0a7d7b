"""systemd hears when the agent is ready and what it does."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.runtime.readiness import EVERY_S, START_WITHIN_S, Readiness, in_words, starting, stopping
from agent.runtime.starts import LONGEST_PAUSE_S
from agent.service.notify import Notifier

STATUS: dict[str, Any] = {
    "player": {"state": "playing", "item": {"index": 3, "count": 12, "uri": "file:///a.mp4", "entry_id": "0_abcd"}},
    "sinks": [
        {"name": "stats.collect", "state": "idle", "depth": 0},
        {"name": "trackEvent", "state": "waiting", "depth": 214},
        {"name": "xapi", "depth": 0},
    ],
    "safe_mode": {"on": False},
}


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(str(tmp_path / "notify"))
        line.setblocking(False)
        yield line


def heard(systemd: socket.socket) -> list[str]:
    """What has come."""
    said = []
    while True:
        try:
            said.append(systemd.recv(4096).decode())
        except BlockingIOError:
            return said


def test_line_names_the_player_and_the_destinations() -> None:
    """It is what `systemctl status` shows first."""
    words = "playing 0_abcd (3 of 12); stats.collect delivering, 0 waiting; trackEvent waiting, 214 waiting"
    assert words == in_words(STATUS)
    idle = {"player": {"state": "idle", "item": None}, "sinks": [], "safe_mode": {"on": True}}
    assert "safe mode; idle" == in_words(idle)
    item = {"index": 1, "count": 1, "uri": "https://user:secret@example.org/a", "entry_id": None}
    assert "paused an item without an entry (1 of 1)" == in_words(
        {"player": {"state": "paused", "item": item}, "sinks": []}
    )


def test_first_step_is_ready_and_later_ones_tell_what_has_changed(tmp_path: Path, systemd: socket.socket) -> None:
    """A line a step would be several a second."""
    status = dict(STATUS)
    readiness = Readiness(Notifier(str(tmp_path / "notify")), lambda: status)
    readiness.look(100.0)
    (first,) = heard(systemd)
    assert first.startswith("READY=1\nSTATUS=playing 0_abcd")
    readiness.look(100.0 + EVERY_S)
    assert [] == heard(systemd)
    status["sinks"] = []
    readiness.look(100.5 + EVERY_S)
    assert [] == heard(systemd)
    readiness.look(100.0 + 2 * EVERY_S)
    assert ["STATUS=playing 0_abcd (3 of 12)"] == heard(systemd)


def test_status_is_not_asked_where_nobody_listens() -> None:
    """It reads the whole store's account."""

    def status() -> dict[str, Any]:
        raise AssertionError

    Readiness(Notifier(), status).look(100.0)


def test_start_asks_for_time_and_the_end_is_said(tmp_path: Path, systemd: socket.socket) -> None:
    """A damaged queue is salvaged for minutes before the first step; systemd must not end that in the middle."""
    notifier = Notifier(str(tmp_path / "notify"))
    starting(notifier)
    stopping(notifier)
    begin, end = heard(systemd)
    assert {"STATUS=starting", "EXTEND_TIMEOUT_USEC=900000000", "WATCHDOG=1"} == set(begin.splitlines())
    assert {"STOPPING=1", "STATUS=ending"} == set(end.splitlines())
    assert START_WITHIN_S > LONGEST_PAUSE_S
