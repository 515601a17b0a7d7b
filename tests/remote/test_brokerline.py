"""The line to a real broker: the traps of edge.md section 5, from the device's side."""

import signal
import socket
from dataclasses import replace
from pathlib import Path

import pytest

from agent.config.remote import Protocol
from agent.remote.letters import Offline, Trouble
from agent.remote.line import Outgoing
from agent.remote.settings import BrokerSettings
from tests.support.brokers import Broker, free_ports
from tests.support.hostile_brokers import CONNACK_5, greeted, to
from tests.support.lines import (
    BASE,
    BOTH,
    DESIRED,
    DEVICE,
    PRESENCE,
    STATE,
    WILL,
    Caller,
    device_settings,
    operator_settings,
    wait_for,
)
from tests.support.raw_server import RawServer


def test_no_broker_at_the_start_is_waited_for(tmp_path: Path) -> None:
    """Trap: connect() with no broker raises. A kiosk boots before its network does."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path)
        broker.stop()
        with Caller(settings) as device:
            assert Trouble.UNREACHABLE is device.offline().trouble
            broker.start()
            device.online()


def test_a_broker_that_restarts_finds_it_back(tmp_path: Path) -> None:
    """An outage is said once, with the next try's time, and is over when the broker is back."""
    with Broker(tmp_path / "broker") as broker, Caller(device_settings(broker, tmp_path), [DESIRED]) as device:
        device.online()
        broker.restart()
        device.online(2)
        first = device.all(Offline)[0]
        assert (Trouble.LOST, 1.0) == (first.trouble, first.retry_in)


@pytest.mark.parametrize("protocol", BOTH)
def test_the_last_will_comes_when_a_broker_loses_the_device(tmp_path: Path, protocol: Protocol) -> None:
    """A device that goes without a word must not look online. Leaving for other settings is such a going too."""
    with Broker(tmp_path / "broker") as broker, Caller(operator_settings(broker, tmp_path), [PRESENCE]) as operator:
        operator.online()
        settings = device_settings(broker, tmp_path)
        with Caller(settings, protocol=protocol, will=WILL) as device:
            device.online().line.publish(Outgoing(PRESENCE, b"birth", retain=True))
            operator.arrived(PRESENCE, b"birth")
            device.line.reconfigure(replace(settings, keepalive_s=61, protocol=protocol))
            operator.arrived(PRESENCE, b"lost")
            device.online(2)


def test_an_orderly_end_says_farewell_and_no_last_will(tmp_path: Path) -> None:
    """Who stops a kiosk for maintenance must not see it reported as lost."""
    with Broker(tmp_path / "broker") as broker, Caller(operator_settings(broker, tmp_path), [PRESENCE]) as operator:
        operator.online()
        device = Caller(device_settings(broker, tmp_path), will=WILL).online()
        device.stop(Outgoing(PRESENCE, b"stopped", retain=True))
        operator.arrived(PRESENCE, b"stopped")
        with Caller(device_settings(broker, tmp_path, name="device-002")) as other:
            other.online()  # what the broker had to say about the first one has been said by now
        assert [b"stopped"] == operator.payloads(PRESENCE)


def test_a_stop_does_not_wait_for_a_broker_that_hangs(tmp_path: Path) -> None:
    """SIGTERM is a courtesy of two seconds: a frozen broker must not spend it."""
    with Broker(tmp_path / "broker") as broker:
        device = Caller(device_settings(broker, tmp_path)).online()
        broker.signal(signal.SIGSTOP)
        device.stop(Outgoing(PRESENCE, b"stopped"))
        broker.signal(signal.SIGCONT)
        assert device.escaped is None


def test_fifty_thousand_publications_without_a_broker_stay_small() -> None:
    """Trap: 50,000 offline publishes take 86 MiB. Each is counted, none is kept."""
    device = Caller(BrokerSettings(url=f"mqtt://127.0.0.1:{free_ports(1)[0]}", client_id=DEVICE))
    device.offline()
    for _ in range(50_000):
        device.line.publish(Outgoing(STATE, b"x" * 1000, retain=True))
        device.line.publish(Outgoing(f"{BASE}/result", b"x" * 1000))
    assert 50_000 == device.line.status.dropped["offline"]
    assert 0 == len(device.line._waiting)
    device.stop()


