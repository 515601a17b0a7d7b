"""A kiosk installed from its package on a machine that boots, with the collector behind a cable that can be pulled.

The collector runs in a network namespace of its own on the machine, joined to it by a pair of virtual interfaces. It
writes what arrives to a file, which outlives it. `Kiosk.configure` writes a configuration anew and puts the services
back to what the package does; `status` is what `kiosk-agent status --json` says.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import media
from tests.support.kiosks import stories
from tests.support.machine import Machine

ROOT = Path(__file__).resolve().parents[2]
AGENT, PLAYER, INTAKE = "kiosk-agent.service", "kiosk-player.service", "kiosk-agent-intake.socket"
ENTRY = "0_abcd1234"
CONFIG = "/etc/kiosk-agent/kiosk-agent.toml"
SECRETS = "/etc/kiosk-agent/secrets"
STATE = "/var/lib/kiosk-agent"
# Of the collector's recorded fixtures.
TOKEN_ID, TOKEN = "0_8c99gpct", "b0f698cd102f347210d41c9009de1999"
_PACKAGE = "/srv/kiosk-agent.deb"
_RECORD = "/srv/collector/record"
_SERVER, _HERE, _CABLE = "10.98.0.2", "10.98.0.1", "cable"
URL = f"http://{_SERVER}:8911"
# The child player's drop-in, masked: the agent's unit as it is without a player of its own.
_WITHOUT_CHILD = "/etc/systemd/system/kiosk-agent.service.d/50-child-player.conf"
# What one test leaves to the next; in the runtime folder stands how often the agent failed in this boot.
_LEFT_BEHIND = (
    *(f"{STATE}/*", f"{STATE}/.[!.]*", f"{SECRETS}/*", "/run/kiosk-agent/*", "/dev/shm/kiosk-agent*"),
    *(_WITHOUT_CHILD, "/run/systemd/system/kiosk-*.d"),
)


def package(folder: Path) -> Path:
    """The package of this code."""
    command = [sys.executable, "-m", "tools.deb", "--output", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = folder.glob("*.deb")
    return found


def newer(package: Path) -> Path:
    """The same package with a higher version: of an upgrade, what only an upgrade does is left."""
    tree, made = package.with_suffix(".tree"), package.with_name("newer.deb")
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(tree)], check=True)
    control = tree / "DEBIAN" / "control"
    lines = control.read_text().splitlines()
    control.write_text("\n".join(f"{line}+1" if line.startswith("Version:") else line for line in lines) + "\n")
    command = ["dpkg-deb", "-Zgzip", "-z1", "--build", "--root-owner-group", str(tree), str(made)]
    subprocess.run(command, check=True, capture_output=True)
    shutil.rmtree(tree)
    return made


class Kiosk:
    """`machine`: where it is installed."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def install(self, package: Path) -> None:
        """As a person would; everything that it depends on is there."""
        self.machine.put(_PACKAGE, package.read_bytes())
        quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes")
        self.machine.run(*quiet, _PACKAGE)

    def upgrade(self, package: Path) -> None:
        """Install it, made by `next_version`, and see that another version is there then."""
        before = self.version()
        self.install(package)
        assert before != self.version()

    def next_version(self, folder: Path) -> Path:
        """What is installed now, with a higher version; made in `folder`."""
        return newer(Path(shutil.copy(self.machine.root / _PACKAGE.lstrip("/"), folder)))

    def version(self) -> str:
        return self.machine.run("dpkg-query", "--show", "--showformat=${Version}", "kiosk-agent")

    def configure(self, *, clip_s: float = 3.0, player: str = "", more: str = "") -> None:
        """Nothing runs, nothing is queued, nothing arrived; one clip in a loop."""
        run = self.machine.run
        run("systemctl", "stop", INTAKE, AGENT, PLAYER)
        run("sh", "-c", f"rm -rf {' '.join(_LEFT_BEHIND)}")
        run("systemctl", "daemon-reload")
        self.machine.attempt("systemctl", "reset-failed")
        self.plug()
        self.machine.put("/srv/media/clip.mp4", media.silent_clip(clip_s).read_bytes())
        self.machine.put(
            CONFIG,
            f'[device]\nid = "device-001"\n'
            f'[kaltura]\nservice_url = "{URL}"\npartner_id = 102\n{more}\n'
            f"[player]\nheadless = true\n{player}\n"
            f'[[player.playlist]]\nuri = "/srv/media/clip.mp4"\nentry_id = "{ENTRY}"\n',
            mode=0o640,
        )
        run("chgrp", "kiosk-agent", CONFIG)
        # Shorter than a kiosk would want it, so that the tests need not wait for minutes, and no less.
        for unit in (AGENT, PLAYER):
            self.drop_in(unit, "[Service]\nWatchdogSec=20s\nRestartSec=200ms\n")
        run("truncate", "--size=0", _RECORD)

    def drop_in(self, unit: str, content: str, name: str = "90-test") -> None:
        """Further settings of a unit, until the next `configure`."""
        place = f"/run/systemd/system/{unit}.d/{name}.conf"
        self.machine.run("mkdir", "-p", str(Path(place).parent))
        self.machine.run("tee", place, stdin=content)
        self.machine.run("systemctl", "daemon-reload")

    def secret(self, name: str, content: str) -> None:
        """A file that only root can read."""
        self.machine.put(f"{SECRETS}/{name}", content, mode=0o600)

    def use_two_units(self) -> None:
        """The player as a service of its own, as systemd/README.md says."""
        self.machine.run("mkdir", "-p", str(Path(_WITHOUT_CHILD).parent))
        self.machine.run("ln", "-sf", "/dev/null", _WITHOUT_CHILD)
        self.drop_in(PLAYER, "[Service]\nEnvironment=KIOSK_PLAYER_OPTIONS=--headless\n", name="91-headless")

    def start(self, *units: str) -> None:
        """Start them and wait until they are ready."""
        self.machine.run("systemctl", "start", *(units or (AGENT,)))

    def status(self) -> dict[str, Any]:
        """What the agent says of itself; empty where it does not answer."""
        done = self.machine.attempt("kiosk-agent", "status", "--json")
        try:
            found: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            return {}
        return found

    def wait(self, done: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait for a status with which `done` holds."""
        last: dict[str, Any] = {}

        def look() -> bool:
            nonlocal last
            last = self.status()
            return "player" in last and done(last)

        self.machine.wait(look, what)
        return last

    def wait_playing(self, position: float = 0.2) -> None:
        self.wait(lambda status: (status["player"]["position"] or 0.0) > position, "the player plays")

    def events(self) -> list[dict[str, Any]]:
        """What the collector logged, in the order of its arrival."""
        lines = (self.machine.root / _RECORD.lstrip("/")).read_text().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def stories(self) -> list[tuple[str, list[int]]]:
        """Of each session: its entry and the numbers of its events."""
        return stories(self.events())

    def wait_stories(self, done: Callable[[list[tuple[str, list[int]]]], bool], what: str) -> None:
        self.machine.wait(lambda: done(self.stories()), what)

    def pull(self) -> None:
        """The cable is out."""
        self.machine.run("ip", "link", "set", _CABLE, "down")

    def plug(self) -> None:
        self.machine.run("ip", "link", "set", _CABLE, "up")


@contextmanager
def collecting(machine: Machine) -> Iterator[None]:
    """The collector, at the other end of a cable."""
    shutil.copytree(ROOT / "tools" / "standin", machine.root / "srv/collector/tools/standin")
    shutil.copy(ROOT / "tools" / "collector", machine.root / "srv/collector/tools/collector")
    machine.run("touch", _RECORD)
    for words in _cabled():
        machine.run("ip", *words)
    there = ("ip", "netns", "exec", "far")
    options = ["--host=0.0.0.0", "--port=8911", f"--record={_RECORD}", "--quiet"]
    machine.run("systemd-run", "--unit=collector", *there, "python3", "/srv/collector/tools/collector", *options)
    machine.wait(lambda: "8911" in machine.run(*there, "ss", "-Hltn"), "a collector that listens", "collector.service")
    yield
    machine.run("systemctl", "stop", "collector")


def _cabled() -> Sequence[Sequence[str]]:
    there = ("netns", "exec", "far", "ip")
    return (
        ("netns", "add", "far"),
        ("link", "add", _CABLE, "type", "veth", "peer", "name", "far", "netns", "far"),
        ("address", "add", f"{_HERE}/24", "dev", _CABLE),
        ("link", "set", _CABLE, "up"),
        (*there, "address", "add", f"{_SERVER}/24", "dev", "far"),
        (*there, "link", "set", "far", "up"),
        (*there, "link", "set", "lo", "up"),
    )
