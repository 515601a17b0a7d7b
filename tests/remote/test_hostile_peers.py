"""Whoever answers at the broker's address: nothing that it sends ends the process or fills its memory."""

import os
import resource
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.remote import Protocol
from agent.remote import connection as connection_module
from agent.remote import dial as dial_module
from agent.remote.connection import Connection
from agent.remote.letters import Arrived, Offline, Online, Trouble
from agent.remote.line import Terms
from agent.remote.settings import BrokerSettings
from agent.remote.transport import Transport
from tests.support.hostile_brokers import CONNACK_5, CONNACK_311, VERSION_5, greeted, to
from tests.support.lines import Caller, wait_for
from tests.support.raw_server import RawServer

Behaviour = Callable[[socket.socket], None]
HUGE = b"\xff\xff\xff\x7f"
DOCUMENT = "kiosk/v1/fleet/desired"


def saying(data: bytes, *, silent: bool = False) -> Behaviour:
    """Read the greeting, say this, and close, or say no more."""

    def behave(connection: socket.socket) -> None:
        greeted(connection)
        connection.sendall(data)
        if silent:
            while connection.recv(4096):
                pass

    return behave


def publish(topic: bytes, payload: bytes, *, qos: int = 0, mid: int = 1) -> bytes:
    """A PUBLISH of 3.1.1."""
    body = struct.pack("!H", len(topic)) + topic + (struct.pack("!H", mid) if qos else b"") + payload
    length, head = len(body), bytearray([0x30 | qos << 1])
    while True:
        length, part = length >> 7, length & 127
        head.append(part | (128 if length else 0))
        if not length:
            return bytes(head) + body


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        os.urandom(4096),
        CONNACK_5[:3],
        b"\x20\x02\x00\x63",
        b"\x20\xff\xff\xff\xff\xff",
        b"\x20\x08\x00\x00\x05\x7f\x00\x00\x00\x00",
        CONNACK_5 + b"\xe0\x01\xff",
        CONNACK_5 + b"\x90\x01\x00",
        CONNACK_5 + b"\x40\x02\x00\x09" + b"\x50\x02\x00\x09" + b"\x62\x02\x00\x09",
        CONNACK_5 + b"\x32\x05\x00\x02\xff\xfe\x00",
        CONNACK_5 + b"\x34\x07\x00\x01a\x00\x01\x00x",
        CONNACK_5 + CONNACK_5 + b"\x30\x00",
        b"\x20\x06\x00\x00\x03\x21\x00\x00",
    ],
)
def test_bytes_that_are_no_mqtt_end_the_connection_and_nothing_else(data: bytes) -> None:
    """A captive portal, a wrong port, a broken gateway: the thread lives, says why, and waits before it tries again."""
    with RawServer(saying(data)) as server, Caller(to(server, protocol=Protocol.V5), ["a"]) as device:
        told = device.offline()
        assert told.retry_in >= 1.0
        assert len(told.text) < 500 and told.text.isprintable()
        assert device.escaped is None


@given(st.binary(max_size=300), st.sampled_from([b"", CONNACK_5, CONNACK_311]), st.sampled_from(Protocol))
def test_no_soup_of_bytes_raises(soup: bytes, first: bytes, protocol: Protocol) -> None:
    """A parser that bytes from outside can make raise is a thread that bytes from outside can end."""
    ours, theirs = socket.socketpair()
    with theirs:
        ours.setblocking(False)
        version = Protocol.V311 if protocol is Protocol.V311 else Protocol.V5
        settings = BrokerSettings(url="mqtt://127.0.0.1", client_id="d")
        connection = Connection(
            settings, Terms(None, ["a"]), run=1, transport=Transport(ours), protocol=version, password=None, now=0.0
        )
        theirs.sendall(first + soup)
        theirs.shutdown(socket.SHUT_WR)
        for _ in range(400):
            connection.readable(0.0)
            connection.tick(0.0)
        connection.close()
        assert connection.failure is not None


def test_a_packet_that_claims_256_megabytes_is_not_waited_for() -> None:
    """paho would gather it; 256 MiB are half of a Raspberry Pi."""

    def behave(connection: socket.socket) -> None:
        greeted(connection)
        connection.sendall(CONNACK_311 + b"\x30" + HUGE)
        with suppress(OSError):
            while True:
                connection.sendall(bytes(65536))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with RawServer(behave) as server, Caller(to(server, protocol=Protocol.V311)) as device:
        told = device.offline()
        assert (Trouble.REFUSED, True) == (told.trouble, "512 KiB" in told.text)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


