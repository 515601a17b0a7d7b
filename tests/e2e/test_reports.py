"""A real agent's ledger, reported on the kiosk and over a real broker."""

import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.outbox.test_opening import KILLED
from tests.support import media
from tests.support.kiosks import PATIENCE_S, Clip, kiosk
from tests.support.steered import DEVICE, Steered, steered
from tools.standin.server import Collector

pytestmark = pytest.mark.all

PLAYS = 3


def report(kiosk: Steered | Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """`kiosk-agent report` on the kiosk, or on a state folder."""
    state = kiosk if isinstance(kiosk, Path) else kiosk.agent.state
    command = [sys.executable, "-m", "agent.cli.main", "report", *words, "--state-dir", str(state)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)


def fleet_report(kiosk: Steered, *words: str) -> dict[str, Any]:
    """`kiosk-fleet report` at the broker."""
    command = [sys.executable, "-m", "agent.fleet.main", "report", "--json", *words, *kiosk.operator.arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=2 * PATIENCE_S)
    assert 0 == done.returncode, done.stderr + done.stdout
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def until(look: Callable[[], Any], what: str) -> Any:
    """Ask until there is an answer."""
    end = time.monotonic() + 2 * PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < end, f"not {what}"
        time.sleep(0.2)  # between two looks
    return found


def rows(kiosk: Steered, *words: str) -> list[dict[str, str]]:
    done = report(kiosk, *words, "--csv")
    assert 0 == done.returncode, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout, newline="")))


def played(kiosk: Steered) -> list[dict[str, str]] | None:
    """The report, once the list has been played and everything was delivered."""
    found = rows(kiosk)
    done = sum(int(row["plays"]) for row in found) == PLAYS and sum(int(row["delivered"]) for row in found) == PLAYS - 1
    return found if done else None


def test_what_a_kiosk_played_is_reported_there_and_over_the_broker_and_shows_when_it_was_changed(
    tmp_path: Path,
) -> None:
    """From the picture to the operator's sheet: the same numbers, and a chain that cannot be mended by hand."""
    clip = media.clip(2.0)
    items = [Clip(clip, "0_first001"), Clip(clip, "0_second01"), Clip(clip, None)]
    with Collector() as collector, steered(tmp_path, collector, items, player="loop = false") as kiosk:
        kiosk.agent.start()
        kiosk.agent.wait(lambda status: status["remote"]["online"])
        found = until(lambda: played(kiosk), "played and delivered")
        assert ["", "0_first001", "0_second01"] == sorted(row["entry"] for row in found)
        assert {("1", "1", "1")} == {(row["started"], row["completed"], row["plays"]) for row in found}
        assert all(1.5 < float(row["seconds"]) < 2.5 for row in found)
        assert 0 == report(kiosk, "--verify").returncode

        fleet = fleet_report(kiosk, "--by", "entry,day,device")
        mine = json.loads(report(kiosk, "--by", "entry,day", "--json").stdout)
        assert mine["total"] == fleet["total"]
        assert mine["rows"] == [
            {name: value for name, value in row.items() if name != "device"} for row in fleet["rows"]
        ]
        (device,) = fleet["devices"]
        assert (DEVICE, 100.0, PLAYS, mine["chain"]["hash"]) == tuple(
            device[name] for name in ("device", "percent", "lines", "chain_hash")
        )
        assert PLAYS == len(report(kiosk, "--plays", "--json").stdout.splitlines())

        assert 0 == kiosk.agent.end()
        assert found == rows(kiosk)
        kept = f"{device['chain_number']}:{device['chain_hash']}"
        assert 0 == report(kiosk, "--verify", "--against", kept).returncode
        with sqlite3.connect(kiosk.agent.state / "store.db") as database:
            database.execute("DELETE FROM plays WHERE id = 2")
        database.close()
        broken = report(kiosk, "--verify")
        assert 1 == broken.returncode
        assert "from line 2 on" in broken.stdout
        missing = json.loads(report(kiosk, "--json").stdout)
        assert (PLAYS - 1, 1) == (missing["total"]["plays"], missing["missing_lines"])


def test_play_that_was_open_when_the_power_failed_before_the_update_has_the_first_line(tmp_path: Path) -> None:
    """An agent of version 5 was killed in mid-play. (A kill during the update itself: crash/test_kills_of_files.py.)"""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.clip(2.0), "0_new00001")]) as device:
        device.state.mkdir()
        shutil.copy(KILLED, device.state / "store.db")
        device.start()
        device.wait_idle()
        plays = [json.loads(line) for line in report(device.state, "--plays", "--json").stdout.splitlines()]
        first, *others = plays
        assert ("1442c703-82e6-53d0-b510-587f6f87b708", "0_second01", "interrupted", True) == tuple(
            first[name] for name in ("session", "entry", "ending", "started")
        )
        assert {"0_new00001"} == {each["entry"] for each in others}
        assert list(range(1, len(plays) + 1)) == [each["number"] for each in plays]
        assert 0 == report(device.state, "--verify").returncode
        assert 0 == device.end()
