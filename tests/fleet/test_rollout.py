"""A rollout from the shell, with a real broker and devices that run the agent's own code for documents."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agent.fleet.main import kiosk_fleet
from agent.remote.topics import Fleet, Group
from tests.support.brokers import Broker
from tests.support.fleet_crew import Operator, crew, eventually, in_force, own
from tools.simulator.crew import Crew
from tools.simulator.device import Quirk, Traits

pytestmark = pytest.mark.all

IDS = [f"d{number:02}" for number in range(8)]
VOLUME = ("player", "volume")
QUICK = ["--soak", "0.2", "--silent-after", "5", "--within", "120", "--json", "--yes"]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with Broker(tmp_path / "broker") as broker:
        yield broker


@pytest.fixture
def operator(tmp_path: Path, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Operator:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return Operator(tmp_path, broker)


@pytest.fixture
def change(tmp_path: Path) -> Path:
    """What is rolled out."""
    path = tmp_path / "change.toml"
    path.write_text("[player]\nvolume = 30\n")
    return path


def roll(operator: Operator, *words: str) -> dict[str, Any]:
    """Run the command; what it answered, with its exit status."""
    done = CliRunner().invoke(kiosk_fleet, ["rollout", *words, *QUICK, *operator.arguments])
    assert not isinstance(done.exception, Exception), done.exception
    return {**json.loads(done.stdout), "status": done.exit_code}


def healthy(*quirks: tuple[str, Quirk], groups: tuple[str, ...] = ()) -> list[Traits]:
    """Devices, of which some misbehave."""
    odd = dict(quirks)
    return [Traits(id, groups, quirk=odd.get(id)) for id in IDS]


def test_change_reaches_all_in_stages_and_leaves_the_devices_own_documents_as_they_were(
    tmp_path: Path, broker: Broker, operator: Operator, change: Path
) -> None:
    """What an operator had set for one kiosk must survive the rollout, and nothing of it may be left behind."""
    with present(tmp_path, broker, operator, healthy()) as devices:
        operator.publish(Fleet(), 4, {"player": {"volume": 70}})
        operator.publish(own(IDS[0]), 9, {"log": {"level": "debug"}}, groups=["lobby"], note="look into this one")
        eventually(lambda: set(in_force(devices, VOLUME).values()) == {70}, "applied")
        found = roll(operator, str(change), "--all", "--stages", "3,5,100%")
        assert (0, 5, [3, 2, 3]) == (found["status"], found["revision"], found["stages"])
        assert {"healthy": 8} == found["counts"]
        assert {30} == set(in_force(devices, VOLUME).values())
        mine = operator.document(own(IDS[0]))
        assert mine is not None
        assert ({"log": {"level": "debug"}}, ("lobby",), "look into this one") == (mine.tree, mine.groups, mine.note)
        assert {} == operator.retained("rollout/#")


@pytest.mark.parametrize(
    ("quirk", "said"), [(Quirk.REFUSES, "refused"), (Quirk.VANISHES, "silent"), (Quirk.STALLS, "worse")]
)
def test_canary_that_suffers_stops_the_rollout_and_gets_back_what_it_had(
    tmp_path: Path, broker: Broker, operator: Operator, change: Path, quirk: Quirk, said: str
) -> None:
    """The screens of the rest of the fleet never notice."""
    with present(tmp_path, broker, operator, healthy(*[(id, quirk) for id in IDS])) as devices:
        found = roll(operator, str(change), "--all", "--stages", "2,100%")
        # It turns back with the first that suffers; of the other one that may not be known yet.
        assert (1, 1, 2) == (found["status"], found["stage"], sum(found["counts"].values()))
        assert {said} <= {*found["counts"]} <= {said, "pending"}
        eventually(
            lambda: quirk is Quirk.VANISHES or set(in_force(devices, VOLUME).values()) == {None}, "everything is back"
        )
        assert operator.document(Fleet()) is None
        for id in found["failed"]:
            kept = operator.document(own(id))
            assert kept is not None
            assert {} == kept.tree


def test_harm_in_the_last_stage_takes_the_documents_back_for_all(
    tmp_path: Path, broker: Broker, operator: Operator, change: Path
) -> None:
    """Only the large stage meets the odd kiosks; a return must then be for everybody."""
    with present(tmp_path, broker, operator, healthy()) as devices:
        operator.publish(Group("lobby"), 1, {"player": {"volume": 70}})
        operator.publish(Fleet(), 4, {"player": {"volume": 50}})
        eventually(lambda: set(in_force(devices, VOLUME).values()) == {50}, "applied")
        for device in devices.devices[2:]:
            object.__setattr__(device.traits, "quirk", Quirk.REFUSES)
        found = roll(operator, str(change), "--all", "--stages", "2,100%", "--success", "50%")
        assert 1 == found["status"]
        document = operator.document(Fleet())
        assert document is not None
        assert ({"player": {"volume": 50}}, True) == (document.tree, document.revision >= 4)
        eventually(lambda: set(in_force(devices, VOLUME).values()) == {50}, "everything is back")


def test_devices_that_may_fail_do_not_stop_it_and_are_named(
    tmp_path: Path, broker: Broker, operator: Operator, change: Path
) -> None:
    """One broken kiosk of eight must not hold up a fleet that is told to bear it."""
    with present(tmp_path, broker, operator, healthy((IDS[3], Quirk.REFUSES))) as devices:
        found = roll(operator, str(change), "--all", "--stages", "4,100%", "--success", "75%")
        assert (0, [IDS[3]]) == (found["status"], list(found["failed"]))
        assert {IDS[3]: None} == {id: value for id, value in in_force(devices, VOLUME).items() if value != 30}


def test_rollout_to_a_group_leaves_the_others_alone(
    tmp_path: Path, broker: Broker, operator: Operator, change: Path
) -> None:
    """And a group's document is given to its members by the same road."""
    traits = [Traits(id, ("lobby",) if id < IDS[4] else ()) for id in IDS]
    with present(tmp_path, broker, operator, traits) as devices:
        operator.publish(Fleet(), 1, {"player": {"volume": 70}})
        eventually(lambda: set(in_force(devices, VOLUME).values()) == {70}, "applied")
        assert 0 == roll(operator, str(change), "--group", "lobby", "--canary", "25%")["status"]
        assert {id: 30 if id < IDS[4] else 70 for id in IDS} == in_force(devices, VOLUME)


