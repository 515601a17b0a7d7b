"""The package on ARM, under qemu's user emulation: what a Raspberry Pi runs, at a tenth of its speed.

Nothing boots here. armv6 (the first Raspberry Pi, the Zero) is not tried: nothing compiled comes with the package.
"""

import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from tests.support.machine_kiosk import ROOT, package
from tests.support.machine_root import PLAYER, debian, laid_over

# The tests' own libraries are Debian's here: hypothesis has compiled parts.
TESTERS = ("python3-pytest", "python3-pytest-timeout", "python3-hypothesis")
WITHIN_S = 3600.0
LIBRARIES = "/usr/lib/kiosk-agent/lib/python3/site-packages"

# Making the system takes a quarter of an hour; the tests inside have their own time limit, which is not for emulation.
pytestmark = [pytest.mark.long, pytest.mark.timeout(2 * WITHIN_S)]

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module", params=["arm64", "armhf"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Runs a command where the package is installed; without a network but its own loopback."""
    base = debian(architecture=request.param, packages=("systemd", *PLAYER, *TESTERS))
    folder = tmp_path_factory.mktemp("arm")
    built = package(folder)
    enter = 'mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; ip link set lo up; exec chroot "$0" env -i "$@"'
    with laid_over(base, folder / "system") as root:
        shutil.copy(built, root / "srv/kiosk-agent.deb")
        for name in ("agent", "tests", "tools", "config"):
            shutil.copytree(ROOT / name, root / "srv/project" / name)
        shutil.copy(ROOT / "pyproject.toml", root / "srv/project")

        def run(*command: str) -> "subprocess.CompletedProcess[str]":
            inside = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "sh", "-c", enter, str(root)]
            environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/root"]
            return subprocess.run(
                [*inside, *environment, *command], capture_output=True, text=True, timeout=WITHIN_S, check=False
            )

        done = run("dpkg", "--install", "/srv/kiosk-agent.deb")
        assert done.returncode == 0, done.stdout + done.stderr
        yield run


def test_every_module_of_the_package_is_imported(run: Run) -> None:
    """A library that has no ARM build would show here, and on no developer's machine."""
    walk = (
        "import importlib, pkgutil, agent; "
        "names = [each.name for each in pkgutil.walk_packages(agent.__path__, 'agent.')]; "
        "[importlib.import_module(name) for name in names]; print(len(names))"
    )
    done = run("/usr/lib/kiosk-agent/bin/python3", "-I", "-c", walk)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 200


def test_the_example_configuration_is_judged_as_elsewhere(run: Run) -> None:
    """The first thing that a person does after installing."""
    done = run("kiosk-agent", "config", "check", "--config", "/srv/project/config/agent.example.toml")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("room", ["kernel", "outbox"])
def test_the_rooms_own_tests_pass(run: Run, room: str) -> None:
    """Floats, big numbers, 32-bit times and SQLite on another processor."""
    marked = ["-m", "not all and not long", "-o", "timeout=1200", "-p", "no:cacheprovider", f"tests/{room}"]
    inside = f'cd /srv/project && PYTHONPATH=/srv/project:{LIBRARIES} exec /usr/bin/python3 -m pytest "$@"'
    done = run("sh", "-c", inside, "sh", *marked)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
