"""Where a setup reads and writes.

Contract: paths only; nothing is opened here.
Rules: everything stands below `root`, so that an image can be set up that is mounted somewhere, and a test changes
nothing of its machine.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.config.secrets import SECRETS

GROUP: Final = "kiosk-agent"
"""The agent's group, made by the package: it may read the configuration, and nothing else of ours in /etc."""

ROOT: Final = Path("/")

BOOT_FOLDERS: Final = ("boot/firmware", "boot")
"""Where the boot partition is mounted: since Bookworm, and before."""


@dataclass(frozen=True, slots=True)
class Places:
    """`state`: the agent's state folder."""

    root: Path
    state: Path

    @property
    def folder(self) -> Path:
        """Of the configuration."""
        return self.root / "etc/kiosk-agent"

    @property
    def config(self) -> Path:
        return self.folder / "kiosk-agent.toml"

    @property
    def secrets(self) -> Path:
        """The folder that systemd hands to the service (LoadCredential=)."""
        return self.folder / SECRETS

    @property
    def boots(self) -> tuple[Path, ...]:
        """The folders that a boot partition is mounted at, the likelier one first."""
        return tuple(self.root / name for name in BOOT_FOLDERS)

    @property
    def runtime(self) -> Path:
        """A folder in memory, for secrets that are only tried."""
        return self.root / "run"
