"""Simulates a fleet for a while, with what happens to fleets, and says what came of it.

Contract: `simulate` answers the report; `python -m tools.simulator` prints it as JSON, and ends with 1 where anything
was lost. Broker and collector are started here.
Rules: connections are lost every second, processes are killed now and then and come back, documents are published all
the time. Then the fleet has peace, and must come to rest: all there, the last document applied, no event missing.
"""

import argparse
import json
import random
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.bench.drain import collector
from tools.simulator.broker import OPERATOR, SimulationBroker
from tools.simulator.crowd import Crowd
from tools.simulator.delivery import account
from tools.simulator.observer import Observer, observer_settings
from tools.simulator.worker import Task

_PATIENCE_S = 180.0
_DEAD_S = 1.0


@dataclass(frozen=True, slots=True)
class Churn:
    """For `seconds`: so many lost connections a second, a killed process every so many seconds (0: none), as often a
    document for all, and so many restarts of the broker in between."""

    seconds: float
    blinks: int = 0
    kill_every_s: float = 0.0
    push_every_s: float = 5.0
    broker_restarts: int = 0


def simulate(
    folder: Path, churn: Churn, *, devices: int, processes: int, rate: float, chance: float | None = None
) -> dict[str, Any]:
    """Run it; what came of it. `rate`: events a second of each device; `chance`: as in `Task`."""
    ids = tuple(f"sim-{number:04}" for number in range(devices))
    with ExitStack() as stack:
        service = stack.enter_context(collector())
        broker = stack.enter_context(SimulationBroker(folder / "broker", ids))
        remembered = str(folder / "devices")
        password = str(broker.password_file)
        task = Task(ids, broker.url, "kiosk", remembered, password, ("all",), service.url, rate, chance)
        crowd = stack.enter_context(Crowd(task, processes=processes))
        crowd.wait_online(_PATIENCE_S)
        begun = time.time()
        done = _trouble(broker, crowd, churn, processes=processes)
        crowd.wait_online(_PATIENCE_S)
        with _observer(broker) as observer:
            took = observer.push(done["pushes"] + 1, {"log": {"level": "info"}}, devices=devices, seconds=_PATIENCE_S)
            online, reports = _returned(observer, devices), observer.retained()
        crowd.stop()
        with urllib.request.urlopen(f"{service.control}/log") as answer:
            found = account([json.loads(line) for line in answer], crowd.settled)
        return {
            "devices": devices,
            "processes": processes,
            **done,
            "last_push_s": round(max(took), 2),
            "online": online,
            "reports": reports,
            "peak_connections_a_second": crowd.busiest_second(begun),
            "events": {
                "delivered": found.settled,
                "lost": found.lost,
                "doubled": found.doubled,
                "out_of_order": found.out_of_order,
            },
        }


def _trouble(broker: SimulationBroker, crowd: Crowd, churn: Churn, *, processes: int) -> dict[str, int]:
    """What happens to fleets; how often it did."""
    begun = time.monotonic()
    pushes = kills = blinks = restarts = 0
    next_push = churn.push_every_s
    next_kill, next_restart = churn.kill_every_s, churn.seconds / (churn.broker_restarts + 1)
    while (passed := time.monotonic() - begun) < churn.seconds:
        time.sleep(min(1.0, churn.seconds - passed))
        crowd.blink(churn.blinks)
        blinks += churn.blinks
        if passed >= next_push:
            next_push += churn.push_every_s
            pushes += 1
            with _observer(broker) as observer:
                observer.publish(pushes, {"log": {"level": random.choice(["debug", "info", "warning"])}})
        if churn.kill_every_s and passed >= next_kill:
            next_kill += churn.kill_every_s
            kills += 1
            number = random.randrange(processes)
            crowd.kill(number)
            time.sleep(_DEAD_S)
            crowd.start_again(number)
        if restarts < churn.broker_restarts and passed >= next_restart:
            next_restart += churn.seconds / (churn.broker_restarts + 1)
            restarts += 1
            broker.stop()
            broker.start()
    return {"pushes": pushes, "blinks": blinks, "kills": kills, "broker_restarts": restarts}


def _returned(observer: Observer, devices: int) -> int:
    """How many are there once all are, or patience has ended: a process may be told late of a connection to lose."""
    until = time.monotonic() + _PATIENCE_S
    while (online := observer.online()) < devices and time.monotonic() < until:
        time.sleep(0.1)  # between two looks
    return online


def _observer(broker: SimulationBroker) -> Observer:
    settings = observer_settings(broker.operator_url, user=OPERATOR, password_file=broker.password_file)
    return Observer(settings, "kiosk")


def main(arguments: list[str]) -> None:
    """Simulate and print."""
    parser = argparse.ArgumentParser(prog="python -m tools.simulator", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--devices", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--rate", type=float, default=0.2, help="events a second of each device")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long it goes on")
    parser.add_argument("--blinks", type=int, default=2, help="lost connections a second")
    parser.add_argument("--kill-every", type=float, default=10.0, help="seconds between two killed processes; 0: none")
    parser.add_argument("--push-every", type=float, default=5.0, help="seconds between two documents for all")
    parser.add_argument("--broker-restarts", type=int, default=1)
    options = parser.parse_args(arguments)
    churn = Churn(options.seconds, options.blinks, options.kill_every, options.push_every, options.broker_restarts)
    place = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as name:
        report = simulate(Path(name), churn, devices=options.devices, processes=options.processes, rate=options.rate)
    print(json.dumps(report, indent=2))
    bad = report["events"]["lost"] or report["events"]["out_of_order"] or report["online"] < options.devices
    sys.exit(1 if bad else 0)
