"""Enables, starts and stops the agent's service, where systemd is at work.

Contract: each deed answers None, or what went wrong with the words of systemctl; nothing is raised.
Rules: a unit that is told to start waits until the service says that it is ready (Type=notify), so a fault of the
configuration shows here. At the first boot nothing may be waited for: the service is ordered after us.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.runtime.setup.places import Places

UNIT: Final = "kiosk-agent.service"
# Longer than the unit gives a start (five minutes: a queue that a power cut damaged is repaired first).
WAIT_S: Final = 330.0


@dataclass(frozen=True, slots=True)
class Service:
    """The service of the machine whose `Places` these are."""

    places: Places

    @property
    def is_managed(self) -> bool:
        """Whether systemd is at work here: an image that is only mounted has none."""
        return (self.places.root / "run/systemd/system").is_dir() and shutil.which("systemctl") is not None

    def by_hand(self, state_dir: Path) -> str:
        """What to run where nobody manages services."""
        return f"kiosk-agent run --config {self.places.config} --state-dir {state_dir}"

    def enable(self) -> str | None:
        """From now on it is started with the machine."""
        return _systemctl("enable", UNIT)

    def start(self, *, again: bool) -> str | None:
        """Start it, and wait until it is ready. `again`: one that runs is to read what was written."""
        return _systemctl("restart" if again else "start", UNIT)

    def start_later(self) -> str | None:
        """As `start`, and not waited for."""
        return _systemctl("--no-block", "restart", UNIT)

    def stop(self) -> str | None:
        """Stop it and wait; nothing happens where it does not run."""
        return _systemctl("stop", UNIT)


def _systemctl(*arguments: str) -> str | None:
    command: Sequence[str] = ("systemctl", *arguments)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=WAIT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return f"{' '.join(command)} has not ended within {WAIT_S:.0f} s"
    except OSError as error:
        return f"{' '.join(command)} cannot be run: {error.strerror}"
    if done.returncode == 0:
        return None
    said = " ".join(done.stderr.split()) or f"exit status {done.returncode}"
    return f"{' '.join(command)}: {said}"
