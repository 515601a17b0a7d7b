"""A real process, killed right after its settings have changed: nothing is lost, and what may be double is counted."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.configuration import write
from tests.support.reconfigured import APPLIED
from tests.support.serving import PATIENCE_S, numbers, settings
from tools.standin.faults import Late
from tools.standin.server import Collector

pytestmark = pytest.mark.all

PLAYS = 1000
KILLS = 8
SLOW = "[kaltura.backlog]\nrate = 0\nbatch_size = 7\n"


class Process:
    """One life of the process."""

    def __init__(self, folder: Path, begin: Path, *, plays: int = 0) -> None:
        command = [sys.executable, "-m", "tests.support.reconfigured", str(folder), str(plays), str(begin)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._wait()

    def apply(self, file: Path) -> None:
        """Returns when it was applied; what was under way is still under way."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{file}\n")
        self._process.stdin.flush()
        self._wait()

    def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        self._process.communicate(timeout=PATIENCE_S)

    def end(self) -> dict[str, Any]:
        """Let it deliver the rest; its account."""
        out, _ = self._process.communicate(timeout=PATIENCE_S)
        found: dict[str, Any] = json.loads(out.splitlines()[-1])
        return found

    def _wait(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip() == APPLIED:
                return
        raise AssertionError(f"it ended: {self._process.wait(PATIENCE_S)}")


def files(folder: Path, texts: Sequence[tuple[str, str]]) -> list[Path]:
    """A file of settings for each address and further lines."""
    found = []
    for number, (url, kaltura) in enumerate(texts):
        settings(folder, url, SLOW, kaltura=kaltura)  # it can be used
        found.append(write(folder, (folder / "agent.toml").read_text()).rename(folder / f"{number}.toml"))
    return found


def hears_more(collector: Collector) -> None:
    """Wait until it does."""
    before = collector.total
    assert collector.wait_for(lambda events: len(events) > before, PATIENCE_S)


def lives(folder: Path, choices: Sequence[Path], *, last: Path, second: Collector) -> dict[str, Any]:
    """Lives that end by SIGKILL as soon as other settings were applied; each begins with those. The last one ends.

    `second`: where the second life sends, which is given the time for it.
    """
    chance = random.Random(20261122)
    process = Process(folder, choices[0], plays=PLAYS)
    for number in range(KILLS):
        if number == 1:
            hears_more(second)
        time.sleep(chance.uniform(0.0, 0.2))  # a random moment is the point
        chosen = choices[(number + 1) % len(choices)]
        process.apply(chosen)
        time.sleep(chance.choice([0.0, 0.0, 0.01, 0.05]))
        process.kill()
        process = Process(folder, chosen)
    process.apply(last)
    return process.end()


def test_address_that_changes_before_each_kill_loses_nothing_and_counts_what_may_be_double(tmp_path: Path) -> None:
    """Only what was under way at a kill may have reached both services, and that many are counted (decision 8)."""
    with Collector() as one, Collector() as other:
        one.fault(Late(15.0))
        other.fault(Late(15.0))
        first, second = files(tmp_path, [(one.url, ""), (other.url, 'event_semantics = "player"')])
        account = lives(tmp_path, [first, second], last=first, second=other)
        there, here = numbers(one.events), numbers(other.events)
    assert set(range(1, PLAYS + 1)) == {*there, *here}
    assert PLAYS == account["delivered"]
    assert {} == account["passed"]
    double = len(there) + len(here) - PLAYS
    assert double <= account["resent"] + account["perhaps_repeated"]
    assert sorted(there) == there
    assert sorted(here) == here
    assert min(len(there), len(here)) > 0


def test_switch_before_each_kill_accounts_for_every_event(tmp_path: Path) -> None:
    """Each was told once or passed over while it was off; at one address a repeat is recognised."""
    with Collector() as collector:
        collector.fault(Late(15.0))
        texts = [(collector.url, ""), (collector.url, "enabled = false"), (f"{collector.url}/", "")]
        on, off, again = files(tmp_path, texts)
        account = lives(tmp_path, [on, again, on, off, on], last=on, second=collector)
        told = numbers(collector.events)
    assert sorted(set(told)) == told
    assert PLAYS == account["delivered"] + account["passed"]["disabled"]
    assert account["delivered"] <= len(told)
    assert len(told) - account["delivered"] <= KILLS * 7, "what was under way at a kill and then passed over"
