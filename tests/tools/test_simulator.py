"""The fleet simulator: that what it finds can be believed."""

from pathlib import Path

import pytest

from tools.simulator.delivery import Account, account
from tools.simulator.main import Churn, simulate
from tools.simulator.memory import slots
from tools.simulator.worker import Task, read


def logged(*numbers: int, id: str = "a") -> list[dict[str, object]]:
    """What a collector has of one device."""
    return [{"referrer": f"kiosk://{id}", "currentPoint": number} for number in numbers]


@pytest.mark.parametrize(
    ("events", "settled", "expected"),
    [
        (logged(0, 1, 2), 3, Account(3, 0, 0, 0)),
        (logged(0, 2), 3, Account(3, 1, 0, 0)),
        (logged(0, 1, 1, 2), 3, Account(3, 0, 1, 0)),
        (logged(1, 0, 2), 3, Account(3, 0, 0, 1)),
        # Sent, and killed before it was remembered: it is there, and nobody may call it lost or too much.
        (logged(0, 1, 2, 3), 3, Account(3, 0, 0, 0)),
        (logged(0, id="b"), 1, Account(1, 1, 0, 0)),
    ],
)
def test_account_finds_what_is_wrong(events: list[dict[str, object]], settled: int, expected: Account) -> None:
    """A simulator that finds nothing because it looks for nothing would be worse than none."""
    assert expected == account(events, {"a": settled})


def test_devices_remember_over_a_kill_of_their_process(tmp_path: Path) -> None:
    """What a killed process had settled must not be sent as something new."""
    (first, second) = slots(tmp_path / "memory", 2, wall=100.0)
    first.delivered, second.starts = 7, 3
    (first, second) = slots(tmp_path / "memory", 2, wall=200.0)
    assert (100.0, 7, 0, 3) == (second.began, first.delivered, second.delivered, second.starts)


@pytest.mark.parametrize("chance", [None, 0.25])
def test_task_reaches_the_process_whole(chance: float | None) -> None:
    """A folder or rate that is lost on the way would be found out by nobody."""
    task = Task(("a", "b"), "mqtt://x", "kiosk", "/tmp/x", None, ("all",), "http://x", 0.5, chance)
    assert task == read(task.text())


def test_fleet_of_twenty_bears_what_happens_to_fleets(tmp_path: Path) -> None:
    """Lost connections, a killed process, documents meanwhile: at the end all are there, and nothing is missing."""
    churn = Churn(3.0, blinks=4, kill_every_s=1.0, push_every_s=1.0)
    found = simulate(tmp_path, churn, devices=20, processes=2, rate=5.0, chance=0.02)
    assert (20, 20) == (found["online"], found["reports"])
    assert found["kills"] >= 1
    events = found["events"]
    assert events["delivered"] > 100
    assert (0, 0) == (events["lost"], events["out_of_order"])


@pytest.mark.all
@pytest.mark.timeout(500)
def test_thousand_devices_bear_what_happens_to_fleets(tmp_path: Path) -> None:
    """The same with as many as a broker is meant to steer, and a restart of the broker amid it."""
    churn = Churn(20.0, blinks=10, kill_every_s=9.0, push_every_s=5.0, broker_restarts=1)
    found = simulate(tmp_path, churn, devices=1000, processes=2, rate=0.2)
    assert (1000, 1000) == (found["online"], found["reports"])
    assert (0, 0) == (found["events"]["lost"], found["events"]["out_of_order"])
    # A fleet that came back in step would be there within the second.
    assert found["peak_connections_a_second"] < 600
