"""What a recorded agent promised to others, read from what went over its sockets.

Contract: `heard` gives each promise with the moment from which on it may be relied on: an application's event that was
answered, an event that was sent, a message that was answered by the collector, a document or a command that the broker
was given the acknowledgement of.
Rules: bytes are joined for each connection; a connection that begins anew on the same descriptor begins anew here.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.remote.topics import Device, Fleet, Group, Level
from tests.crash.agent_life import AgentLife
from tests.crash.recording import Mark
from tests.support.fleet_crew import TOPICS
from tests.support.steered import DEVICE

TOKEN = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}-(\d+)-\d+")
KEPT = re.compile(rb'\{"ok":\s*\{"id":\s*"' + TOKEN.pattern)
LEVELS: dict[str, Level] = {TOPICS.desired(each): each for each in (Fleet(), Group("lobby"), Device(DEVICE))}

CONNECT, PUBLISH, PUBACK = 1, 3, 4


@dataclass(slots=True)
class Promises:
    """Pairs of a moment and what holds from there on; sequences, revisions of a level, ids of commands."""

    kept: list[tuple[int, int]] = field(default_factory=list)
    sent: list[tuple[int, int]] = field(default_factory=list)
    answered: list[tuple[int, int]] = field(default_factory=list)
    documents: list[tuple[int, tuple[Level, int]]] = field(default_factory=list)
    commands: list[tuple[int, str]] = field(default_factory=list)


def heard(life: AgentLife) -> Promises:
    """All promises of a life."""
    made = Promises()
    under_way: dict[str, list[int]] = {}
    lines: dict[str, _Line] = {}
    for moment, mark in enumerate(life.recording.operations):
        if not isinstance(mark, Mark):
            continue
        port = int(mark.channel.rpartition(":")[2])
        if port == life.collector and mark.said:
            numbers = [int(found[1]) for found in TOKEN.finditer(mark.data)]
            under_way.setdefault(mark.channel, []).extend(numbers)
            made.sent += [(moment, number) for number in numbers]
        elif port == life.collector:
            # The moment after: the answer has then been heard.
            made.answered += [(moment + 1, number) for number in under_way.pop(mark.channel, [])]
        elif port == life.broker:
            lines.setdefault(mark.channel, _Line()).take(mark, moment, made)
        elif mark.said:
            made.kept += [(moment, int(found[1])) for found in KEPT.finditer(mark.data)]
    return made


class _Line:
    """One connection to the broker."""

    def __init__(self) -> None:
        self._out, self._in = bytearray(), bytearray()
        self._given: dict[int, tuple[str, bytes]] = {}

    def take(self, mark: Mark, moment: int, made: Promises) -> None:
        """What went over it."""
        if mark.said and mark.data[0] >> 4 == CONNECT:
            self.__init__()  # type: ignore[misc]
        joined = self._out if mark.said else self._in
        joined += mark.data
        for kind, flags, body in _packets(joined):
            if not mark.said and kind == PUBLISH and flags & 0b110:
                number, topic, payload = _published(body)
                self._given[number] = topic, payload
            elif mark.said and kind == PUBACK:
                topic, payload = self._given.pop(int.from_bytes(body[:2]), ("", b""))
                self._acknowledged(topic, payload, moment, made)

    def _acknowledged(self, topic: str, payload: bytes, moment: int, made: Promises) -> None:
        if topic in LEVELS:
            made.documents.append((moment, (LEVELS[topic], json.loads(payload)["revision"])))
        elif topic == TOPICS.command(DEVICE):
            made.commands.append((moment, json.loads(payload)["id"]))


def _packets(joined: bytearray) -> Iterator[tuple[int, int, bytes]]:
    """Takes whole packets off: kind, flags and body."""
    while len(joined) >= 2:
        size, at = _number(joined, 1)
        if at == 0 or len(joined) < at + size:
            return
        yield joined[0] >> 4, joined[0] & 0xF, bytes(joined[at : at + size])
        del joined[: at + size]


def _number(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """A number of variable length and where it ends; 0 where the rest is missing."""
    value = shift = 0
    while at < len(data):
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if not data[at - 1] & 0x80:
            return value, at
    return 0, 0


def _published(body: bytes) -> tuple[int, str, bytes]:
    """Packet number, topic and payload (MQTT 5)."""
    end = 2 + int.from_bytes(body[:2])
    size, properties = _number(body, end + 2)
    return int.from_bytes(body[end : end + 2]), body[2:end].decode(), body[properties + size :]
