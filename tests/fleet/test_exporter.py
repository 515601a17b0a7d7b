"""The exporter: in memory, and as a process beside a real mosquitto with simulated devices."""

import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.fleet import exporter as module
from agent.fleet.desk import UnreachableError
from agent.fleet.exporter import Exporter
from agent.fleet.exporter_inventory import Inventory
from agent.remote.settings import BrokerSettings
from tests.support.brokers import free_ports
from tests.support.fleet import TOPICS, WALL, Exchange, Kiosk, MemoryDesk, birth, run
from tools.simulator.broker import OPERATOR, SimulationBroker
from tools.simulator.crowd import Crowd
from tools.simulator.worker import Task

PATIENCE_S = 120.0
BROKER = BrokerSettings("mqtts://broker.example.com:8884", "fleet-1")
ROOT = Path(__file__).parents[2]
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def wait(done: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until, what
        time.sleep(0.02)  # between two looks; the wait is for `done`


class PacedDesk(MemoryDesk):
    """Does not spin while nothing comes."""

    def receive(self, timeout: float):  # type: ignore[no-untyped-def]
        found = super().receive(timeout)
        if found is None:
            time.sleep(0.001)
        return found


@contextmanager
def running(exchange: Exchange, inventory: Inventory | None = None) -> Iterator[tuple[Exporter, list[str]]]:
    """An exporter on a broker in memory, and what it told."""
    said: list[str] = []
    exporter = Exporter(TOPICS, inventory, wall=lambda: WALL + exchange.clock)

    @contextmanager
    def opener(_settings: BrokerSettings) -> Iterator[MemoryDesk]:
        if exchange.is_down:
            raise UnreachableError("Nobody listens at broker.example.com:8884.")
        desk = PacedDesk(exchange)
        exchange._desks.append(desk)
        yield desk

    thread = threading.Thread(target=exporter.run, args=(BROKER, opener), kwargs={"tell": said.append}, name="exporter")
    thread.start()
    try:
        yield exporter, said
    finally:
        exporter.end()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_what_devices_retain_is_served_and_follows_them() -> None:
    """From the first scrape after the start, and without asking a device."""
    exchange = Exchange()
    Kiosk(exchange, "dev-a")
    Kiosk(exchange, "dev-b", online=False)
    with running(exchange) as (exporter, _):
        wait(lambda: "kiosk_fleet_broker_connected 1" in exporter.page(), "all is read")
        assert 'kiosk_fleet_device_up{device="dev-a"} 1' in exporter.page()
        assert 'kiosk_fleet_device_up{device="dev-b"} 0' in exporter.page()
        exchange.tell(TOPICS.presence("dev-b"), birth(13))
        wait(lambda: 'kiosk_fleet_device_up{device="dev-b"} 1' in exporter.page(), "dev-b came back")


def test_broker_that_is_away_is_told_once_and_what_was_known_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand alerts about devices would hide the one about the broker."""
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.01)
    exchange = Exchange()
    exchange.is_down = True
    with running(exchange) as (exporter, said):
        wait(lambda: bool(said), "told")
        assert "kiosk_fleet_broker_connected 0" in exporter.page()
        Kiosk(exchange, "dev-a")
        exchange.is_down = False
        wait(lambda: "kiosk_fleet_broker_connected 1" in exporter.page(), "connected")
        assert 'kiosk_fleet_device_up{device="dev-a"} 1' in exporter.page()
    assert 1 == len(said)


def test_inventory_is_followed_while_it_runs(tmp_path: Path) -> None:
    """Nobody restarts an exporter because a screen was sold."""
    path = tmp_path / "devices.csv"
    path.write_text("id\ndev-a\ndev-x\n")
    exchange = Exchange()
    Kiosk(exchange, "dev-a")
    with running(exchange, Inventory(path)) as (exporter, _):
        wait(lambda: 'kiosk_fleet_device_up{device="dev-a"} 1' in exporter.page(), "there")
        assert 'kiosk_fleet_device_missing{device="dev-x"} 1' in exporter.page()
        path.write_text("id\ndev-x\n")
        wait(lambda: 'kiosk_fleet_device_retired{device="dev-a"} 1' in exporter.page(), "retired")
        assert "kiosk_fleet_inventory_readable 1" in exporter.page()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--listen", "nonsense"], "an address and a port"),
        (["--listen", "0.0.0.0:9480"], "say --beyond-loopback"),
        (["--inventory", "/nonexistent.csv"], "cannot be read"),
    ],
)
def test_option_that_cannot_be_used_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, options: list[str], words: str
) -> None:
    """Before anything listens."""
    found = run(Exchange(), monkeypatch, "exporter", *options)
    assert (2, True) == (found.exit_code, words in found.stderr)


@contextmanager
def process(broker: SimulationBroker, port: int, inventory: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real command."""
    command = [sys.executable, "-m", "agent.fleet.main", "exporter", "--listen", f"127.0.0.1:{port}"]
    command += ["--url", broker.operator_url, "--user", OPERATOR, "--password-file", str(broker.password_file)]
    with subprocess.Popen([*command, "--inventory", str(inventory)], cwd=ROOT, stderr=subprocess.PIPE) as running:
        try:
            yield running
        finally:
            running.kill()


def scraped(port: int) -> str:
    try:
        with _DIRECT.open(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())
    except (OSError, urllib.error.URLError):
        return ""


def retired(page: str) -> set[str]:
    return set(re.findall(r'device_retired\{device="([^"]*)"\} 1', page))


def kept(page: str) -> int:
    """Of how many devices it is known whether they are there."""
    return sum(int(each) for each in re.findall(r'devices\{standing="(?:online|lost)"\} (\d+)', page))


@pytest.mark.all
def test_real_fleet_is_seen_coming_going_missing_and_retired(tmp_path: Path) -> None:
    """Real mosquitto, real connections, a real scrape; a broker that goes away holds no scrape up."""
    ids = tuple(f"sim-{number:02}" for number in range(12))
    inventory = tmp_path / "devices.csv"
    inventory.write_text("id\n" + "".join(f"{id}\n" for id in (*ids[:10], "never-plugged-in")))
    (port,) = free_ports(1)
    with SimulationBroker(tmp_path / "broker", ids) as broker:
        task = Task(ids, broker.url, "kiosk", str(tmp_path / "devices"), str(broker.password_file), ("all",))
        with Crowd(task, processes=2) as crowd, process(broker, port, inventory) as command:
            crowd.wait_online(PATIENCE_S)
            wait(lambda: 'kiosk_fleet_devices{standing="online"} 10' in scraped(port), "ten are there")
            # What the broker keeps comes one by one: the tenth may be there before the two that are sold.
            wait(lambda: {"sim-10", "sim-11"} == retired(scraped(port)), "two are retired")
            wait(lambda: 'kiosk_fleet_device_missing{device="never-plugged-in"} 1' in scraped(port), "one is missing")
            crowd.kill(0)
            wait(lambda: 'kiosk_fleet_devices{standing="lost"} 5' in scraped(port), "five have lost their power")
            broker.stop()
            wait(lambda: "kiosk_fleet_broker_connected 0" in scraped(port), "the broker is away")
            # A broker that ends in order may say the last wills of all.
            wait(lambda: 10 == kept(scraped(port)), "what was known of the ten is told")
            broker.start()
            crowd.start_again(0)
            wait(lambda: 'kiosk_fleet_devices{standing="online"} 10' in scraped(port), "all are back")
            command.terminate()
            assert 0 == command.wait(PATIENCE_S)
