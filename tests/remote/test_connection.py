"""One connection, stepped by hand: time is a number here."""

import socket
from collections.abc import Iterator

import pytest

from agent.config.remote import Protocol
from agent.remote.connection import ANSWER_S, INFLIGHT, Connection
from agent.remote.letters import Arrived, Declined, Online, Trouble
from agent.remote.line import Outgoing, Terms
from agent.remote.settings import BrokerSettings
from agent.remote.transport import Transport
from tests.support.hostile_brokers import CONNACK_5

SETTINGS = BrokerSettings(url="mqtt://127.0.0.1", client_id="device-001", user="device-001")
GRANTED = b"\x90\x04\x00\x01\x00\x01"
MESSAGE = b"\x32\x07\x00\x01a\x00\x09\x00x"
Pair = tuple[Connection, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A connection that has greeted, and the broker's side."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        terms = Terms(None, ["a"])
        yield (
            Connection(
                SETTINGS, terms, run=3, transport=Transport(ours), protocol=Protocol.V5, password=None, now=100.0
            ),
            theirs,
        )


def hears(pair: Pair, data: bytes, *, now: float = 100.0) -> list[object]:
    """What is told when the broker says this."""
    connection, theirs = pair
    theirs.sendall(data)
    connection.readable(now)
    return list(connection.take())


def test_it_is_online_when_its_subscriptions_are_answered(pair: Pair) -> None:
    """Before, what is published for the device does not reach it."""
    assert [] == hears(pair, CONNACK_5)
    assert [Online(3, "5", resumed=False)] == hears(pair, GRANTED, now=101.0)
    assert (True, 101.0) == (pair[0].is_online, pair[0].heard_at)


def test_a_subscription_that_is_refused_is_told_and_does_not_keep_it_offline(pair: Pair) -> None:
    """One right that is missing must not cost all the others."""
    hears(pair, CONNACK_5)
    declined, online = hears(pair, b"\x90\x04\x00\x01\x00\x87")
    assert isinstance(declined, Declined) and isinstance(online, Online)
    assert (3, "a", True) == (declined.run, declined.what, "ACL" in declined.text)


def test_a_message_is_acknowledged_when_it_is_taken_in(pair: Pair) -> None:
    """Not before: the document must be on the disk."""
    connection, theirs = pair
    hears(pair, CONNACK_5)
    theirs.recv(4096)
    arrived = hears(pair, GRANTED + MESSAGE)[1]
    assert isinstance(arrived, Arrived)
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(100)
    connection.acknowledge(arrived.mid, arrived.qos)
    assert b"\x40\x02\x00\x09" == theirs.recv(100)


def test_no_answer_in_time_ends_it(pair: Pair) -> None:
    """A broker that hangs accepts connections: the kernel does that for it."""
    connection, _ = pair
    connection.tick(100.0 + ANSWER_S - 0.1)
    assert None is connection.failure
    connection.tick(100.0 + ANSWER_S)
    assert connection.failure is not None
    assert Trouble.UNREACHABLE is connection.failure.trouble
    assert (False, False, False) == (connection.wants_read, connection.wants_write, connection.is_eager)


def test_what_is_under_way_is_bounded_and_known(pair: Pair) -> None:
    """The broker's own bound (Receive Maximum 2 here) holds where it is lower than ours."""
    connection, _ = pair
    hears(pair, b"\x20\x06\x00\x00\x03\x21\x00\x02")
    assert not connection.has_room
    hears(pair, GRANTED)
    for _ in range(2):
        assert connection.has_room
        connection.publish(Outgoing("state", b"x"))
    assert (False, 2, True) == (connection.has_room, len(connection.under_way), INFLIGHT > 2)
    hears(pair, b"\x40\x02\x00\x02")
    assert (True, 1) == (connection.has_room, len(connection.under_way))


def test_after_its_end_nothing_is_done_and_nothing_raises(pair: Pair) -> None:
    """The main loop's orders cross with the broker's end all the time."""
    connection, _ = pair
    connection.close()
    for _ in range(2):
        connection.readable(101.0)
        connection.writable()
        connection.tick(101.0)
        connection.publish(Outgoing("state", b"x"))
        connection.acknowledge(9, 1)
        connection.subscribe(["b"])
        connection.unsubscribe(["b"])
        connection.disconnect()
    assert [] == connection.take()


def test_new_topics_are_asked_for_and_old_ones_given_up(pair: Pair) -> None:
    """A device changes its groups while it is online."""
    connection, theirs = pair
    hears(pair, CONNACK_5 + GRANTED)
    theirs.recv(4096)
    connection.subscribe(["b"])
    sent = theirs.recv(4096)
    assert (True, True) == (b"\x00\x01a" in sent, b"\x00\x01b\x09" in sent)  # QoS 1, retained as published