def test_the_same_identity_twice_backs_off_where_the_broker_does_not_say_so(tmp_path: Path) -> None:
    """A copied card at mosquitto 2.0.11, which sends no 0x8E: the two must not push each other out each second."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path)
        with Caller(settings, chance=lambda: 0.9).online() as first, Caller(settings, chance=lambda: 0.1) as second:
            second.online()
            told = first.offline()
            assert (Trouble.LOST, True) == (told.trouble, told.retry_in > 5)


def test_the_same_identity_twice_is_named_where_the_broker_says_so() -> None:
    """0x8E: more tries cure nothing, and a network is not to blame."""

    def behave(connection: socket.socket) -> None:
        greeted(connection)
        connection.sendall(CONNACK_5)
        connection.sendall(b"\xe0\x02\x8e\x00")
        connection.recv(100)

    with RawServer(behave) as server, Caller(to(server)) as device:
        told = device.offline()
        assert (Trouble.TAKEN_OVER, True) == (told.trouble, told.retry_in >= 30)
        assert "two devices have one identity" in told.text


def test_the_door_for_devices_takes_the_user_for_the_client_id(tmp_path: Path) -> None:
    """Trap: a device must not take another one's connection, whatever client id it claims."""
    with Broker(tmp_path / "broker") as broker:
        victim = device_settings(broker, tmp_path, plain=False)
        thief = replace(device_settings(broker, tmp_path, name="device-002", plain=False), client_id=DEVICE)
        with Caller(victim, [DESIRED]) as device, Caller(thief) as other:
            device.online()
            other.online()
            with Caller(operator_settings(broker, tmp_path)) as operator:
                operator.online().line.publish(Outgoing(DESIRED, b"mine", retain=True))
                device.arrived(DESIRED, b"mine")
            assert [] == device.all(Offline)


def test_a_password_that_was_renewed_is_used_at_the_next_try(tmp_path: Path) -> None:
    """Credentials rotate: nobody may have to restart a thousand agents. The refusal says where to look."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path)
        assert settings.password_file is not None
        settings.password_file.write_text("wrong", encoding="utf-8")
        with Caller(settings) as device:
            told = device.offline()
            assert Trouble.CREDENTIALS is told.trouble
            assert "remote.password_file" in told.text and "wrong" not in told.text
            settings.password_file.write_text("a-password", encoding="utf-8")
            device.line.reconfigure(replace(settings, keepalive_s=61))
            device.online()


def test_a_password_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """The one thing that is wrong is said, not that a broker refused something."""
    with Broker(tmp_path / "broker") as broker:
        settings = replace(device_settings(broker, tmp_path), password_file=tmp_path / "none")
        with Caller(settings) as device:
            told = device.offline()
            assert (Trouble.CREDENTIALS, True) == (told.trouble, "remote.password_file cannot be read" in told.text)


def test_a_line_above_descriptor_1023_works(tmp_path: Path) -> None:
    """Trap: paho's select() silently never connects where a process has more than 1,023 descriptors open."""
    with Broker(tmp_path / "broker") as broker:
        settings = device_settings(broker, tmp_path)
        files = [(tmp_path / "any").open("w", encoding="utf-8") for _ in range(1100)]
        try:
            with Caller(settings, [DESIRED]) as device:
                device.online()
        finally:
            for file in files:
                file.close()


@pytest.mark.all
@pytest.mark.parametrize("protocol", BOTH)
def test_a_connection_that_went_dead_is_noticed(tmp_path: Path, protocol: Protocol) -> None:
    """Trap: half-open lines. The broker hangs, no packet says so; keepalive must. (10 s is the shortest there is.)"""
    with Broker(tmp_path / "broker") as broker:
        settings = replace(device_settings(broker, tmp_path), keepalive_s=2)
        with Caller(settings, protocol=protocol) as device:
            device.online()
            broker.signal(signal.SIGSTOP)
            assert Trouble.LOST is device.offline().trouble
            broker.signal(signal.SIGCONT)
            device.online(2)


def test_the_thread_tells_that_it_lives(tmp_path: Path) -> None:
    """Trap: a network thread that is dead while everything says connected. Its steps can be watched."""
    with Broker(tmp_path / "broker") as broker, Caller(device_settings(broker, tmp_path)) as device:
        status = device.online().line.status
        assert (True, None, "5", 1) == (status.online, status.trouble, status.protocol, status.connects)
        wait_for(lambda: device.line.status.stepped_at > status.stepped_at)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_escapes_from_the_thread_is_not_swallowed() -> None:
    """Trap: an exception that kills the network thread in silence. Here it comes out where the crew sees it."""
    settings = BrokerSettings(url=f"mqtt://127.0.0.1:{free_ports(1)[0]}", client_id=DEVICE)

    class BrokenError(Exception):
        pass

    def broken(run: object) -> None:
        raise BrokenError

    device = Caller(settings, chance=lambda: 0.1)
    device.line._keeper._put = broken
    device.thread.join(20)
    assert isinstance(device.escaped, BrokenError)
