"""The throw-away process that starts libvlc."""

import subprocess
import sys

from agent.player.hostoptions import environment


def _probe(*options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "agent.player.probe", *options]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_probe_says_whether_libvlc_starts() -> None:
    """`vlc.Instance()` is None without an exception where it does not (vlc.md section 1)."""
    status, version = _probe("--no-osd")
    assert (status, version[:2]) == (0, "3.")
    assert _probe("--no-such-option")[0] == 1
