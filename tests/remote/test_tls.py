"""Encrypted connections to a real broker: what must fail does, and says why."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.remote.failures import Failure
from agent.remote.letters import Trouble
from agent.remote.settings import BrokerSettings
from agent.remote.tls import client_context
from tests.support.brokers import Authority, Broker
from tests.support.lines import DESIRED, DEVICE, Caller, device_settings
from tests.support.raw_server import RawServer, certificate


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """With passwords, as in mosquitto.conf."""
    with Broker(tmp_path / "broker") as running:
        yield running


def why(settings: BrokerSettings) -> tuple[Trouble, str]:
    """What the first try says."""
    with Caller(settings) as device:
        told = device.offline()
        return told.trouble, told.text


def test_the_brokers_own_authority_is_enough(broker: Broker, tmp_path: Path) -> None:
    """A fleet with a broker of its own needs no public certificate."""
    with Caller(device_settings(broker, tmp_path, plain=False), [DESIRED]) as device:
        device.online()


@pytest.mark.parametrize("scheme", ["ws", "wss"])
def test_websockets_work_plain_and_encrypted(tmp_path: Path, scheme: str) -> None:
    """Where a customer's firewall lets nothing out but HTTP."""
    encrypted = "protocol websockets\ncafile /etc/mosquitto/kiosk/ca.pem\ncertfile /etc/mosquitto/kiosk/server.pem\n"
    encrypted += "keyfile /etc/mosquitto/kiosk/server.key\n"
    with Broker(tmp_path / "broker", instead={encrypted: "protocol websockets\n"} if scheme == "ws" else {}) as broker:
        settings = replace(
            device_settings(broker, tmp_path, plain=False), url=f"{scheme}://localhost:{broker.websocket_port}/mqtt"
        )
        with Caller(settings, [DESIRED]) as device:
            device.online()


def test_another_authority_is_not_trusted(broker: Broker, tmp_path: Path) -> None:
    """Whoever sits between the kiosk and the broker has a certificate too."""
    other = Authority(tmp_path / "other", name="Other CA")
    trouble, text = why(replace(device_settings(broker, tmp_path, plain=False), ca_file=other.ca_file))
    assert (Trouble.TLS, True) == (trouble, "authority" in text)
    trouble, text = why(replace(device_settings(broker, tmp_path, plain=False), ca_file=None))
    assert (Trouble.TLS, True) == (trouble, "authority" in text)


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    """A certificate of the right authority for another machine is the attack that an authority of one's own invites."""
    authority = Authority(tmp_path / "ca")
    files = authority.issue("elsewhere", hosts="DNS:elsewhere.example.com")
    with _serving(*files) as server:
        settings = BrokerSettings(url=f"mqtts://localhost:{server.port}", client_id=DEVICE, ca_file=authority.ca_file)
        trouble, text = why(settings)
        assert (Trouble.TLS, True) == (trouble, "another name" in text)


@pytest.mark.parametrize(
    ("begins", "ends", "trouble", "word"),
    [
        ("20990101000000Z", "20991231000000Z", Trouble.CLOCK, "clock"),
        ("20010101000000Z", "20011231000000Z", Trouble.TLS, "expired"),
    ],
)
def test_the_clock_is_named(tmp_path: Path, begins: str, ends: str, trouble: Trouble, word: str) -> None:
    """Trap: a kiosk without a battery wakes in the past, and its broker looks like an impostor."""
    context = certificate(tmp_path, begins=begins, ends=ends)
    with RawServer(lambda connection: None, tls=context) as server:
        found, text = why(
            BrokerSettings(url=f"mqtts://127.0.0.1:{server.port}", client_id=DEVICE, ca_file=tmp_path / "cert.pem")
        )
        assert (trouble, True) == (found, word in text)


def test_a_port_without_tls_is_named(broker: Broker, tmp_path: Path) -> None:
    """mqtts:// at the plain port: the most common mistake of a first evening."""
    settings = replace(device_settings(broker, tmp_path, plain=False), url=f"mqtts://localhost:{broker.plain_port}")
    trouble, text = why(settings)
    assert (Trouble.TLS, True) == (trouble, "does not speak TLS" in text)


def test_a_port_with_tls_is_named(broker: Broker, tmp_path: Path) -> None:
    """mqtt:// at the encrypted port: the second most common one."""
    settings = replace(device_settings(broker, tmp_path), url=f"mqtt://localhost:{broker.port}")
    with Caller(settings) as device:
        assert "mqtts://" in device.offline().text


def test_a_certificate_that_is_asked_for_and_missing_is_named(tmp_path: Path) -> None:
    """In TLS 1.3 the handshake succeeds, and the refusal comes after it: it must not look like a bad line."""
    with Broker(tmp_path / "broker", sample="certificates.conf") as broker:
        settings = BrokerSettings(url=f"mqtts://localhost:{broker.port}", client_id=DEVICE, ca_file=broker.ca_file)
        trouble, text = why(settings)
        assert (True, True) == (trouble in (Trouble.TLS, Trouble.REFUSED), "remote.certificate_file" in text)
        files = broker.authority.issue(DEVICE)
        with Caller(replace(settings, certificate_file=files[0], key_file=files[1]), [DESIRED]) as device:
            device.online()
        other = Authority(tmp_path / "other").issue(DEVICE)
        trouble, _ = why(replace(settings, certificate_file=other[0], key_file=other[1]))
        assert trouble in (Trouble.TLS, Trouble.REFUSED)


def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    """Each by its setting, before anything goes over the network; a key with a password is asked for by nobody."""
    settings = BrokerSettings(url="mqtts://localhost", client_id=DEVICE)
    (tmp_path / "empty.pem").touch()
    for wrong in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        for context, name in (
            (client_context(replace(settings, ca_file=wrong)), "remote.ca_file"),
            (client_context(replace(settings, certificate_file=wrong)), "remote.certificate_file"),
        ):
            assert isinstance(context, Failure)
            assert (Trouble.TLS, True) == (context.trouble, name in context.text)


def test_nothing_older_than_tls_12_is_spoken() -> None:
    """And names are checked, whatever the settings."""
    context = client_context(BrokerSettings(url="mqtts://localhost", client_id=DEVICE))
    assert isinstance(context, ssl.SSLContext)
    assert (ssl.TLSVersion.TLSv1_2, True) == (context.minimum_version, context.check_hostname)
    assert ssl.CERT_REQUIRED is context.verify_mode


def _serving(chain: Path, key: Path) -> RawServer:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)

    def behave(connection: socket.socket) -> None:
        connection.recv(100)

    return RawServer(behave, tls=context)
