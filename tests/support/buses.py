"""A private session bus, and on it a player that is a few lines of a test."""

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

from agent.player.attached import mpris
from tests.support.players import short_folder

PATIENCE_S = 60.0


def wait_until(condition: Callable[[], object], what: str = "") -> None:
    """Wait until it holds; a failed test where it does not for long."""
    until = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < until, f"waited in vain: {what}"
        time.sleep(0.01)


@contextmanager
def session_bus(become: Callable[[], None] | None = None) -> Iterator[str]:
    """A bus's address; it belongs to the user that `become` makes of a process, or to ours."""
    if shutil.which("dbus-daemon") is None:
        pytest.skip("dbus-daemon is not installed")
    with short_folder() as folder:
        folder.chmod(0o777)
        with running_bus(folder, become) as address:
            yield address


@contextmanager
def running_bus(folder: Path, become: Callable[[], None] | None = None) -> Iterator[str]:
    """A bus whose socket lies in `folder`."""
    path = folder / "bus"
    path.unlink(missing_ok=True)
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", f"--address=unix:path={path}"],
        preexec_fn=become,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", "/usr/bin"), "HOME": str(folder)},
    )
    try:
        wait_until(lambda: _listens(path), "the bus")
        yield f"unix:path={path}"
    finally:
        bus.kill()
        bus.wait()


def _listens(path: Path) -> bool:
    """Whether the bus takes calls: its socket is there a moment earlier."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        try:
            line.connect(str(path))
        except OSError:
            return False
    return True


class Puppet:
    """A player on the bus at `address`: shows `properties`, and remembers what it was `called` for."""

    def __init__(self, address: str, name: str, properties: dict[str, Any]) -> None:
        self.properties = properties
        self.called: list[tuple[str, tuple[Any, ...]]] = []
        self._line: DBusConnection = open_dbus_connection(address)
        self._line.send_and_get_reply(message_bus.RequestName(name))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def say(self, **changed: Any) -> None:
        """Some of its properties are others now."""
        self.properties |= changed
        self._emit(mpris.PROPERTIES, "PropertiesChanged", "sa{sv}as", (mpris.PLAYER, changed, []))

    def seeked(self, microseconds: int) -> None:
        """The signal of that name."""
        self._emit(mpris.PLAYER, "Seeked", "x", (microseconds,))

    def leave(self) -> None:
        """Hang up."""
        self._line.sock.shutdown(2)
        self._thread.join()
        self._line.close()

    def _emit(self, interface: str, member: str, signature: str, body: tuple[Any, ...]) -> None:
        self._line.send(new_signal(DBusAddress(mpris.PATH, interface=interface), member, signature, body))

    def _serve(self) -> None:
        while True:
            try:
                message = self._line.receive()
            except (OSError, ValueError):
                return
            if message.header.message_type is MessageType.method_call:
                self._answer(message)

    def _answer(self, message: Message) -> None:
        member = message.header.fields[HeaderFields.member]
        match member, message.body:
            case "GetAll", (mpris.PLAYER,):
                answer = new_method_return(message, "a{sv}", (self.properties,))
            case "GetAll", _:
                answer = new_method_return(message, "a{sv}", ({"Fullscreen": ("b", False)},))
            case "Get", (_, "Position"):
                answer = new_method_return(message, "v", (("x", 1500000),))
            case _:
                self.called.append((member, message.body))
                answer = new_method_return(message)
        self._line.send(answer)
