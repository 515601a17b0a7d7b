"""The units, judged by systemd's own checks: no booted machine is needed for these."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from agent.runtime.watchdog import WATCHDOG_S

UNITS = Path(__file__).resolve().parents[2] / "systemd"
# systemd-analyze's tenths. The player needs the screen, the sound card and the decoders.
AGENT_AT_MOST, PLAYER_AT_MOST, BOTH_AT_MOST = 15, 16, 20

needs_analyze = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def exposure_is_within(folder: Path, unit: str, tenths: int) -> bool:
    """Whether systemd calls the unit no more exposed than that."""
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={tenths}", "--no-pager", f"./{unit}"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


@needs_analyze
@pytest.mark.parametrize("unit", [path.name for path in sorted(UNITS.glob("kiosk-*")) if path.is_file()])
def test_a_unit_has_nothing_that_systemd_does_not_know(unit: str) -> None:
    """A misspelt directive is ignored, on each kiosk, for years. systemd answers 0 even then: its words count."""
    command = ["systemd-analyze", "verify", "--man=no", unit]
    paths = {**os.environ, "SYSTEMD_UNIT_PATH": f"{UNITS}:"}
    done = subprocess.run(command, capture_output=True, text=True, env=paths, check=False)
    said = [line for line in done.stderr.splitlines() if "kiosk" in line]
    assert [] == [line for line in said if not re.search(r"Command /usr/bin/kiosk-\w+ is not executable", line)]


@needs_analyze
def test_the_agent_alone_has_few_rights(tmp_path: Path) -> None:
    """It reads strangers' answers and holds a token: 1.5 or better was promised."""
    shutil.copy(UNITS / "kiosk-agent.service", tmp_path)
    assert exposure_is_within(tmp_path, "kiosk-agent.service", AGENT_AT_MOST)


@needs_analyze
def test_the_player_has_what_devices_need_and_no_more() -> None:
    """It parses strangers' films."""
    assert exposure_is_within(UNITS, "kiosk-player.service", PLAYER_AT_MOST)


@needs_analyze
def test_the_attached_host_has_fewer_rights_than_the_player() -> None:
    """It runs as the kiosk's own user, and looks on."""
    assert exposure_is_within(UNITS, "kiosk-attach.service", AGENT_AT_MOST)


@needs_analyze
def test_one_unit_for_both_has_what_both_need_and_no_more() -> None:
    """The drop-in relaxes the agent's unit; it shall not do so by and by."""
    assert exposure_is_within(UNITS, "kiosk-agent.service", BOTH_AT_MOST)


def test_the_watchdog_waits_as_long_as_the_agent_says_that_a_step_may_take() -> None:
    """Less would restart an agent whose only fault is its card; and nobody would find out why."""
    (found,) = re.findall(r"^WatchdogSec=(\d+)s$", (UNITS / "kiosk-agent.service").read_text(), re.MULTILINE)
    assert WATCHDOG_S == float(found)


FILES = [path for path in sorted(UNITS.rglob("*")) if path.suffix in (".service", ".socket", ".conf")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_directive_has_its_reason_near_it(path: Path) -> None:
    """Whoever loosens one later must know what it was for: no long run of lines is without a comment."""
    uncommented = 0
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        uncommented = 0 if line.startswith("#") or not line.strip() else uncommented + 1
        assert uncommented <= 14, f"{path.name}, line {number}: no reason near it"
