"""The broker, as an operator's command uses it: a real mosquitto with the project's sample configuration."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.remote import Protocol
from agent.fleet.broker import BrokerDesk
from agent.fleet.desk import DeniedError, Desk, UnreachableError
from agent.fleet.reading import snapshot
from agent.remote.line import Outgoing
from tests.support.brokers import Broker
from tests.support.fleet import TOPICS
from tests.support.fleet_devices import Device, Fleet, ended, settings


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with Broker(tmp_path_factory.mktemp("broker")) as broker:
        broker.add_users({"viewer": "operators-password"}, role="operators")
        yield broker


@pytest.fixture(autouse=True)
def _clean(broker: Broker, tmp_path: Path) -> Iterator[None]:
    """Nothing is retained from one test to the next."""
    yield
    desk = BrokerDesk(settings(broker, tmp_path, client_id="cleaner"))
    desk.publish(*(Outgoing(topic, b"", retain=True) for topic in snapshot(desk, ["kiosk/v1/#"])))
    desk.close()


@pytest.mark.parametrize("protocol", [Protocol.AUTO, Protocol.V311])
def test_what_is_retained_is_read_again_and_again(broker: Broker, tmp_path: Path, protocol: Protocol) -> None:
    """A publisher reads back what it published, on a topic that it is subscribed to already."""
    desk = BrokerDesk(replace(settings(broker, tmp_path), protocol=protocol))
    checked: Desk = desk
    checked.publish(Outgoing("kiosk/v1/fleet/desired", b"1", retain=True))
    assert {"kiosk/v1/fleet/desired": b"1"} == snapshot(desk, ["kiosk/v1/fleet/desired"])
    assert {"kiosk/v1/fleet/desired": b"1"} == snapshot(desk, ["kiosk/v1/fleet/desired"])
    assert ("5" if protocol is Protocol.AUTO else "3.1.1") == desk.protocol
    desk.close()


def test_operator_who_may_not_publish_is_told(broker: Broker, tmp_path: Path) -> None:
    """PUBACK 135: nothing is in force, and nobody must believe it is."""
    desk = BrokerDesk(settings(broker, tmp_path, user="viewer"))
    with pytest.raises(DeniedError, match="does not let this operator publish on kiosk/v1/fleet/desired"):
        desk.publish(Outgoing("kiosk/v1/fleet/desired", b"1", retain=True))
    desk.close()


def test_wrong_authority_and_wrong_password_are_named(broker: Broker, tmp_path: Path) -> None:
    """Each with its own remedy, in the words of this program's settings."""
    good = settings(broker, tmp_path)
    with pytest.raises(UnreachableError, match="not trusted here: check ca_file"):
        BrokerDesk(replace(good, ca_file=None))
    assert good.password_file is not None
    good.password_file.write_text("wrong\n", encoding="utf-8")
    with pytest.raises(UnreachableError, match=r"does not let this operator in .*check user, password_file"):
        BrokerDesk(good)
    good.password_file.write_text("", encoding="utf-8")
    with pytest.raises(UnreachableError, match="is empty"):
        BrokerDesk(good)


def test_broker_that_dies_is_noticed_while_waiting(tmp_path: Path) -> None:
    """Whoever waits for outcomes must not wait for a broker that is gone."""
    with Broker(tmp_path / "mortal") as mortal:
        desk = BrokerDesk(settings(mortal, tmp_path))
        mortal.kill()
        with pytest.raises(UnreachableError, match="is lost"):
            desk.receive(120)
        desk.close()


def test_second_program_of_the_same_operator_disturbs_nobody(broker: Broker, tmp_path: Path) -> None:
    """The listener for operators leaves the client id to the program."""
    first, second = (BrokerDesk(settings(broker, tmp_path, client_id=f"op-{number}")) for number in (1, 2))
    second.publish(Outgoing("kiosk/v1/fleet/desired", b"1", retain=True))
    assert {"kiosk/v1/fleet/desired": b"1"} == snapshot(first, ["kiosk/v1/fleet/desired"])
    first.close()
    second.close()


def test_push_to_a_fleet_tells_who_applied_refused_and_is_away(broker: Broker, tmp_path: Path) -> None:
    """The issue's own sentence, with processes, TLS, rules and all."""
    fleet = Fleet(broker, tmp_path)
    with ExitStack() as stack:
        for id, manner in (("dev-a", "applies"), ("dev-b", "refuses"), ("dev-c", "applies")):
            stack.enter_context(Device(broker, tmp_path, id, manner=manner))
        operator = BrokerDesk(settings(broker, tmp_path, client_id="by-hand"))
        away = {"v": 1, "online": False, "session": 99, "reason": "lost"}
        operator.publish(Outgoing(TOPICS.presence("dev-c"), json.dumps(away).encode(), retain=True))
        status, out, error = fleet.run("set", "player.volume=50", "--group", "lobby", "--yes", "--json")
        found = json.loads(out)
        verdicts = {each["device"]: each["verdict"] for each in found["devices"]}
        assert (1, "applied", "refused") == (status, verdicts["dev-a"], verdicts["dev-b"]), error
        assert verdicts["dev-c"] in ("offline", "applied")
        status, out, error = fleet.run("do", "next", "--group", "lobby", "--json")
        done = {each["device"]: each["status"] for each in json.loads(out)["devices"]}
        assert {"dev-a": "done", "dev-b": "done", "dev-c": "offline"} == done
        status, out, error = fleet.run("status")
        assert (0, "") == (status, error)
        assert "player.volume: is 900" in out
        operator.close()


def test_two_operators_at_once_leave_one_document(broker: Broker, tmp_path: Path) -> None:
    """Started together on the same level: one is told that it is published, the other that somebody else did it."""
    fleet = Fleet(broker, tmp_path)
    with Device(broker, tmp_path, "dev-a"):
        processes = [
            fleet.start("set", f"player.volume={volume}", "--all", "--yes", "--json") for volume in (10, 20, 30)
        ]
        found = [(status, json.loads(out)) for status, out, _ in map(ended, processes)]
    winners = [report for status, report in found if status == 0]
    losers = [report["error"]["kind"] for status, report in found if status != 0]
    assert winners
    assert {"conflict"} >= set(losers)
    assert len({report["revision"] for report in winners}) == len(winners)
    desk = BrokerDesk(settings(broker, tmp_path))
    (payload,) = snapshot(desk, ["kiosk/v1/fleet/desired"]).values()
    last = max(winners, key=lambda report: report["revision"])
    assert last["revision"] == json.loads(payload)["revision"]
    assert last["changes"][0]["after"] == json.loads(payload)["config"]["player"]["volume"]
    desk.close()


def test_operator_without_rights_gets_one_clear_error(broker: Broker, tmp_path: Path) -> None:
    """A viewer who tries."""
    fleet = Fleet(broker, tmp_path)
    settings(broker, tmp_path, user="viewer")
    status, out, error = fleet.run(
        "set",
        "player.volume=5",
        "--all",
        "--yes",
        "--user",
        "viewer",
        "--password-file",
        str(tmp_path / "viewer.password"),
    )
    assert (1, "") == (status, out)
    assert "Error: The broker does not let this operator publish on kiosk/v1/fleet/history/1" in error
    assert "Traceback" not in error
