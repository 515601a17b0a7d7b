"""Where the session bus is, and what is said where it is not."""

import os
from pathlib import Path

import pytest

from agent.player.attached import address
from agent.player.attached.address import BusError, socket_of


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("unix:path=/run/user/7/bus", "/run/user/7/bus"),
        ("unix:path=/tmp/dbus-x,guid=12ab", "/tmp/dbus-x"),
        ("unix:abstract=/tmp/dbus-x,guid=12ab", "\0/tmp/dbus-x"),
        ("tcp:host=localhost,port=9;unix:path=/a%20b", "/a b"),
        ("unix:path=/home/J%c3%bcrgen%2fbus", "/home/Jürgen/bus"),
    ],
)
def test_address_of_the_environment_is_read(said: str, expected: str) -> None:
    """dbus-run-session, a desktop and systemd write it in different ways."""
    assert expected == socket_of({"DBUS_SESSION_BUS_ADDRESS": said}, 7)


def test_without_an_address_it_is_where_systemd_has_it(tmp_path: Path) -> None:
    """A service of the system has no session's environment."""
    assert str(tmp_path / "7" / "bus") == socket_of({}, 7, tmp_path)
    assert str(tmp_path / "7" / "bus") == socket_of({"DBUS_SESSION_BUS_ADDRESS": ""}, 7, tmp_path)


@pytest.mark.parametrize("said", ["tcp:host=localhost,port=9", "autolaunch:", "nonsense", "unix:", ";"])
def test_address_that_is_no_socket_is_named(said: str) -> None:
    """Whoever wrote it must know where to look."""
    with pytest.raises(BusError, match="DBUS_SESSION_BUS_ADDRESS"):
        socket_of({"DBUS_SESSION_BUS_ADDRESS": said}, 7)


def test_problems_name_user_and_remedy() -> None:
    """`status` shows them, and nothing else does."""
    name = address.user(os.geteuid())
    assert name in address.missing(os.geteuid())
    assert "dbus-run-session" in address.missing(os.geteuid())
    assert "User=" in address.refused(os.geteuid())
    assert "@/x does not answer" in address.silent("\0/x")
    assert "4123456" == address.user(4123456)
