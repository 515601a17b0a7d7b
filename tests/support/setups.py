"""A machine in a folder, for setup: its root, machine id, boot partition, and a systemctl that starts for real."""

import stat
import sys
from pathlib import Path

from agent.runtime.setup.places import Places

MACHINE_ID = "0123456789abcdef0123456789abcdef"
LEAST = '[kaltura]\nservice_url = "https://kaltura.example.com/api_v3"\npartner_id = 102\n'

# What `systemctl` is to a test: it notes what it was told, and has the agent run as the unit does.
_SYSTEMCTL = """#!/bin/sh
echo "$@" >> {root}/systemctl.log
test ! -e {root}/systemctl.fails || {{ echo "Job for kiosk-agent.service failed." >&2; exit 1; }}
case "$*" in
*restart*|*start*)
  test ! -e {root}/agent.pid || kill $(cat {root}/agent.pid)
  DISPLAY= WAYLAND_DISPLAY= {python} -m agent.cli.main run --config {config} --state-dir {state} \\
    >> {root}/agent.log 2>&1 < /dev/null &
  echo $! > {root}/agent.pid ;;
*stop*)
  test ! -e {root}/agent.pid || kill $(cat {root}/agent.pid)
  rm -f {root}/agent.pid ;;
esac
"""


def a_machine(folder: Path) -> Places:
    """The root of a machine on which nothing was set up."""
    for name in ("etc", "run", "boot/firmware", "srv/media", "var/lib"):
        (folder / name).mkdir(parents=True)
    (folder / "etc/machine-id").write_text(f"{MACHINE_ID}\n")
    return Places(folder, folder / "var/lib/kiosk-agent")


def with_systemd(places: Places) -> Path:
    """The folder, for PATH, with a systemctl of the machine's own."""
    (places.root / "run/systemd/system").mkdir(parents=True)
    program = places.root / "usr/bin/systemctl"
    program.parent.mkdir(parents=True)
    text = _SYSTEMCTL.format(root=places.root, python=sys.executable, config=places.config, state=places.state)
    program.write_text(text)
    program.chmod(0o755)
    return program.parent


def told(places: Places) -> list[str]:
    """What systemctl was told."""
    path = places.root / "systemctl.log"
    return path.read_text().splitlines() if path.exists() else []


def mode(path: Path) -> str:
    """The permissions, as chmod takes them."""
    return f"{stat.S_IMODE(path.stat().st_mode):o}"
