"""systemd is told what it understands, and nobody is held up by it."""

import os
import socket
from pathlib import Path

import pytest

from agent.service.notify import Notifier


@pytest.fixture
def systemd(tmp_path: Path) -> socket.socket:
    """systemd's end of the line."""
    line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    line.bind(str(tmp_path / "notify"))
    line.settimeout(30)
    return line


def test_fields_come_in_one_datagram(tmp_path: Path, systemd: socket.socket) -> None:
    """READY and STATUS together: a reader never sees one without the other."""
    assert Notifier(str(tmp_path / "notify")).tell(READY="1", STATUS="playing")
    assert b"READY=1\nSTATUS=playing" == systemd.recv(4096)


def test_abstract_address_is_reached() -> None:
    """systemd in a container uses one."""
    name = f"kiosk-agent-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind("\0" + name)
        line.settimeout(30)
        assert Notifier("@" + name).tell(WATCHDOG="1")
        assert b"WATCHDOG=1" == line.recv(4096)


def test_text_of_others_cannot_add_a_field(tmp_path: Path, systemd: socket.socket) -> None:
    """The name of a playlist item stands in STATUS; it must not tell systemd that we are stopping."""
    Notifier(str(tmp_path / "notify")).tell(STATUS="a\nSTOPPING=1")
    assert b"STATUS=a STOPPING=1" == systemd.recv(4096)


@pytest.mark.parametrize("address", [None, "", "/nonexistent/socket"])
def test_outside_of_systemd_nothing_happens(address: str | None) -> None:
    """Started by hand, or systemd is gone: the picture goes on."""
    assert not Notifier(address).tell(READY="1")


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_watchdog_is_ours_or_nobodys(environ: dict[str, str], seconds: float | None) -> None:
    """A child inherits the variables of its parent: it must not ping in its stead."""
    assert seconds == Notifier.found(environ).watchdog_s