def test_a_peer_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trap: a port that accepts and is silent, as a broker that hangs does. Half an answer is silence too."""
    monkeypatch.setattr(connection_module, "ANSWER_S", 0.3)
    for data in (b"", CONNACK_5[:2], CONNACK_5):
        with RawServer(saying(data, silent=True)) as server, Caller(to(server), ["a"]) as device:
            told = device.offline()
            assert (Trouble.UNREACHABLE, True) == (told.trouble, "says nothing" in told.text)
            assert [] == device.all(Online)


def test_a_flood_that_no_acknowledgement_holds_back_is_bounded() -> None:
    """A publisher of QoS 0 that runs wild must not fill the main loop's mailbox."""
    message = publish(DOCUMENT.encode(), b"x" * 1000)

    def behave(connection: socket.socket) -> None:
        greeted(connection)
        connection.sendall(CONNACK_311)
        connection.recv(4096)
        connection.sendall(b"\x90\x03\x00\x01\x01")
        for _ in range(2000):
            connection.sendall(message)
        connection.recv(4096)

    with RawServer(behave) as server, Caller(to(server, protocol=Protocol.V311), [DOCUMENT]) as device:
        wait_for(lambda: device.line.status.dropped["too-many"] + len(device.all(Arrived)) >= 2000)
        assert len(device.all(Arrived)) < 1000


def test_a_broker_that_ignores_what_waits_for_us_is_not_read_from() -> None:
    """What is not yet taken in durably stands in memory: 64 messages of it, whatever a broker sends."""

    def behave(connection: socket.socket) -> None:
        greeted(connection)
        connection.sendall(CONNACK_311)
        connection.recv(4096)
        connection.sendall(b"\x90\x03\x00\x01\x01")
        with suppress(OSError):
            for mid in range(1, 1000):
                connection.sendall(publish(DOCUMENT.encode(), b"x" * 10_000, qos=1, mid=mid))
            connection.recv(4096)

    with (
        RawServer(behave) as server,
        Caller(to(server, protocol=Protocol.V311), [DOCUMENT], takes=False) as device,
    ):
        wait_for(lambda: len(device.all(Arrived)) >= 64)
        device.line.acknowledge(1, 1, 1)
        wait_for(lambda: len(device.all(Arrived)) >= 65)
        assert 65 == len(device.all(Arrived))


def test_a_websocket_that_never_begins_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dripping headers hold whoever has a timeout for each byte only; endless ones fill memory."""

    def endless(connection: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection.sendall(b"x" * 4096)

    def silent(connection: socket.socket) -> None:
        while connection.recv(4096):
            pass

    for behave, trouble, within in ((endless, Trouble.REFUSED, 60.0), (silent, Trouble.UNREACHABLE, 0.5)):
        monkeypatch.setattr(dial_module, "DIAL_S", within)
        with RawServer(behave) as server:
            settings = replace(to(server), url=f"ws://127.0.0.1:{server.port}/mqtt")
            with Caller(settings) as device:
                assert trouble is device.offline().trouble


@pytest.mark.parametrize("answer", [b"", b"\x20\x02\x00\x01", b"\x20\x03\x00\x84\x00"])
def test_a_broker_that_knows_no_5_is_spoken_to_in_311(answer: bytes) -> None:
    """An old broker closes, or says so in one of two ways. What worked is remembered."""
    versions: list[int] = []

    def behave(connection: socket.socket) -> None:
        version = greeted(connection)
        versions.append(version)
        if version == VERSION_5:
            connection.sendall(answer)
            return
        connection.sendall(CONNACK_311)
        if len(versions) > 2:
            connection.recv(4096)

    with RawServer(behave) as server, Caller(to(server)) as device:
        device.online(2)
        assert ["3.1.1", "3.1.1"] == [each.protocol for each in device.all(Online)]
    assert [5, 4, 4] == versions[:3]


def test_a_broker_that_is_never_one_is_tried_seldom() -> None:
    """What answers nonsense for a week must not be asked every second: once in each version, then after a while."""
    with RawServer(saying(b"")) as server, Caller(to(server), chance=lambda: 0.01) as device:
        device.offline(2)
        first, second = device.all(Offline)[:2]
        assert (True, True) == (first.retry_in < 1, second.retry_in >= 30)
