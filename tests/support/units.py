"""A real player host that is a service of its own, beside a real agent."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.kiosks import PATIENCE_S, Clip, Kiosk, kiosk
from tests.support.players import short_folder
from tools.standin.server import Collector


class PlayerUnit:
    """kiosk-player.service: what systemd would start."""

    def __init__(self, socket: Path, log: Path, environment: dict[str, str]) -> None:
        self._socket = socket
        self.log = log
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *more: str) -> None:
        """Start the host; the one before must have ended."""
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "agent.player.host", f"--socket={self._socket}", "--headless", *more],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self._environment,
            )

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


@contextmanager
def unit_kiosk(
    folder: Path, collector: Collector, clips: Sequence[Clip], *, player: str = "loop = false", **options: Any
) -> Iterator[tuple[Kiosk, PlayerUnit]]:
    """An agent and its player's service, neither of which is started."""
    with short_folder() as run:
        environment = {"RUNTIME_DIRECTORY": str(run), **options.pop("environment", {})}
        player = f'host = "unit"\n{player}'
        with kiosk(folder, collector, clips, player=player, environment=environment, **options) as agent:
            unit = PlayerUnit(run / "player.sock", folder / "player.log", {**os.environ, "DISPLAY": ""})
            try:
                yield agent, unit
            finally:
                unit.close()
