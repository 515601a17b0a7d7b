"""The package's life on a real system: installed, upgraded, downgraded, removed, purged. No collector: what is played
stays in the queue, and so shows whether it is kept."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.outbox.schema import SCHEMA
from tests.support import media
from tests.support.machine import Machine, booted
from tests.support.machine_kiosk import AGENT, CONFIG, SECRETS, STATE, package
from tests.support.machine_root import debian

pytestmark = [pytest.mark.all, pytest.mark.timeout(1800)]

CODE = "/usr/lib/kiosk-agent/lib/python3/site-packages"
NAME = "kiosk-agent"
# Nobody answers there, at once.
SETTINGS = """\
[device]
id = "device-001"
[kaltura]
service_url = "http://127.0.0.1:9"
partner_id = 102
[player]
headless = true
[[player.playlist]]
uri = "/srv/media/clip.mp4"
entry_id = "0_abcd1234"
"""


class Device:
    """A machine to which packages come. `built`: the package of this code."""

    def __init__(self, machine: Machine, built: Path) -> None:
        self.machine = machine
        self.built = built

    def dpkg(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.machine.attempt("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", *words)

    def install(self, package: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """As apt does in the end; dependencies are there."""
        self.machine.put("/srv/kiosk-agent.deb", (package or self.built).read_bytes())
        return self.dpkg("--install", "/srv/kiosk-agent.deb")

    def configure(self) -> None:
        """Before or after the package."""
        self.machine.put("/srv/media/clip.mp4", media.silent_clip(60.0).read_bytes())
        self.machine.put(CONFIG, SETTINGS, mode=0o644)

    def installed_and_playing(self) -> None:
        self.configure()
        assert 0 == (done := self.install()).returncode, done.stderr
        self.wait_playing()

    def wait_playing(self) -> None:
        self.machine.wait(lambda: (self.status().get("player", {}).get("position") or 0) > 0.2, "the player plays")

    def status(self) -> dict[str, Any]:
        """What the agent says of itself; empty where it does not answer."""
        done = self.machine.attempt(NAME, "status", "--json")
        found: dict[str, Any] = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        return found

    def queued(self) -> list[dict[str, Any]]:
        """The events that wait, oldest first."""
        said = json.loads(self.machine.run(NAME, "queue", "list", "--json", "--limit", "1000"))
        return list(said["events"])

    def state(self) -> str:
        """What dpkg thinks of the package: its state and version."""
        return self.machine.attempt("dpkg-query", "-W", "-f=${Status} ${Version}", NAME).stdout

    def files(self) -> set[str]:
        """Everything on the file system but logs, caches and dpkg's own books."""
        ours = ["-path", "/var/log", "-o", "-path", "/var/lib/dpkg", "-o", "-path", "/var/cache", "-o", "-path", "/srv"]
        passing = ["-o", "-path", "/var/lib/systemd", "-o", "-path", "/var/tmp", "-o", "-path", "/etc/.pwd.lock"]
        found = self.machine.run("find", "/", "-xdev", "(", *ours, *passing, ")", "-prune", "-o", "-print")
        return set(found.splitlines())


def variant(package: Path, name: str, version: str, change: Callable[[Path], None] = lambda _tree: None) -> Path:
    """The same package under another version, changed; made once for each name."""
    tree, made = package.with_name(f"{name}.tree"), package.with_name(f"{name}.deb")
    if made.exists():
        return made
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(tree)], check=True)
    control = tree / "DEBIAN" / "control"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {version}", control.read_text(), flags=re.MULTILINE))
    change(tree)
    command = ["dpkg-deb", "-Zgzip", "-z1", "--build", "--root-owner-group", str(tree), str(made)]
    subprocess.run(command, check=True, capture_output=True)
    shutil.rmtree(tree)
    return made


def of_an_older_store(tree: Path) -> None:
    """As if the version before had known a store before."""
    preinst = tree / "DEBIAN" / "preinst"
    preinst.write_text(preinst.read_text().replace(f"SCHEMA={SCHEMA}\n", f"SCHEMA={SCHEMA - 1}\n"))


@pytest.fixture(scope="module", params=[None, pytest.param("trixie", marks=pytest.mark.long)])
def bare(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Device]:
    """A machine without the package."""
    base = debian(request.param)
    folder = tmp_path_factory.mktemp("package")
    with booted(base, folder / "machine") as machine:
        yield Device(machine, package(folder))


