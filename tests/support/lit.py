"""A real kiosk that sees a test's connectors in the kernel's place: /sys/class of its own, in a mount namespace."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.kiosks import Kiosk


class LitKiosk(Kiosk):
    """`connectors`: the folder that is /sys/class/drm to it."""

    @property
    def connectors(self) -> Path:
        return self.folder / "class" / "drm"

    def start(self) -> None:
        """Start a process; where mounting is not allowed the test is skipped."""
        self.connectors.mkdir(parents=True, exist_ok=True)
        unshare = shutil.which("unshare")
        if os.geteuid() != 0 or unshare is None:
            pytest.skip("only root can put another folder in the place of /sys/class")
        inside = [
            unshare,
            "--mount",
            "sh",
            "-c",
            'mount --bind "$0" /sys/class && exec "$@"',
            str(self.folder / "class"),
        ]
        if subprocess.run([*inside, "true"], capture_output=True, timeout=60).returncode:
            pytest.skip("mount namespaces are not allowed here")
        agent = [sys.executable, "-m", "agent.cli.main", "run", "--config", str(self.config), "--state-dir"]
        environment = {**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": "", **self._environment}
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                [*inside, *agent, str(self.state)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=environment,
            )
