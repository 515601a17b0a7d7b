"""A VLC that the kiosk's user starts, kiosk-attach beside it, and a real agent that only looks.

VLC and kiosk-attach run as an ordinary user on a session bus of their own; the agent is whoever runs the tests.
"""

import grp
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support import ordinary
from tests.support.brokers import free_ports
from tests.support.buses import session_bus, wait_until
from tests.support.kiosks import PATIENCE_S, Kiosk
from tests.support.players import short_folder
from tools.standin.server import Collector

PASSWORD = "let-me-in"  # of a VLC that lives for seconds


class Watching(Kiosk):
    """A kiosk whose socket is for the ordinary user's group."""

    def start(self) -> None:
        group = grp.getgrgid(ordinary.ids()[1]).gr_name
        line = ["run", "--config", str(self.config), "--state-dir", str(self.state)]
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.grouped_agent", group, *line],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": "", **self._environment},
            )


class Foreign:
    """What the kiosk's user runs: VLCs, and kiosk-attach. `folder` is readable for him, and writable."""

    def __init__(self, folder: Path, bus: str, *, source: str) -> None:
        self.folder = folder
        self._source = source
        self._environment = {"PATH": os.environ.get("PATH", "/usr/bin"), "HOME": str(folder), "LC_ALL": "C.UTF-8"}
        self._environment |= {"DBUS_SESSION_BUS_ADDRESS": bus} if source == "mpris" else {}
        (self._port,) = free_ports(1)
        self._secret = folder / "password"
        self._secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
        self._hand = folder / "hand"
        self._vlc: subprocess.Popen[bytes] | None = None
        self._host: subprocess.Popen[bytes] | None = None

    def play(self, paths: Sequence[Path], *options: str) -> None:
        """Start cvlc with these media; the one before must have ended."""
        self._hand.unlink(missing_ok=True)
        asked = ["--extraintf=oldrc"]
        if self._source == "http":
            asked = ["--extraintf=oldrc:http", "--http-host=127.0.0.1", f"--http-port={self._port}"]
            asked += [f"--http-password={PASSWORD}"]
        asked += [f"--rc-unix={self._hand}", "--rc-fake-tty"]
        self._vlc = subprocess.Popen(
            ["cvlc", "--quiet", "--vout=vdummy", "--aout=adummy", *asked, *options, *map(str, paths)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self._environment,
            cwd=self.folder,
            preexec_fn=ordinary.become(),
        )

    def order(self, text: str) -> None:
        """Somebody at VLC's own keyboard: pause, seek 20, next ..."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as hand:
            hand.settimeout(PATIENCE_S)
            # Its file is there a moment before somebody listens.
            wait_until(lambda: hand.connect_ex(str(self._hand)) == 0, "VLC's own interface")
            hand.sendall(f"{text}\n".encode())
            hand.shutdown(socket.SHUT_WR)
            while hand.recv(1 << 12):
                continue  # It hangs up once it has read all; not every order is answered.

    def attach(self) -> None:
        """Start kiosk-attach."""
        line = [f"--socket={self.folder / 'player.sock'}", f"--source={self._source}"]
        if self._source == "http":
            line += [f"--url=http://127.0.0.1:{self._port}", f"--password-file={self._secret}"]
        with (self.folder / "attach.log").open("ab") as out:
            self._host = subprocess.Popen(
                ordinary.python("agent.player.attached.host", line),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env={**os.environ, **self._environment},
            )

    def told(self) -> list[tuple[str, str]]:
        """What kiosk-attach shows to whoever looks: its log, and what the process list has of it."""
        assert self._host is not None
        process = Path("/proc", str(self._host.pid))
        places = [self.folder / "attach.log", process / "cmdline", process / "environ"]
        return [(str(each), each.read_bytes().decode(errors="replace")) for each in places]

    def kill_vlc(self) -> None:
        """SIGKILL."""
        assert self._vlc is not None
        self._vlc.kill()
        self._vlc.wait(PATIENCE_S)

    def kill_host(self) -> None:
        """SIGKILL."""
        assert self._host is not None
        self._host.kill()
        self._host.wait(PATIENCE_S)

    def close(self) -> None:
        for process in (self._host, self._vlc):
            if process is not None:
                with suppress(ProcessLookupError):
                    process.kill()
                process.wait(PATIENCE_S)


@contextmanager
def attached_kiosk(
    folder: Path, collector: Collector, *, names: str = "", source: str = "mpris"
) -> Iterator[tuple[Watching, Foreign]]:
    """An agent and what it looks at, of which nothing is started. `names`: the playlist's lines."""
    if shutil.which("cvlc") is None:
        pytest.skip("cvlc is not installed (vlc-bin)")
    with ExitStack() as stack:
        run = stack.enter_context(short_folder())
        run.chmod(0o777)
        bus = stack.enter_context(session_bus(ordinary.become()))
        options: dict[str, Any] = {"player": f'source = "{source}"', "environment": {"RUNTIME_DIRECTORY": str(run)}}
        agent = Watching(folder, collector.url, [], **options)
        agent.config.write_text(agent.config.read_text(encoding="utf-8") + names, encoding="utf-8")
        stack.callback(agent.close)
        foreign = Foreign(run, bus, source=source)
        stack.callback(foreign.close)
        yield agent, foreign


def named(foreign: Foreign, clip: Path, name: str, entry_id: str | None = None) -> tuple[Path, str]:
    """A copy of `clip` that the kiosk's user can read, and the playlist's lines that name its entry."""
    path = foreign.folder / name
    shutil.copy(clip, path)
    path.chmod(0o644)
    return path, f'[[player.playlist]]\nuri = "{path}"\nentry_id = "{entry_id}"\n' if entry_id else ""
