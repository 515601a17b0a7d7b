"""SIGKILL at every named step of store and delivery: what reaches the collector."""

from pathlib import Path
from random import Random

import pytest

from tests.crash import recording
from tests.crash.kills import Killing, steps
from tools.standin.server import Collector

pytestmark = pytest.mark.skipif(recording.COMPILER is None, reason=recording.WHY_SKIPPED)

SEED = 2026


def killed(folder: Path, rounds: int, capsys: pytest.CaptureFixture[str], *, every: int = 1) -> None:
    """Kill at each step (or at every few of them) so many times, at moments drawn from a fixed seed."""
    random = Random(SEED)
    with Collector() as collector:
        killing = Killing(folder, collector)
        for _ in range(rounds):
            for name, kill in list(steps(collector.port, random.randint(1, 40)).items())[::every]:
                killing.cycle(name, kill)
        killing.cycle("to the end", "")
        repeated = killing.examine()
    with capsys.disabled():
        lives = ", ".join(f"{number} {name}" for name, number in sorted(killing.reached.items()))
        print(f"\nkills: {killing.reached.total()} lives ({lives}); {6 * killing.plays} events, {repeated} sent again")
    assert killing.reached.total() - killing.reached["to the end"] >= rounds * len(steps(0, 1)) // every // 2


def test_some_steps_killed_once_lose_and_double_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SIGKILL is the shutdown path."""
    killed(tmp_path, 1, capsys, every=4)


@pytest.mark.all
@pytest.mark.timeout(900)
def test_each_step_killed_often_loses_and_doubles_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What happens once in a hundred restarts happens every day in a fleet."""
    killed(tmp_path, 14, capsys)
