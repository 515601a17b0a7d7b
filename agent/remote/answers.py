"""How a command is answered.

Contract: `address_of` says where; `outgoing` writes an answer as the message that is published. Pure, never raises.
Rules: accepted when executing begins, then done or failed with the reason. MQTT 5's response topic is used where it
lies below our own topics and nothing that somebody obeys or keeps is there; otherwise, and always in 3.1.1, the answer
goes to the device's `result`. The command's id stands in each, which is what 3.1.1 has in place of correlation data.
Reasons: whoever may only send commands must not make the device publish an order, a document or a state.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from agent.remote.line import Outgoing
from agent.remote.topics import Device, Topics

# Nobody waits longer for an answer; the broker need not keep it for operators who are away.
ANSWER_EXPIRY_S = 3600
# The memory of commands keeps both for each of them. Clients use a number or a UUID, and topics of some fifty letters.
LONGEST_TOPIC = 256
LONGEST_CORRELATION = 128
# What stands last in topics that somebody obeys or keeps.
_NOT_FOR_ANSWERS = frozenset({"desired", "command", "state", "presence"})
_LONGEST_REASON = 2000


class Status(Enum):
    """How far a command is. ACCEPTED: it is being executed; the other two are final."""

    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Address:
    """Where an answer goes. `correlation`: MQTT 5's, given back as it came."""

    topic: str
    correlation: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told of the command `name`; `id` and `name` are None where the command did not say them legibly.

    `reason`: for people; of a failure always, of what was done where there is something to add.
    """

    id: str | None
    name: str | None
    status: Status
    address: Address
    reason: str | None = None
    data: Mapping[str, Any] | None = None


def address_of(topics: Topics, device: str, *, response_topic: str | None, correlation: bytes | None) -> Address:
    """Where the command that came with these is answered."""
    kept = correlation if correlation is not None and len(correlation) <= LONGEST_CORRELATION else None
    if response_topic is not None and _may_take_answers(topics, device, response_topic):
        return Address(response_topic, kept)
    return Address(topics.result(device), kept)


def outgoing(answer: Answer, *, device: str, wall: float) -> Outgoing:
    """The message. ASCII: a text of the sender's may hold surrogates, which UTF-8 cannot say and JSON's escapes can."""
    payload = {
        "v": 1,
        "id": answer.id,
        "command": answer.name,
        "status": answer.status.value,
        "reason": None if answer.reason is None else answer.reason[:_LONGEST_REASON],
        "data": answer.data,
        "device": device,
        "at": round(wall, 3),
    }
    return Outgoing(
        answer.address.topic,
        json.dumps(payload).encode("ascii"),
        correlation=answer.address.correlation,
        expiry_s=ANSWER_EXPIRY_S,
    )


def _may_take_answers(topics: Topics, device: str, topic: str) -> bool:
    if len(topic) > LONGEST_TOPIC or not topic.startswith(f"{topics.root}/") or any(sign in topic for sign in "+#\0"):
        return False
    if not topic.isprintable() or not topic.isascii():
        return False
    steps = topic.split("/")
    found = topics.parse(topic)
    if found is not None and isinstance(found[0], Device) and found[0].id != device:
        return False
    return all(steps) and steps[-1] not in _NOT_FOR_ANSWERS and "history" not in steps
