"""Answers to commands: where they go, and what stands in them."""

import json

import pytest

from agent.remote.answers import LONGEST_CORRELATION, Address, Answer, Status, address_of, outgoing
from agent.remote.topics import Topics

TOPICS = Topics("kiosk")
RESULT = "kiosk/v1/device/device-001/result"


def where(topic: str | None, correlation: bytes | None = None) -> Address:
    return address_of(TOPICS, "device-001", response_topic=topic, correlation=correlation)


@pytest.mark.parametrize("topic", ["kiosk/v1/answers/alice", "kiosk/v1/answers/alice/7", RESULT])
def test_response_topic_below_ours_is_used(topic: str) -> None:
    """An operator's program listens on a topic of its own, so that it does not hear everybody's answers."""
    assert Address(topic, b"7") == where(topic, b"7")


@pytest.mark.parametrize(
    "topic",
    [
        None,
        "",
        "other/v1/answers",
        "kiosk/v1/",
        "kiosk/v1//",
        "kiosk/v1/answers/+",
        "kiosk/v1/answers/#",
        "kiosk/v1/answers/\0",
        "kiosk/v1/answers/\ud800",
        "kiosk/v1/fleet/desired",
        "kiosk/v1/fleet/history/7",
        "kiosk/v1/device/device-001/command",
        "kiosk/v1/device/device-001/state",
        "kiosk/v1/device/device-002/command",
        "kiosk/v1/device/device-002/presence",
        "kiosk/v1/device/device-002/result",
        "kiosk/v1/" + "x" * 300,
        "$SYS/broker",
    ],
)
def test_response_topic_that_somebody_obeys_or_keeps_is_not(topic: str | None) -> None:
    """Whoever may only send commands to one device would make it command another, or write its documents."""
    assert Address(RESULT) == where(topic)


def test_correlation_that_is_too_long_is_not_given_back() -> None:
    """The memory of commands is bounded; its command is refused."""
    assert Address(RESULT) == where(None, b"x" * (LONGEST_CORRELATION + 1))


def test_answer_is_not_retained_and_does_not_stay_for_ever() -> None:
    """Nobody wants yesterday's answers on the next connection."""
    answer = Answer("c1", "next", Status.FAILED, Address(RESULT, b"7"), "no player", {"a": 1})
    message = outgoing(answer, device="device-001", wall=1_763_770_000.1234)
    assert (RESULT, 1, False, b"7") == (message.topic, message.qos, message.retain, message.correlation)
    assert message.expiry_s is not None
    assert {
        "v": 1,
        "id": "c1",
        "command": "next",
        "status": "failed",
        "reason": "no player",
        "data": {"a": 1},
        "device": "device-001",
        "at": 1_763_770_000.123,
    } == json.loads(message.payload)
