"""A kiosk with a VLC of its own: a session bus of an ordinary user, cvlc on it, and kiosk-attach, which follows it.

The test is the agent: it hears on the link what the attached host says.
"""

import grp
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from agent.config.entries import EntryRules
from agent.kernel import signals
from agent.kernel.events import Event
from agent.kernel.session import SessionTracker
from agent.player import wire
from agent.player.link import Connection, Listener
from agent.player.naming import Naming
from agent.player.wire import MediumFound, Message
from tests.support import ordinary
from tests.support.brokers import free_ports
from tests.support.buses import PATIENCE_S, running_bus
from tests.support.players import now, short_folder

T = TypeVar("T", bound=Message)
S = TypeVar("S")
QUIET = ("--quiet", "--vout=vdummy", "--aout=adummy")


class Line:
    """The agent's end of the line. `said`: all signals that came, in order."""

    def __init__(self, path: Path, group: str | None = None) -> None:
        self.path = path
        self.said: list[wire.Said] = []
        self._listener = Listener(path, group)
        self._connection: Connection | None = None
        self._waiting: list[Message] = []

    def meet(self, acknowledged: int = 0, protocol: int = wire.PROTOCOL) -> wire.Hello:
        """Take the host's call."""
        self._connection = self._listener.accept(PATIENCE_S)
        self._waiting = []
        hello = self.hear(wire.Hello)
        self.say(wire.Welcome(protocol, acknowledged))
        return hello

    def hear(self, kind: type[T]) -> T:
        """The next message of a kind; others before it are passed over."""
        until = now() + PATIENCE_S
        assert self._connection is not None
        while now() < until:
            while self._waiting:
                message = self._waiting.pop(0)
                if isinstance(message, wire.Said):
                    self.said.append(message)
                if isinstance(message, kind):
                    return message
            got = self._connection.receive(1.0)
            self._waiting += got if isinstance(got, list) else []
        raise AssertionError(f"no {kind.__name__} after {self.said[-20:]}")

    def hear_signal(self, kind: type[S]) -> S:
        """The next signal of a kind."""
        until = now() + PATIENCE_S
        while now() < until:
            signal = self.hear(wire.Said).signal
            if isinstance(signal, kind):
                return signal
        raise AssertionError(f"no {kind.__name__} after {self.said[-20:]}")

    def hear_of(self, path: Path) -> None:
        """Wait until it was said that this file is in the player."""
        while path.as_uri() not in self.uris():
            self.hear_signal(MediumFound)

    def uris(self) -> list[str]:
        """The addresses of all that was in the player."""
        return [each.signal.uri for each in self.said if isinstance(each.signal, MediumFound)]

    def hear_attached(self, name: str | None) -> wire.Attached:
        """Wait until that player is followed."""
        while (attached := self.hear(wire.Attached)).name != name:
            pass
        return attached

    def say(self, message: wire.ToHost) -> None:
        assert self._connection is not None
        assert self._connection.send(message)

    def hang_up(self) -> None:
        assert self._connection is not None
        self._connection.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._listener.close()

    def events(self) -> list[Event]:
        """What the agent's tracker makes of it."""
        tracker, naming = SessionTracker(), Naming((), EntryRules())
        told: list[Event] = []
        for said in self.said:
            match said.signal:
                case MediumFound(at=at, uri=uri):
                    told += tracker.feed(signals.MediaChanged(at, naming.item(uri).media))
                case wire.MediumSet():
                    pass
                case signal:
                    told += tracker.feed(signal)
        return told


class Site:
    """The kiosk in `folder`; `address`: its session bus."""

    def __init__(self, folder: Path, address: str) -> None:
        self._environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "DBUS_SESSION_BUS_ADDRESS": address,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._processes: list[subprocess.Popen[bytes]] = []
        group = grp.getgrgid(ordinary.ids()[1]).gr_name
        self.agent = Line(folder / "player.sock", group if os.geteuid() == 0 else None)
        self.folder = folder
        self.secret = folder / "vlc-password"

    def vlc(self, *arguments: str | Path) -> "subprocess.Popen[bytes]":
        """Start a cvlc, as the kiosk's user does; its films are made readable for him, whatever our umask."""
        for each in arguments:
            if isinstance(each, Path):
                for path, mode in ((each.parent, 0o055), (each, 0o044)):
                    path.chmod(path.stat().st_mode | mode)
        return self._start(["cvlc", *QUIET, *map(str, arguments)], become=ordinary.become())

    def over_http(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The options of a VLC with an HTTP interface, and of a kiosk-attach that asks it; the password is right."""
        (port,) = free_ports(1)
        self.secret.write_text("right\n", encoding="utf-8")
        self.secret.chmod(0o644)
        how = ("--extraintf=http", "--http-host=127.0.0.1", f"--http-port={port}", "--http-password=right")
        return how, ("--source=http", f"--url=http://127.0.0.1:{port}", f"--password-file={self.secret}")

    def attach(self, *options: str) -> wire.Hello:
        """Start kiosk-attach as that user, and take its call."""
        line = [f"--socket={self.agent.path}", *options]
        self._start(ordinary.python("agent.player.attached.host", line), become=None)
        return self.agent.meet()

    def attach_as_root(self) -> wire.Hello:
        """Start kiosk-attach as the tests' own user, root, and take its call."""
        self._start([sys.executable, "-m", "agent.player.attached.host", f"--socket={self.agent.path}"], become=None)
        return self.agent.meet()

    def _start(self, command: Sequence[str], *, become: Callable[[], None] | None) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            command,
            env=self._environment,
            cwd=self.folder,
            preexec_fn=become,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._processes.append(process)
        return process

    def end(self) -> None:
        """Kill what runs."""
        for process in self._processes:
            process.kill()
            process.wait()
        self.agent.close()


@contextmanager
def site() -> Iterator[Site]:
    """A kiosk of an ordinary user's."""
    for program in ("cvlc", "dbus-daemon"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with short_folder() as folder:
        folder.chmod(0o777)
        with running_bus(folder, ordinary.become()) as address:
            kiosk = Site(folder, address)
            try:
                yield kiosk
            finally:
                kiosk.end()
