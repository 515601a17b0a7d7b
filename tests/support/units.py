"""A real player host that is a service of its own, beside a real agent."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from agent.player.link import Listener
from tests.support.kiosks import PATIENCE_S, Clip, Kiosk, kiosk
from tests.support.players import short_folder
from tools.standin.server import Collector


class PlayerUnit:
    """kiosk-player.service: what systemd would start."""

    def __init__(self, path: Path, log: Path) -> None:
        self._path = path
        self.folder = path.parent
        self.log = log
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notified.bind(str(path.with_name("notify")))
        self._environment = {**os.environ, "DISPLAY": "", "NOTIFY_SOCKET": str(path.with_name("notify"))}
        self._told = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> None:
        """Start the host; the one before must have ended."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "agent.player.host", f"--socket={self._path}", "--headless", *more],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self._environment,
            )

    def wait_quiet(self) -> None:
        """Wait until it has played what it has to its end."""
        until = time.monotonic() + PATIENCE_S
        while "nothing to play, waiting for kiosk-agent" != self._status():
            assert time.monotonic() < until, self.log.read_text()

    def _status(self) -> str:
        """What it told systemd last."""
        with suppress(BlockingIOError):
            while True:
                for line in self._notified.recv(4096, socket.MSG_DONTWAIT).decode().splitlines():
                    name, _, value = line.partition("=")
                    self._told = value if name == "STATUS" else self._told
        time.sleep(0.05)  # between two looks
        return self._told

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        assert self._process is not None
        return self._process

    def wait(self) -> int:
        """The exit status of a host that ends."""
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.wait()

    def close(self) -> None:
        if self._process is not None:
            self.kill()
        self._notified.close()


@contextmanager
def unit_kiosk(
    folder: Path, collector: Collector, clips: Sequence[Clip], *, player: str = "loop = false", **options: Any
) -> Iterator[tuple[Kiosk, PlayerUnit]]:
    """An agent and its player's service, neither of which is started."""
    with short_folder() as run:
        environment = {"RUNTIME_DIRECTORY": str(run), **options.pop("environment", {})}
        player = f'host = "unit"\n{player}'
        with kiosk(folder, collector, clips, player=player, environment=environment, **options) as agent:
            unit = PlayerUnit(run / "player.sock", folder / "player.log")
            try:
                yield agent, unit
            finally:
                unit.close()


@contextmanager
def alone(folder: Path) -> Iterator[tuple[Listener, PlayerUnit]]:
    """A player's service, which is not started, and the socket that it dials."""
    with short_folder() as run:
        listener, unit = Listener(run / "player.sock"), PlayerUnit(run / "player.sock", folder / "player.log")
        try:
            yield listener, unit
        finally:
            unit.close()
            listener.close()
