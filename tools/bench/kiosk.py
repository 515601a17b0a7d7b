"""An agent of which things are measured: a real process with real libvlc, the demo's clips, and the collector.

Contract: `kiosk(python, folder, collector, loop=…)` starts one and ends it; `wait` asks it for its status, as
`kiosk-agent status` does, until that says what is waited for.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.runtime.control import ControlError, ask
from tools.demo.clips import CLIPS
from tools.standin.server import Collector

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
ENTRIES = ("0_welcome1", "0_lobby001", "0_goodbye1")


class BenchError(Exception):
    """The agent did not do what was to be measured; the text holds its log."""


@dataclass(frozen=True, slots=True)
class Kiosk:
    """A running agent. `began`: the monotonic second at which it was executed."""

    process: "subprocess.Popen[bytes]"
    state: Path
    log: Path
    began: float

    def wait(self, done: Callable[[dict[str, Any]], bool], *, every_s: float) -> tuple[float, dict[str, Any]]:
        """Wait until `done` holds: (seconds since the start, the status). Raises BenchError."""
        while self.process.poll() is None and time.monotonic() - self.began < PATIENCE_S:
            try:
                status = ask(self.state, "status")
                if done(status):
                    return time.monotonic() - self.began, status
            except ControlError:
                pass
            time.sleep(every_s)
        raise BenchError(f"the agent did not get there:\n{self.log.read_text()}")


@contextmanager
def kiosk(
    python: Path, folder: Path, media: Path, collector: Collector, *, loop: bool, more: str = ""
) -> Iterator[Kiosk]:
    """An agent on the demo's clips in `media`, with its state in `folder`, run by `python` from this checkout.

    `more`: further tables of its configuration.
    """
    folder.mkdir()
    config, log = folder / "agent.toml", folder / "agent.log"
    items = "".join(
        f'[[player.playlist]]\nuri = "{(media / clip.name).as_uri()}"\nentry_id = "{entry}"\n'
        for clip, entry in zip(CLIPS, ENTRIES, strict=True)
    )
    config.write_text(
        f'{more}[device]\nid = "device-001"\n[kaltura]\nservice_url = "{collector.url}"\npartner_id = 102\n'
        f"[player]\nheadless = true\nloop = {str(loop).lower()}\n{items}"
    )
    command = [
        str(python),
        "-m",
        "agent.cli.main",
        "run",
        "--config",
        str(config),
        "--state-dir",
        str(folder / "state"),
    ]
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment()
        )
    try:
        yield Kiosk(process, folder / "state", log, began)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def environment() -> dict[str, str]:
    """Ours, without what would change what is measured."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
