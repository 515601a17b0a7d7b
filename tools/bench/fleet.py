"""How a broker and 1,000 devices bear a push to all of them, and a restart of the broker.

Contract: one mosquitto, one collector, and simulated devices in a few processes (tools.simulator): all on this machine,
which is therefore slower than each of the parts. Figures:
- push: from publishing a document for the fleet until each device's report that it is applied has come back;
- restart: the broker ends and starts again; until all are back, the most connections that it was asked for in one
  second, and what was lost: reports, a document published before they were back, events;
- in step: the same restart with a fleet whose devices have no chance in their waits. This machine cannot dial as fast
  as they then want to, so beside what the broker saw stands what the devices meant to do ("planned").
Rules: the devices' documents, connections, waits and deliveries are the agent's own code.

Run: python -m tools.bench.fleet [--devices 1000] [--quick] [--json]
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tools.bench.drain import collector
from tools.simulator.broker import OPERATOR, SimulationBroker
from tools.simulator.crowd import Crowd
from tools.simulator.delivery import account
from tools.simulator.observer import Observer, observer_settings
from tools.simulator.worker import Task

DEVICES = 1000
PROCESSES = 2
RATE = 0.1
PUSHES = 3
PATIENCE_S = 120.0
# Within a second after the start, and within two after a loss: what a fleet without chance does.
IN_STEP = 0.2


def shared_memory() -> Path | None:
    """Where files cost no disk; None: wherever temporary files are."""
    place = Path("/dev/shm")
    return place if os.access(place, os.W_OK) else None


@contextmanager
def observed(broker: SimulationBroker) -> Iterator[Observer]:
    """The operator; a restart of the broker ends the connection, so each part has one of its own."""
    settings = observer_settings(broker.operator_url, user=OPERATOR, password_file=broker.password_file)
    with Observer(settings, "kiosk") as observer:
        yield observer


def restarted(broker: SimulationBroker, crowd: Crowd, *, devices: int, revision: int) -> dict[str, Any]:
    """A restart of the broker, with a document published before anybody is back."""
    lost = time.time()
    broker.stop()
    deadline = time.monotonic() + PATIENCE_S
    while crowd.online and time.monotonic() < deadline:
        time.sleep(0.02)
    begun = time.time()
    broker.start()
    with observed(broker) as observer:
        took = observer.push(revision, {"log": {"level": "info"}}, devices=devices, seconds=PATIENCE_S, at_once=True)
        crowd.wait_online(PATIENCE_S)
        back = time.time() - begun
        kept = observer.retained()
    return {
        "all_back_s": round(back, 2),
        "all_applied_s": round(max(took), 2),
        "peak_connections_a_second": crowd.busiest_second(begun),
        "peak_planned_a_second": crowd.busiest_second(lost, "plan"),
        "tries": sum(each.what == "try" and each.at >= begun for each in crowd.events),
        "reports_lost": devices - kept,
    }


def fleet(folder: Path, *, devices: int) -> dict[str, Any]:
    """All figures."""
    ids = tuple(f"sim-{number:04}" for number in range(devices))
    found: dict[str, Any] = {"devices": devices, "processes": PROCESSES}
    with collector() as service, SimulationBroker(folder / "broker", ids) as broker:
        task = Task(
            ids, broker.url, "kiosk", str(folder / "jittered"), str(broker.password_file), ("all",), service.url, RATE
        )
        begun = time.time()
        with Crowd(task, processes=PROCESSES) as crowd:
            crowd.wait_online()
            found["connect"] = {"peak_connections_a_second": crowd.busiest_second(begun)}
            with observed(broker) as observer:
                pushes = [
                    observer.push(number, {"log": {"level": level}}, devices=devices, seconds=PATIENCE_S)
                    for number, level in enumerate(["debug", "info", "warning"][:PUSHES], start=1)
                ]
            found["push"] = {
                "all_applied_s": round(statistics.median(max(each) for each in pushes), 2),
                "half_applied_s": round(statistics.median(statistics.median(each) for each in pushes), 2),
            }
            found["restart"] = restarted(broker, crowd, devices=devices, revision=100)
            crowd.stop()
            found["events"] = events(service.control, crowd)
        in_step = Task(
            ids, broker.url, "kiosk", str(folder / "in-step"), str(broker.password_file), ("all",), chance=IN_STEP
        )
        with Crowd(in_step, processes=PROCESSES) as crowd:
            crowd.wait_online()
            found["in_step"] = restarted(broker, crowd, devices=devices, revision=200)
            crowd.stop()
    return found


def events(control: str, crowd: Crowd) -> dict[str, int]:
    """What became of the events."""
    with urllib.request.urlopen(f"{control}/log") as answer:
        logged = [json.loads(line) for line in answer]
    found = account(logged, crowd.settled)
    return {
        "delivered": found.settled,
        "lost": found.lost,
        "doubled": found.doubled,
        "out_of_order": found.out_of_order,
    }


def rows(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The figures as rows of README.md's table: what, figure, aim."""
    restart, in_step, lost = found["restart"], found["in_step"], found["events"]
    return [
        (
            f"push to {found['devices']:,} devices, applied and reported by all / by half of them",
            f"{found['push']['all_applied_s']:.1f} / {found['push']['half_applied_s']:.1f} s",
            "10 s",
        ),
        (
            "restart of the broker: all back, and with a document that was published meanwhile",
            f"{restart['all_back_s']:.1f} / {restart['all_applied_s']:.1f} s",
            "",
        ),
        (
            "the most connections in one second then / planned / planned without chance in the waits",
            f"{restart['peak_connections_a_second']:,} / {restart['peak_planned_a_second']:,}"
            f" / {in_step['peak_planned_a_second']:,}",
            "",
        ),
        (
            "reports / events lost, events doubled, out of order",
            f"{restart['reports_lost']} / {lost['lost']}, {lost['doubled']}, {lost['out_of_order']}"
            f" of {lost['delivered']:,}",
            "0",
        ),
    ]


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--devices", type=int, default=DEVICES)
    parser.add_argument("--quick", action="store_true", help="few devices, to see that it works")
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=shared_memory()) as name:
        figures = fleet(Path(name), devices=20 if options.quick else options.devices)
    figures["load_before"] = round(os.getloadavg()[0], 2)
    print(json.dumps(figures, indent=None if options.json else 2))


if __name__ == "__main__":
    main(sys.argv[1:])
