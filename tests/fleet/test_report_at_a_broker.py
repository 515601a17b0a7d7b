"""A fleet's report from the shell, with a real broker and devices that answer with the agent's own code."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.fleet.main import kiosk_fleet
from agent.kernel.totals import NOTHING, By, Totals
from agent.runtime.reporting.slicing import LINES_A_SLICE
from tests.support.brokers import Broker
from tests.support.fleet_crew import Operator, crew, eventually
from tests.support.reporting import own_report
from tools.simulator.crew import Crew
from tools.simulator.device import Traits

pytestmark = pytest.mark.all

IDS = [f"d{number:02}" for number in range(4)]
LINES = LINES_A_SLICE + 7


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def operator(tmp_path: Path, broker: Broker) -> Operator:
    return Operator(tmp_path, broker)


def fleet(lines: int = LINES) -> list[Traits]:
    return [Traits(id, ("lobby",) if id < IDS[2] else (), lines=lines + number) for number, id in enumerate(IDS)]


def standing(operator: Operator) -> dict[str, str]:
    """How the devices stand of which the broker has presence and report."""
    done = CliRunner().invoke(kiosk_fleet, ["status", "--json", *operator.arguments])
    found = json.loads(done.stdout)["devices"] if done.stdout else []
    return {each["id"]: each["standing"] for each in found if each["reported"] is not None}


@contextmanager
def present(folder: Path, broker: Broker, operator: Operator, lines: int = LINES) -> Iterator[Crew]:
    """Devices whose presence and report an operator sees: what a device has sent is not at the broker yet."""
    with crew(folder, broker, fleet(lines)) as devices:
        eventually(lambda: standing(operator) == dict.fromkeys(IDS, "online"), "all there")
        yield devices


def report(operator: Operator, *words: str) -> Result:
    done = CliRunner().invoke(kiosk_fleet, ["report", *words, *operator.arguments])
    assert not isinstance(done.exception, Exception), done.exception
    return done


def rows(found: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.stdout, newline="")))


def own(devices: Crew, *ids: str) -> Totals:
    """What those devices would report themselves."""
    ledgers = [device.ledger for device in devices.devices if device.traits.id in (ids or IDS)]
    return sum((own_report(ledger, ()).whole for ledger in ledgers), NOTHING)


def told(found: Result) -> tuple[int, int, int]:
    """Plays, milliseconds and deliveries in a sheet."""
    return (
        sum(int(row["plays"]) for row in rows(found)),
        sum(round(float(row["seconds"]) * 1000) for row in rows(found)),
        sum(int(row["delivered"]) for row in rows(found)),
    )


@pytest.mark.parametrize("by", ["entry,site,device,day", "display"])
def test_fleet_by_any_grouping_is_what_its_devices_would_report(
    tmp_path: Path, broker: Broker, operator: Operator, by: str
) -> None:
    """Over slices that go through a broker."""
    with present(tmp_path, broker, operator) as devices:
        found = report(operator, "--by", by, "--csv")
        assert 0 == found.exit_code, found.stderr
        whole = own(devices)
        assert (whole.plays, whole.ms, whole.delivered) == told(found)
        assert "4 of 4 devices complete." in found.stderr
        lobby = own(devices, *IDS[:2])
        assert lobby.plays == told(report(operator, "--by", by, "--csv", "--group", "lobby"))[0]


def test_collection_that_is_killed_goes_on_and_counts_each_line_once(
    tmp_path: Path, broker: Broker, operator: Operator
) -> None:
    """An operator's machine is closed in the evening, at any moment."""
    kept = tmp_path / "november"
    words = ["--by", "device,day", "--resume", str(kept), "--at-once", "1", "--csv"]
    with present(tmp_path, broker, operator) as devices:
        for lines in (2, 4, 6):
            _killed(operator, words, kept, lines)
        found = report(operator, *words)
        assert 0 == found.exit_code, found.stderr
        whole = own(devices)
        assert (whole.plays, whole.ms, whole.delivered) == told(found)
        counted = [json.loads(line) for line in kept.read_text().splitlines()[1:]]
        assert len(counted) == len({(each["device"], each["slice"]["after"]) for each in counted})


def _killed(operator: Operator, words: Sequence[str], kept: Path, lines: int) -> None:
    """Run the command until so many lines are kept, and kill it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "agent.fleet.main", "report", *words, *operator.arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    eventually(lambda: _lines(kept) >= lines or process.poll() is not None, "begun", seconds=90)
    process.kill()
    process.wait(60)


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


def test_devices_that_are_away_are_named_and_asked_when_they_are_back(
    tmp_path: Path, broker: Broker, operator: Operator
) -> None:
    """With the same command; and one that the list has and nobody ever heard of is missing."""
    listed = "id,site\n" + "".join(f"{id},\n" for id in [*IDS, "d99"])
    (tmp_path / "devices.csv").write_text(listed)
    words = ["--json", "--resume", str(tmp_path / "kept"), "--inventory", str(tmp_path / "devices.csv")]
    with present(tmp_path, broker, operator, 50) as devices:
        devices.devices[-1].vanish()
        eventually(lambda: "online" != standing(operator).get(IDS[-1]), "away")
        found = json.loads(report(operator, *words).stdout)
        assert {"d99": ("missing", 0.0), IDS[-1]: ("offline", 0.0)} == _wanting(found)
        assert own(devices, *IDS[:-1]).plays == found["total"]["plays"]
    with present(tmp_path, broker, operator, 50) as devices:
        found = json.loads(report(operator, *words).stdout)
        assert {"d99": ("missing", 0.0)} == _wanting(found)
        assert own(devices).plays == found["total"]["plays"]
        assert (own(devices).estimated, 4) == (sum(each["estimated"] for each in found["devices"]), found["complete"])


def _wanting(found: dict[str, Sequence[dict[str, object]]]) -> dict[object, object]:
    return {each["device"]: (each["status"], each["percent"]) for each in found["devices"] if each["percent"] != 100}


def test_days_of_a_fleet_add_up_to_all_of_it(tmp_path: Path, broker: Broker, operator: Operator) -> None:
    """A report of each half is a report of the whole."""
    with present(tmp_path, broker, operator) as devices:
        days = sorted({str(key[0]) for device in devices.devices for key in own_report(device.ledger, (By.DAY,)).rows})
        middle = days[len(days) // 2]
        whole = report(operator, "--by", "day,device", "--csv")
        first = report(operator, "--by", "day,device", "--csv", "--to", days[len(days) // 2 - 1])
        second = report(operator, "--by", "day,device", "--csv", "--from", middle)
        assert rows(whole) == [*rows(first), *rows(second)]
        assert own(devices).plays == told(whole)[0]