@pytest.fixture
def device(bare: Device) -> Iterator[Device]:
    """The same, whatever the test before did."""
    yield bare
    bare.machine.attempt("umount", STATE)
    bare.dpkg("--purge", NAME)
    bare.machine.run("rm", "-rf", "/usr/sbin/policy-rc.d", STATE, "/etc/kiosk-agent")


def test_without_a_configuration_all_is_ready_and_nothing_runs_or_fails(device: Device) -> None:
    """An image is made before anybody knows where the kiosk will stand; a service in a loop would fill its journal."""
    done = device.install()
    assert 0 == done.returncode, done.stderr
    assert "sudo kiosk-agent setup" in done.stderr
    assert "enabled" == device.machine.run("systemctl", "is-enabled", AGENT)
    device.machine.run("systemctl", "start", AGENT)
    assert ("inactive", "0") == tuple(device.machine.shows(AGENT, name) for name in ("ActiveState", "NRestarts"))
    modes = device.machine.run("stat", "-c", "%n %U %G %a", "/etc/kiosk-agent", SECRETS, STATE).splitlines()
    assert [
        "/etc/kiosk-agent root kiosk-agent 750",
        f"{SECRETS} root root 700",
        f"{STATE} kiosk-agent kiosk-agent 750",
    ] == modes
    assert device.machine.run("find", CODE, "-name", "life.cpython-*.pyc"), "byte code is there before the first start"
    assert re.fullmatch(r"kiosk-agent \S+", device.machine.run(NAME, "--version"))
    before, version = device.files(), device.state().split()[-1]
    for _ in range(2):  # as dpkg does after a power cut
        device.machine.run("/var/lib/dpkg/info/kiosk-agent.postinst", "configure", version)
    assert before == device.files()


def test_nothing_of_the_system_or_of_the_folder_is_imported(device: Device) -> None:
    """Another version of a library on the system must not break the kiosk, nor a file in /tmp run as root."""
    device.install()
    trap = "raise SystemExit('imported from outside')\n"
    python = device.machine.run("/usr/bin/python3", "-c", "import sys; print('python3.%d' % sys.version_info[1])")
    places = [f"/usr/local/lib/{python}/dist-packages", "/usr/lib/python3/dist-packages", "/srv/trap"]
    traps = [f"{place}/{name}.py" for place in places for name in ("agent", "click", "structlog", "vlc", "brotli")]
    for each in traps:
        device.machine.put(each, trap)
    try:
        for words in ("kiosk-agent --version", "kiosk-player --help", "kiosk-agent doctor || test $? = 1"):
            variables = "PYTHONPATH=/srv/trap HOME=/srv/trap"
            said = device.machine.run("sh", "-c", f"cd /srv/trap && export {variables} && {{ {words}; }} 2>&1")
            assert "imported from outside" not in said
        assert "ok    libvlc" in said, "the interpreter that doctor starts finds the libraries, too"
    finally:
        device.machine.run("rm", "-rf", *traps)


def test_upgrade_and_the_way_back_keep_queue_and_configuration_and_close_the_play(device: Device) -> None:
    """The kiosks of a fleet are upgraded while they play; and after a bad release an operator goes back at once."""
    device.installed_and_playing()
    version = device.state()
    assert "root kiosk-agent 640" == device.machine.run("stat", "-c", "%U %G %a", CONFIG)
    device.machine.run("sh", "-c", f"echo token > {SECRETS}/app-token && echo '# by hand' >> {CONFIG}")
    configured = device.machine.run("sha256sum", CONFIG, f"{SECRETS}/app-token")
    before, pid = device.queued(), device.machine.main_pid(AGENT)
    done = device.install(variant(device.built, "newer", "9.0"))
    assert 0 == done.returncode, done.stderr
    device.wait_playing()
    assert "install ok installed 9.0" == device.state()
    assert pid != device.machine.main_pid(AGENT)
    assert configured == device.machine.run("sha256sum", CONFIG, f"{SECRETS}/app-token")
    after = device.queued()
    assert [each["sequence"] for each in before] == [each["sequence"] for each in after][: len(before)]
    closings = [each for each in after if each["kind"] == "closed"]
    shown = [device.machine.run(NAME, "queue", "show", str(each["sequence"])) for each in closings]
    assert [True] == ["stopped" in each for each in shown]
    assert 0 == (done := device.install()).returncode, done.stderr
    device.wait_playing()
    assert version == device.state()
    assert [each["sequence"] for each in after] == [each["sequence"] for each in device.queued()][: len(after)]


