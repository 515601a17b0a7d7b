"""One machine for all tests here: made once, booted once, and the package installed once."""

from collections import Counter
from collections.abc import Iterator

import pytest
from _pytest.terminal import TerminalReporter

from tests.support.machine import booted
from tests.support.machine_kiosk import AGENT, INTAKE, PLAYER, Kiosk, collecting, package
from tests.support.machine_root import debian


@pytest.fixture(scope="session", params=["bookworm", pytest.param("trixie", marks=pytest.mark.long)])
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    """The package on a machine that runs."""
    base = debian(request.param)
    folder = tmp_path_factory.mktemp("machine")
    built = package(folder)
    with booted(base, folder / "machine") as machine, collecting(machine):
        kiosk = Kiosk(machine)
        kiosk.install(built)
        yield kiosk


@pytest.fixture
def kiosk(installed: Kiosk) -> Iterator[Kiosk]:
    """Configured anew, and not started; nothing of it runs afterwards."""
    installed.configure()
    yield installed
    installed.machine.run("systemctl", "stop", INTAKE, AGENT, PLAYER)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say what could not run here, and why, whatever pytest was asked to tell."""
    skipped = [each for each in terminalreporter.stats.get("skipped", []) if each.nodeid.startswith("tests/machine/")]
    reasons = Counter(each.longrepr[2] for each in skipped if isinstance(each.longrepr, tuple))
    for reason, count in reasons.items():
        terminalreporter.write_line(f"tests/machine: {count} not run. {reason}")
