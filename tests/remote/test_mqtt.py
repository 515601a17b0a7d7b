"""The one door to paho: what it makes of bytes, and that nothing comes out of it as an exception."""

import socket
from collections.abc import Iterator

import pytest

from agent.remote.line import Outgoing
from agent.remote.mqtt import Answered, Code, Ended, Given, Greeted, Talk, Unsaid, matches
from agent.remote.settings import BrokerSettings
from agent.remote.transport import Transport
from tests.support.hostile_brokers import CONNACK_5

SETTINGS = BrokerSettings(url="mqtt://127.0.0.1", client_id="device-001", user="device-001")
Pair = tuple[Talk, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A talk in 5, and the broker's side after the greeting."""
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        talk = Talk(SETTINGS, None, transport=Transport(ours), is_v5=True, password="secret", clean=False)
        greeting = theirs.recv(4096)
        assert greeting.endswith(b"\x00\x06secret")
        yield talk, theirs


def said(pair: Pair, data: bytes) -> list[object]:
    """What is heard when the broker says this."""
    talk, theirs = pair
    theirs.sendall(data)
    talk.read()
    found: list[object] = list(talk.heard)
    talk.heard.clear()
    return found


def test_a_greeting_tells_session_and_limits(pair: Pair) -> None:
    """How much may be under way is the broker's word, and breaking it ends the connection."""
    (heard,) = said(pair, b"\x20\x08\x01\x00\x05\x21\x00\x05\x24\x01")
    assert heard == Greeted(Code(0, "Success"), resumed=True, inflight=5, maximum_qos=1)


def test_a_message_tells_all_that_an_answer_needs(pair: Pair) -> None:
    """Response topic and correlation are how MQTT 5 says where an answer goes."""
    said(pair, CONNACK_5)
    body = b"\x00\x01t" + b"\x00\x07" + b"\x08" + b"\x08\x00\x01r" + b"\x09\x00\x01c" + b"payload"
    (heard,) = said(pair, bytes((0x33, len(body))) + body)
    assert heard == Given(7, 1, "t", b"payload", retained=True, response_topic="r", correlation=b"c")


def test_answers_carry_their_codes(pair: Pair) -> None:
    """A right that is missing is a code of an answer, and shows nowhere else."""
    talk, _ = pair
    said(pair, CONNACK_5)
    assert 1 == talk.subscribe(["a", "b"])
    (heard,) = said(pair, b"\x90\x05\x00\x01\x00\x01\x87")
    assert heard == Answered(1, (Code(1, "Granted QoS 1"), Code(0x87, "Not authorized")))


@pytest.mark.parametrize("topic", ["a/+/b", "#", "x" * 70_000])
def test_a_topic_that_is_none_is_not_published_and_said(pair: Pair, topic: str) -> None:
    """A command's response topic comes from outside: with a wildcard in it paho raises, and the thread would end."""
    talk, _ = pair
    said(pair, CONNACK_5)
    assert None is talk.publish(Outgoing(topic, b"x"), qos=1)
    assert [Unsaid] == [type(each) for each in talk.heard]


def test_an_end_tells_whether_the_broker_said_why(pair: Pair) -> None:
    """0x8E is the broker's word that somebody else has this identity."""
    said(pair, CONNACK_5)
    assert Ended(Code(0x8E, "Session taken over"), "Session taken over") in said(pair, b"\xe0\x02\x8e\x00")


def test_a_line_that_breaks_is_an_end(pair: Pair) -> None:
    """Without a word: the other side is gone."""
    talk, theirs = pair
    theirs.close()
    talk.read()
    assert Ended(None, "closed") in talk.heard


def test_qos_2_is_not_taken(pair: Pair) -> None:
    """It is never asked for, and paho keeps all of it in memory until a second packet comes."""
    said(pair, CONNACK_5)
    assert any(isinstance(each, Ended) for each in said(pair, b"\x34\x07\x00\x01a\x00\x01\x00x"))


def test_a_filter_matches_as_the_broker_does() -> None:
    """What nobody asked for is told by this."""
    assert [True, True, False] == [matches("a/+/c", "a/b/c"), matches("a/#", "a/b/c"), matches("a/b", "a/c")]
