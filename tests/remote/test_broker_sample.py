"""config/mosquitto as it is handed out: who may come in, and what each may do."""

import signal
import socket
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.remote import Protocol
from agent.remote.letters import Online, Trouble
from agent.remote.line import Outgoing
from agent.remote.settings import BrokerSettings
from agent.remote.topics import Device, Fleet, Group, Topics
from tests.support.brokers import Broker
from tests.support.lines import DEVICE, Caller, device_settings, operator_settings

TOPICS = Topics("kiosk")
OTHER = "device-002"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Broker:
    """One for all: what is retained by one test is another device's."""
    return Broker(tmp_path_factory.mktemp("broker"))


@pytest.fixture(scope="module", autouse=True)
def _stopped(broker: Broker) -> object:
    yield
    broker.stop()


def published(broker: Broker, folder: Path, topic: str, payload: bytes) -> None:
    """By an operator, to be found later."""
    with Caller(operator_settings(broker, folder), [topic]) as operator:
        operator.online().line.publish(Outgoing(topic, payload, retain=True))
        operator.arrived(topic, payload)


def test_nobody_comes_in_without_credentials(broker: Broker) -> None:
    """At any door."""
    for port in (broker.port, broker.operator_port):
        with Caller(
            BrokerSettings(url=f"mqtts://localhost:{port}", client_id="anybody", ca_file=broker.ca_file)
        ) as anybody:
            assert Trouble.CREDENTIALS is anybody.offline().trouble


def test_a_device_has_no_way_in_at_the_operators_door(broker: Broker, tmp_path: Path) -> None:
    """A stolen kiosk has its own credentials, and no others."""
    settings = device_settings(broker, tmp_path, plain=False)
    with Caller(replace(settings, url=f"mqtts://localhost:{broker.operator_port}")) as thief:
        assert Trouble.CREDENTIALS is thief.offline().trouble


def test_a_device_reads_what_is_meant_for_it(broker: Broker, tmp_path: Path) -> None:
    """All that the agent subscribes to is there, and arrives."""
    meant = [TOPICS.desired(level) for level in (Fleet(), Group("lobby"), Device(DEVICE))]
    for topic in meant:
        published(broker, tmp_path, topic, topic.encode())
    with Caller(device_settings(broker, tmp_path, plain=False), [*meant, TOPICS.command(DEVICE)]) as device:
        for topic in meant:
            device.online().arrived(topic, topic.encode())


def test_a_device_reads_nothing_of_another_one(broker: Broker, tmp_path: Path) -> None:
    """Trap: mosquitto grants a subscription that the ACL forbids and delivers nothing: delivery is what is tested."""
    theirs = [TOPICS.desired(Device(OTHER)), TOPICS.state(OTHER), TOPICS.history(Fleet(), 1)]
    for topic in theirs:
        published(broker, tmp_path, topic, b"secret")
    mine = TOPICS.desired(Device(DEVICE))
    published(broker, tmp_path, mine, b"mine")
    with Caller(device_settings(broker, tmp_path, plain=False), ["kiosk/v1/#", "#", *theirs, mine]) as device:
        device.online().arrived(mine, b"mine")
        with Caller(operator_settings(broker, tmp_path)) as operator:
            operator.online().line.publish(Outgoing(theirs[0], b"secret too"))
            operator.line.publish(Outgoing(mine, b"mine too"))
            device.arrived(mine, b"mine too")
        assert set() == {each.topic for each in device.letters if hasattr(each, "topic")} & set(theirs)


@pytest.mark.parametrize(
    "topic",
    [
        TOPICS.desired(Fleet()),
        TOPICS.desired(Device(DEVICE)),
        TOPICS.command(OTHER),
        TOPICS.state(OTHER),
        TOPICS.presence(OTHER),
        TOPICS.history(Fleet(), 1),
        "elsewhere",
    ],
)
def test_a_device_writes_nothing_but_its_own_reports(broker: Broker, tmp_path: Path, topic: str) -> None:
    """One kiosk in the wrong hands must not steer the fleet, nor speak for another one."""
    with Caller(device_settings(broker, tmp_path, plain=False), [TOPICS.presence(DEVICE)]) as device:
        device.online().line.publish(Outgoing(topic, b"{}", retain=True))
        device.declined(topic)
        device.line.publish(Outgoing(TOPICS.presence(DEVICE), b"birth", retain=True))
        device.arrived(TOPICS.presence(DEVICE), b"birth")


def test_a_viewer_sees_reports_and_steers_nothing(broker: Broker, tmp_path: Path) -> None:
    """A dashboard's password is in many hands."""
    broker.add_users({"viewer": "viewers-password"}, role="operators")
    (tmp_path / "viewer").write_text("viewers-password", encoding="utf-8")
    settings = replace(
        operator_settings(broker, tmp_path), user="viewer", client_id="viewer-1", password_file=tmp_path / "viewer"
    )
    state = TOPICS.state(DEVICE)
    with Caller(device_settings(broker, tmp_path, plain=False)) as device:
        device.online().line.publish(Outgoing(state, b"state", retain=True))
        with Caller(settings, ["kiosk/v1/device/+/state"]) as viewer:
            viewer.online().arrived(state, b"state")
            viewer.line.publish(Outgoing(TOPICS.command(DEVICE), b"{}"))
            viewer.declined(TOPICS.command(DEVICE))


def test_the_certificates_variant_knows_a_device_by_its_name(tmp_path: Path) -> None:
    """The common name is user and client id: so the same rights hold, and nobody takes another one's place."""
    with Broker(tmp_path / "broker", sample="certificates.conf") as broker:
        chain, key = broker.authority.issue(DEVICE)
        settings = BrokerSettings(
            url=f"mqtts://localhost:{broker.port}",
            client_id="claims-to-be-another",
            ca_file=broker.ca_file,
            certificate_file=chain,
            key_file=key,
        )
        for protocol in (Protocol.V5, Protocol.V311):
            with Caller(settings, [TOPICS.presence(DEVICE)], protocol=protocol) as device:
                device.online().line.publish(Outgoing(TOPICS.presence(DEVICE), b"birth", retain=True))
                device.arrived(TOPICS.presence(DEVICE), b"birth")
                assert 1 == len(device.all(Online))
        assert f"as {DEVICE} " in broker.log


def test_a_user_that_is_taken_out_is_cut_off_and_a_certificate_renewed_by_a_reload(tmp_path: Path) -> None:
    """A stolen kiosk is shut out now, and no restart throws a thousand others off; the README says so."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path, plain=False)
        with Caller(settings) as device:
            device.online()
            before = served(broker)
            broker.authority.issue("server")
            (tmp_path / "broker" / "devices.passwd").write_text("", encoding="utf-8")
            broker.signal(signal.SIGHUP)
            assert Trouble.CREDENTIALS is device.offline(2).trouble
            assert before != served(broker)


def served(broker: Broker) -> object:
    """Which certificate the broker shows."""
    context = ssl.create_default_context(cafile=broker.ca_file)
    with (
        socket.create_connection(("127.0.0.1", broker.port), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as encrypted,
    ):
        certificate = encrypted.getpeercert()
        assert certificate is not None
        return certificate["serialNumber"]