@contextmanager
def present(folder: Path, broker: Broker, operator: Operator, traits: Sequence[Traits]) -> Iterator[Crew]:
    """Devices that the operator sees, all of them: what a device has sent is not at the broker yet."""
    with crew(folder, broker, traits) as devices:
        told = ("device/+/presence", "device/+/state")
        eventually(lambda: len(operator.retained(*told)) == 2 * len(traits), "all told of")
        yield devices


def start(operator: Operator, change: Path, *words: str) -> "subprocess.Popen[str]":
    """The command in a process of its own."""
    command = [sys.executable, "-m", "agent.fleet.main", "rollout", str(change), "--all", "--yes", *words]
    return subprocess.Popen([*command, *operator.arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def killed_in_the_first_stage(operator: Operator, change: Path, devices: Crew) -> None:
    """The operator's machine loses its power while the canaries are watched."""
    process = start(operator, change, "--stages", "3,100%", "--soak", "600")
    eventually(lambda: list(in_force(devices, VOLUME).values()).count(30) == 3, "the canaries have it")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


@pytest.mark.parametrize("keeps_files", [True, False])
def test_killed_rollout_is_put_back_from_any_machine(
    tmp_path: Path, broker: Broker, operator: Operator, change: Path, keeps_files: bool
) -> None:
    """The files of the dead machine are not needed: the broker remembers too."""
    with present(tmp_path, broker, operator, healthy()) as devices:
        operator.publish(own(IDS[0]), 2, {"log": {"level": "debug"}})
        killed_in_the_first_stage(operator, change, devices)
        if not keeps_files:
            (tmp_path / "state").rename(tmp_path / "gone")
        assert (
            2
            == CliRunner().invoke(kiosk_fleet, ["rollout", str(change), "--all", *QUICK, *operator.arguments]).exit_code
        ), "a second rollout beside the first"
        found = roll(operator, "--abort", "--all")
        assert ("it was aborted", 1, []) == (found["why"], found["status"], found["behind"])
        assert {None} == set(in_force(devices, VOLUME).values())
        mine = operator.document(own(IDS[0]))
        assert mine is not None
        assert {"log": {"level": "debug"}} == mine.tree
        assert {} == operator.retained("rollout/#")


def test_killed_rollout_goes_on_with_the_same_devices(
    tmp_path: Path, broker: Broker, operator: Operator, change: Path
) -> None:
    """And a broker that lost its memory with it is made up for by the file."""
    with present(tmp_path, broker, operator, healthy()) as devices:
        killed_in_the_first_stage(operator, change, devices)
        operator.clear("rollout/#")
        # The plan says 600 s of soaking: what is taken up keeps its terms.
        (path,) = (tmp_path / "state").rglob("*.json")
        plan = json.loads(path.read_text())
        plan["plan"]["soak_s"] = 0.2
        path.write_text(json.dumps(plan))
        assert 0 == roll(operator, "--resume", "--all")["status"]
        assert {30} == set(in_force(devices, VOLUME).values())
        assert not path.exists()


def test_other_operators_are_never_overwritten(
    tmp_path: Path, broker: Broker, operator: Operator, change: Path
) -> None:
    """Whoever publishes for the fleet meanwhile wins; whoever changed a single kiosk keeps that."""
    with present(tmp_path, broker, operator, healthy()) as devices:
        process = start(operator, change, "--stages", "3,100%", "--soak", "600", "--json")
        eventually(lambda: list(in_force(devices, VOLUME).values()).count(30) == 3, "the canaries have it")
        canary = next(id for id, value in in_force(devices, VOLUME).items() if value == 30)
        document = operator.document(own(canary))
        assert document is not None
        operator.publish(own(canary), document.revision + 5, {"player": {"volume": 1}})
        operator.publish(Fleet(), 1, {"player": {"volume": 99}})
        found = json.loads(process.communicate(timeout=200)[0])
        assert (1, [canary]) == (process.returncode, found["overtaken"])
        eventually(
            lambda: in_force(devices, VOLUME) == {id: 1 if id == canary else 99 for id in IDS}, "everything is back"
        )


def test_change_that_cannot_be_tried_out_is_refused_before_anything_is_published(
    tmp_path: Path, broker: Broker, operator: Operator, change: Path
) -> None:
    """A setting that the new document leaves out comes from each machine's file, which nobody here can see."""
    with present(tmp_path, broker, operator, healthy()):
        operator.publish(Fleet(), 1, {"player": {"volume": 70}, "log": {"level": "debug"}})
        found = roll(operator, str(change), "--all", "--canary", "1")
        assert (2, True) == (found["status"], "no longer mentions log" in found["error"]["text"])
        assert {} == operator.retained("rollout/#", "device/+/desired")