def test_service_that_was_disabled_stays_so_through_an_upgrade(device: Device) -> None:
    """Whoever switched a kiosk off does not want it to light up one night."""
    device.installed_and_playing()
    device.machine.run("systemctl", "disable", "--now", AGENT)
    assert 0 == device.install(variant(device.built, "newer", "9.0")).returncode
    assert "disabled" == device.machine.attempt("systemctl", "is-enabled", AGENT).stdout.strip()
    assert "inactive" == device.machine.shows(AGENT, "ActiveState")


def test_downgrade_that_could_not_read_the_queue_is_refused_and_the_kiosk_plays_on(device: Device) -> None:
    """A downgrade that wiped the queue would be the loss that all of this is there to prevent."""
    device.installed_and_playing()
    state, pid = device.state(), device.machine.main_pid(AGENT)
    device.machine.run(
        "sh", "-c", f"systemctl restart {AGENT}"
    )  # the store is in its file and not in its journal alone
    device.wait_playing()
    pid, before = device.machine.main_pid(AGENT), device.queued()
    done = device.install(variant(device.built, "older", "0.0.1", of_an_older_store))
    assert 0 != done.returncode
    assert f"format {SCHEMA}, this one knows up to {SCHEMA - 1}" in done.stderr
    assert (state, pid) == (device.state(), device.machine.main_pid(AGENT))
    assert before == device.queued()[: len(before)]
    assert device.machine.run("find", CODE, "-name", "life.cpython-*.pyc"), "its byte code is there again"


def test_remove_keeps_queue_and_configuration_and_installing_again_goes_on(device: Device) -> None:
    """`apt remove` is typed by mistake, or to install anew; what was not sent yet must survive it."""
    device.installed_and_playing()
    before = device.queued()
    assert 0 == device.dpkg("--remove", NAME).returncode
    assert 0 != device.machine.attempt("systemctl", "is-active", AGENT).returncode
    assert "" == device.machine.run("sh", "-c", "find /usr/lib/kiosk-agent 2>/dev/null || true")
    assert CONFIG == device.machine.run("ls", CONFIG)
    assert 0 == device.install().returncode
    device.wait_playing()
    assert [each["sequence"] for each in before] == [each["sequence"] for each in device.queued()][: len(before)]


def test_purge_leaves_nothing_of_ours_and_takes_nothing_else(device: Device) -> None:
    """A machine that gets another job must be as it was; and nobody's files must go with us."""
    device.machine.run("groupadd", "--force", "--system", "video")
    for group in ("render", "audio", "input"):  # the system's, whoever makes them first
        device.machine.run("groupadd", "--force", "--system", group)
    before, groups = device.files(), device.machine.run("cut", "-d:", "-f1", "/etc/group")
    device.installed_and_playing()
    device.machine.run("sh", "-c", f"echo token > {SECRETS}/app-token")
    done = device.dpkg("--purge", NAME)
    assert 0 == done.returncode, done.stderr
    assert "removing the queue (/var/lib/kiosk-agent)" in done.stderr
    assert (set(), set()) == (device.files() - before, before - device.files())
    assert groups == device.machine.run("cut", "-d:", "-f1", "/etc/group")
    assert 0 != device.machine.attempt("getent", "passwd", NAME, "kiosk-player").returncode
    assert 0 == device.dpkg("--purge", NAME).returncode, "a second time, too"


def test_purge_empties_a_data_partition_and_leaves_it_mounted(device: Device) -> None:
    """A read-only kiosk keeps its queue on a partition; purging must not fail there, nor look beyond it."""
    device.machine.run("mkdir", "-p", STATE)
    device.machine.run("mount", "-t", "tmpfs", "tmpfs", STATE)
    device.install()
    device.machine.run("mkdir", f"{STATE}/below", f"{STATE}/deep")
    device.machine.run("mount", "-t", "tmpfs", "tmpfs", f"{STATE}/below")
    device.machine.run("touch", f"{STATE}/below/of-somebody", f"{STATE}/deep/ours")
    try:
        done = device.dpkg("--purge", NAME)
        assert 0 == done.returncode, done.stderr
        assert "stays" in done.stderr
        assert ["below", "of-somebody"] == device.machine.run(
            "find", STATE, "-mindepth", "1", "-printf", "%f\n"
        ).split()
    finally:
        device.machine.run("umount", f"{STATE}/below")


def test_policy_of_an_image_builder_is_kept(device: Device) -> None:
    """pi-gen and debootstrap forbid services to start while an image is made."""
    device.machine.put("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n", mode=0o755)
    device.configure()
    assert 0 == device.install().returncode
    assert "inactive" == device.machine.shows(AGENT, "ActiveState")
    assert "enabled" == device.machine.run("systemctl", "is-enabled", AGENT)
