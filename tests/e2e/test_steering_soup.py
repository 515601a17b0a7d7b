"""Ten thousand bad documents and commands at a running agent that plays: nothing of it is seen on the screen."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.config.model import Settings
from agent.config.setting import Setting, walk
from agent.remote.line import Outgoing
from agent.remote.topics import Device, Fleet, Group, Level
from tests.support import media
from tests.support.fleet_crew import TOPICS
from tests.support.kiosks import PATIENCE_S, Clip, stories
from tests.support.steered import DEVICE, Steered, steered
from tools.standin.server import Collector

pytestmark = [pytest.mark.all, pytest.mark.timeout(900)]

MESSAGES = 10_000
LARGE_EVERY = 100
"""One in so many is up to 300 KiB: a gigabyte would test the broker and not the agent."""
MOST_GROWTH_KIB = 12 * 1024
"""Of the agent's memory: what the largest document needs while it is read, the log's ring and the deeds."""

GOOD: dict[str, Any] = {"player": {"volume": 37}}
LEVELS: list[Level] = [Fleet(), Group("lobby"), Device(DEVICE), Group("elsewhere"), Device("device-002")]
PATHS = [path for path, _, entry in walk(Settings) if isinstance(entry, Setting)]
ODD: list[Any] = [
    None,
    True,
    -1,
    2**70,
    1e308,
    "",
    "x" * 300,
    "../../etc/passwd",
    "file:///etc/shadow",
    "http://evil.example/",
    "\u0000",
    "\ud800",
    [],
    {},
    [[]],
    {"a": {"b": None}},
    "error",
]


def document(chance: random.Random) -> bytes:
    """One that is wrong in some way; about half are whole JSON. Never good by chance: the volume is checked last."""
    path = chance.choice(PATHS)
    tree: Any = chance.choice(ODD)
    for name in reversed(path):
        tree = {name: tree}
    plain: dict[str, Any] = {"revision": chance.choice([1, 2, 999, 0, -5, 2**60, "7", 7.5]), "config": tree}
    if chance.random() < 0.5:
        plain["config"] = {**plain["config"], "nonsense": chance.choice(ODD)}
    match chance.randrange(6):
        case 0:
            plain["unknown key"] = chance.choice(ODD)
        case 1:
            plain["groups"] = chance.choice(ODD)
        case 2:
            plain["config"] = chance.choice([1, "x", [], None])
        case 3:
            return json.dumps(plain).encode()[: chance.randrange(1, 40)]
        case 4:
            return chance.randbytes(chance.randrange(1, 200))
        case _:
            return b'{"revision": 2, "config": ' + b'{"a": ' * chance.randrange(1, 500)
    return json.dumps(plain).encode()


def large(chance: random.Random) -> bytes:
    """Up to 300 KiB of it."""
    size = chance.randrange(100_000, 300_000)
    return chance.choice(
        [
            b" " * size,
            b'{"revision": 1, "config": {"player": {"playlist": [' + b"[" * (size // 2),
            json.dumps({"revision": 1, "config": {f"key{number}": number for number in range(size // 20)}}).encode(),
            chance.randbytes(size),
        ]
    )


def command(chance: random.Random) -> bytes:
    """No command that does anything."""
    plain = {
        "id": chance.choice(["a", "", 5, "x" * 99, None, "../x"]),
        "command": chance.choice(["", "format", 7, "next"]),
    }
    plain["expires"] = 1.0
    plain["arguments"] = chance.choice(ODD)
    whole = json.dumps(plain).encode()
    return chance.choice([whole, whole[: chance.randrange(len(whole))], chance.randbytes(50), b"[" * 5000])


def messages(chance: random.Random) -> Iterator[Outgoing]:
    """All of them; documents at the three levels of the device and at others, commands retained and not."""
    for number in range(MESSAGES):
        kind = chance.random()
        if number % LARGE_EVERY == 0:
            yield Outgoing(TOPICS.desired(chance.choice(LEVELS)), large(chance), retain=True)
        elif kind < 0.7:
            yield Outgoing(TOPICS.desired(chance.choice(LEVELS)), document(chance), retain=chance.random() < 0.8)
        elif kind < 0.95:
            yield Outgoing(TOPICS.command(DEVICE), command(chance), retain=chance.random() < 0.2)
        else:
            yield Outgoing(TOPICS.presence(DEVICE), chance.randbytes(20), retain=True)


def memory_kib(pid: int) -> int:
    """Resident."""
    (line,) = [each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS")]
    return int(line.split()[1])


def heard(kiosk: Steered) -> int:
    """How many documents and commands the agent has taken in."""
    remote = kiosk.agent.wait(lambda _: True)["remote"]
    return sum(remote["documents"].values())


def test_ten_thousand_bad_messages_are_seen_by_nobody_in_front_of_the_screen(tmp_path: Path) -> None:
    """Whoever may publish makes mistakes, all day long; so does a broker's neighbour with a wrong topic."""
    clip = [Clip(media.clip(3.0), "0_first001")]
    with Collector() as collector, steered(tmp_path, collector, clip, remote='groups = ["lobby"]') as kiosk:
        kiosk.agent.start()
        kiosk.agent.wait(lambda status: status["player"]["state"] == "playing" and status["remote"]["online"])
        kiosk.operator.publish(Fleet(), 500, GOOD)
        kiosk.applied("fleet", 500)
        with kiosk.operator.desk() as desk:
            for found in list(messages(random.Random(1)))[:200]:
                desk.publish(found)
        before = kiosk.agent.wait(lambda _: True)
        memory = memory_kib(before["pid"])
        with kiosk.operator.desk() as desk:
            batch: list[Outgoing] = []
            for found in messages(random.Random(2)):
                batch.append(found)
                if len(batch) == 50:
                    desk.publish(*batch)
                    batch.clear()
        # A last good word: when it counts, all that came before it was taken in.
        kiosk.operator.publish(Device(DEVICE), 2**53 - 1, {"log": {"level": "warning"}}, groups=["lobby"])
        after = kiosk.applied(f"device/{DEVICE}", 2**53 - 1, seconds=240)
        grown = memory_kib(after["pid"]) - memory
        levels = after["remote"]["config"]["levels"]
        assert (before["pid"], before["player"]["host"]["pid"]) == (after["pid"], after["player"]["host"]["pid"])
        assert 0 == after["player"]["host"]["restarts"]
        assert after["remote"]["connects"] == before["remote"]["connects"]
        assert 500 == levels["fleet"]["applied"]
        assert grown < MOST_GROWTH_KIB, f"{grown} KiB more"
        assert heard(kiosk) > 1000
        begun = len(stories(collector.events))
        assert collector.wait_for(lambda events: len(stories(events)) >= begun + 2, PATIENCE_S)
        told = [numbers for _, numbers in stories(collector.events)[:-1]]
        assert [[1, 2, 3, 4, 5, 6, 7]] * len(told) == told, "no gap in what was played and told"
        text = kiosk.agent.log.read_text()
        refused = [json.loads(line) for line in text.splitlines() if "document refused" in line]
        assert len(refused) > 1000
        assert [] == [each for each in refused if each["document"] not in each["problems"]]
        assert "Traceback" not in text
        assert sum(after["remote"]["commands"].values()) > 1000
        kiosk.operator.publish(Group("lobby"), 2**53 - 1, {"player": {"volum": 3, "headless": True}})
        state = kiosk.state(
            lambda state: "player.volum" in " ".join(state["config"]["levels"]["group/lobby"]["problems"])
        )
        assert 2 <= len(state["config"]["levels"]["group/lobby"]["problems"])
        state = kiosk.state(lambda state: state["config"]["levels"][f"device/{DEVICE}"]["applied"] == 2**53 - 1)
        assert state["counters"]
