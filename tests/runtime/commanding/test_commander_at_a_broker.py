"""Commands over a real mosquitto, by the rules of its hardened sample, in MQTT 5 and 3.1.1."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from agent.config.remote import Protocol
from agent.remote.answers import LONGEST_CORRELATION
from agent.remote.commands import RETAINED
from agent.remote.letters import Arrived, Offline, Online
from agent.remote.line import Outgoing
from tests.support.brokers import Broker
from tests.support.commands import RESULT, Bench
from tests.support.lines import BOTH, COMMAND, Caller, device_settings, operator_settings, wait_for

# Far beyond the tests' clock, which stands.
LATER = 4_000_000_000


@dataclass
class Life:
    """A device with a commander, stepped by the test. `taken`: how many of its letters have been handed over."""

    caller: Caller
    bench: Bench
    taken: int = field(default=0)

    def step(self) -> None:
        """What the main loop does with letters of the broker."""
        letters = self.caller.letters[self.taken :]
        self.taken += len(letters)
        for letter in letters:
            match letter:
                case Online(resumed=resumed):
                    self.bench.commander.online(self.bench.now, resumed=resumed)
                case Offline():
                    self.bench.commander.offline(self.bench.now)
                case Arrived():
                    self.bench.take(letter)
        self.bench.later(0.5)


class Scene:
    """A broker, an operator, and one life of the device after the other."""

    def __init__(self, folder: Path, broker: Broker, operator: Caller, protocol: Protocol) -> None:
        self.folder, self.broker, self.operator = folder, broker, operator
        self._settings = replace(device_settings(broker, folder), protocol=protocol)

    def life(self) -> Life:
        caller = Caller(self._settings, [COMMAND], takes=False).online()
        return Life(caller, Bench(self.folder, online=False, line=caller.line))

    def order(self, tree: dict[str, Any], **more: Any) -> None:
        """Publish a command; it is with the broker on return."""
        payload = json.dumps(tree).encode()
        self.operator.line.publish(Outgoing(COMMAND, payload, **more))
        self.operator.arrived(COMMAND, payload)

    def answers(self) -> list[tuple[str, str, bytes | None]]:
        """What the operator was answered: id, state, correlation data."""
        heard = [letter for letter in self.operator.all(Arrived) if letter.topic == RESULT]
        trees = [json.loads(letter.payload) for letter in heard]
        return [(tree["id"], tree["status"], letter.correlation) for tree, letter in zip(trees, heard, strict=True)]

    def wait(self, life: Life, count: int) -> list[tuple[str, str, bytes | None]]:
        """Step the device until the operator has heard so many answers."""

        def heard() -> bool:
            life.step()
            return len(self.answers()) >= count

        wait_for(heard, f"{count} answers, got {self.answers()}")
        return self.answers()


@pytest.fixture(params=BOTH, ids=lambda protocol: f"mqtt-{protocol.value}")
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    topics = [RESULT, COMMAND]
    with Broker(tmp_path / "broker") as broker, Caller(operator_settings(broker, tmp_path), topics) as operator:
        yield Scene(tmp_path, broker, operator.online(), request.param)


def test_operator_is_answered_with_what_he_asked_by(scene: Scene, request: pytest.FixtureRequest) -> None:
    """MQTT 5's correlation data comes back; 3.1.1 has the id, which is always there."""
    life = scene.life()
    scene.order({"id": "c1", "command": "refresh"}, correlation=b"7", response_topic=RESULT)
    correlation = b"7" if "mqtt-5" in request.node.name else None
    assert [("c1", "accepted", correlation), ("c1", "done", correlation)] == scene.wait(life, 2)
    assert ["refresh"] == life.bench.done
    life.caller.stop()


def test_command_that_was_not_acknowledged_comes_again_and_is_not_executed_again(scene: Scene) -> None:
    """The agent was killed with the command in its hands; the broker gives it to the next process."""
    life = scene.life()
    scene.order({"id": "c1", "command": "next"})
    wait_for(lambda: life.caller.all(Arrived), "the command")
    # It gets as far as its memory and its player, and the acknowledgement never leaves.
    dead = Bench(scene.folder)
    dead.take(*life.caller.all(Arrived))
    life.caller.stop()
    assert 1 == len(dead.obeyed)
    second = scene.life()
    wait_for(lambda: second.caller.all(Arrived), "the command again")
    assert [("c1", "failed")] == [answer[:2] for answer in scene.wait(second, 2)[:1]]
    assert [] == second.bench.obeyed
    second.caller.stop()
    third = scene.life()
    scene.order({"id": "c2", "command": "refresh", "expires": LATER})
    scene.wait(third, 4)
    assert ["c2"] == [json.loads(letter.payload)["id"] for letter in third.caller.all(Arrived)], "c1 is acknowledged"
    third.caller.stop()


def test_command_for_a_kiosk_that_was_away_is_judged_by_its_expiry(scene: Scene) -> None:
    """The broker keeps both; only one of them is still wanted."""
    scene.life().caller.stop()
    now = Bench(scene.folder).now.wall
    scene.order({"id": "old", "command": "refresh", "expires": now - 1})
    scene.order({"id": "none", "command": "refresh"})
    scene.order({"id": "good", "command": "refresh", "expires": now + 3600})
    life = scene.life()
    # All at once, as after a night: the clock of this device runs while it waits, and what comes later is no backlog.
    wait_for(lambda: len(life.caller.all(Arrived)) >= 3, "the commands of the night")
    heard = scene.wait(life, 4)
    assert {("old", "failed"), ("none", "failed"), ("good", "accepted"), ("good", "done")} == {
        answer[:2] for answer in heard
    }
    assert ["refresh"] == life.bench.done
    life.caller.stop()


def test_retained_command_is_refused_with_the_first_connection_only(scene: Scene) -> None:
    """`mosquitto_pub -r` is typed quickly."""
    scene.order({"id": "r1", "command": "next"}, retain=True)
    for _ in range(2):
        life = scene.life()
        wait_for(lambda life=life: life.caller.all(Arrived), "the retained command")  # type: ignore[misc]
        scene.wait(life, 1)
        assert [] == life.bench.obeyed
        life.caller.stop()
    scene.order({"id": "c2", "command": "refresh", "expires": LATER})
    last = scene.life()
    heard = scene.wait(last, 2)
    assert [("r1", "failed")] == [answer[:2] for answer in heard if answer[0] == "r1"]
    assert RETAINED == json.loads(scene.operator.payloads(RESULT)[0])["reason"]
    last.caller.stop()


def test_long_correlation_data_is_refused_by_name(scene: Scene, request: pytest.FixtureRequest) -> None:
    """It is kept with each command, so it is bounded; 3.1.1 leaves it out before it gets here."""
    life = scene.life()
    scene.order({"id": "c1", "command": "refresh"}, correlation=b"x" * (LONGEST_CORRELATION + 1))
    (first, *_) = scene.wait(life, 1)
    assert ("c1", "failed" if "mqtt-5" in request.node.name else "accepted", None) == first
    life.caller.stop()
