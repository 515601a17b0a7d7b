"""What is live changes in mid-play: the same player, and every quartile told."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.remote.topics import Device, Fleet
from tests.support import media
from tests.support.brokers import Broker
from tests.support.fleet_crew import PASSWORD, TOPICS
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, stories
from tests.support.steered import DEVICE, Steered, steered
from tools.standin.analytics import Analytics
from tools.standin.server import Collector

pytestmark = pytest.mark.all


def clips() -> list[Clip]:
    return [Clip(media.clip(3.0), "0_first001")]


def playing(kiosk: Steered) -> int:
    """Start it, and wait until it plays and is steered; the player host's pid."""
    kiosk.agent.start()
    status = kiosk.agent.wait(lambda status: status["player"]["state"] == "playing" and status["remote"]["online"])
    return int(status["player"]["host"]["pid"])


def plays(kiosk: Steered, count: int) -> None:
    """Wait until so many more plays have begun, and what was told of them delivered."""
    before = kiosk.agent.wait(lambda _: True)["player"]["sessions"]
    kiosk.agent.wait(lambda status: status["player"]["sessions"] >= before + count and status["queue"]["events"] < 8)


def passed(config: dict[str, Any], revision: int) -> bool:
    """Whether the fleet's document is applied, and every connection that it changed has come back."""
    applied = (config["levels"].get("fleet") or {}).get("applied")
    return bool(applied == revision and not (config["trial"] or {}).get("on"))


def test_live_settings_change_without_a_gap_in_what_is_shown_and_told(tmp_path: Path) -> None:
    """Volume, list, pace, level and destinations: nobody in front of the screen sees any of it."""
    with Collector() as collector, Analytics() as analytics, steered(tmp_path, collector, clips()) as kiosk:
        table = f'[track_event]\nenabled = false\nurl = "{analytics.url}"\n'
        kiosk.agent.config.write_text(table + kiosk.agent.config.read_text())
        pid = playing(kiosk)
        same = {"uri": clips()[0].path.as_uri(), "entry_id": "0_first001"}
        tree: dict[str, object] = {}
        changes: list[dict[str, object]] = [
            {"player": {"volume": 40}},
            {"kaltura": {"backlog": {"rate": 20.0, "batch_size": 5}}},
            {"log": {"level": "debug"}},
            {"track_event": {"enabled": True, "player_events": True}},
            {"player": {"volume": 40, "playlist": [same, {**same, "volume": 60}]}},
            {"track_event": {"enabled": False}},
        ]
        for revision, change in enumerate(changes, start=1):
            tree |= change
            if revision == len(changes):
                assert analytics.wait_for(lambda events: len(events) > 0, PATIENCE_S), "it is on, so it is told"
            kiosk.operator.publish(Fleet(), revision, tree)
            status = kiosk.applied("fleet", revision)
            assert [] == status["remote"]["config"]["levels"]["fleet"]["problems"]
            plays(kiosk, 1)
        after = kiosk.agent.wait(lambda _: True)
        assert (pid, 0) == (after["player"]["host"]["pid"], after["player"]["host"]["restarts"])
        kiosk.agent.wait(lambda status: len(stories(collector.events)) >= len(changes) + 2)
        told = [numbers for _, numbers in stories(collector.events)[:-2]]
        assert [PLAYED] * len(told) == told


def test_reporting_that_is_switched_off_and_on_leaves_the_player_alone(tmp_path: Path) -> None:
    """What was played meanwhile is passed over and counted; from then on each play is told whole."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        pid = playing(kiosk)
        plays(kiosk, 1)
        kiosk.operator.publish(Fleet(), 1, {"kaltura": {"enabled": False}})
        kiosk.applied("fleet", 1)
        plays(kiosk, 2)
        quiet = len(collector.events)
        plays(kiosk, 1)
        assert quiet == len(collector.events)
        kiosk.operator.publish(Fleet(), 2, {"kaltura": {"enabled": True}})
        kiosk.applied("fleet", 2)
        plays(kiosk, 4)
        after = kiosk.agent.wait(lambda _: True)
        assert (pid, 0) == (after["player"]["host"]["pid"], after["player"]["host"]["restarts"])
        assert [PLAYED] * 2 == [numbers for _, numbers in stories(collector.events)[-3:-1]]


def test_player_whose_settings_changed_comes_back_and_the_trial_ends(tmp_path: Path) -> None:
    """A screen that was hung the other way round: the player alone begins anew."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        pid = playing(kiosk)
        before = kiosk.agent.wait(lambda _: True)
        kiosk.operator.publish(Fleet(), 1, {"player": {"rotation": 180}})
        after = kiosk.agent.wait(
            lambda status: status["player"]["state"] == "playing" and status["player"]["host"]["pid"] not in (None, pid)
        )
        assert before["pid"] == after["pid"]
        assert 0 == after["player"]["host"]["restarts"], "it was asked to end"
        kiosk.state(lambda state: passed(state["config"], 1))


def test_everything_works_while_no_broker_can_be_reached_and_is_caught_up_with_afterwards(tmp_path: Path) -> None:
    """The broker's outage is the operators' trouble, and nobody else's."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        kiosk.broker.stop()
        kiosk.agent.start()
        kiosk.agent.wait(lambda status: bool(status["remote"]["text"]))
        assert collector.wait_for(lambda events: stories(events)[:1] == [("0_first001", PLAYED)], PATIENCE_S)
        kiosk.broker.start()
        kiosk.agent.wait(lambda status: status["remote"]["online"])
        kiosk.operator.publish(Fleet(), 1, {"player": {"volume": 20}})
        kiosk.applied("fleet", 1)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_what_was_published_while_the_device_was_down_arrives_after_its_start(tmp_path: Path, protocol: str) -> None:
    """Documents by being retained, commands by the session that the broker kept, in both versions of MQTT."""
    with Collector() as collector, steered(tmp_path, collector, clips(), remote=f'protocol = "{protocol}"') as kiosk:
        playing(kiosk)
        assert protocol == kiosk.state()["protocol"]
        kiosk.agent.kill()
        kiosk.operator.publish(Device(DEVICE), 1, {"player": {"volume": 20}})
        kiosk.publish(TOPICS.command(DEVICE), json.dumps({"id": "while-down", "command": "refresh"}).encode())
        with kiosk.operator.desk() as desk:
            desk.subscribe([TOPICS.result(DEVICE)])
            kiosk.agent.start()
            found = desk.receive(60)
            assert found is not None
            assert "while-down" == json.loads(found.payload)["id"]
        kiosk.applied(f"device/{DEVICE}", 1)


def test_broker_that_is_killed_in_mid_play_is_found_again_and_nothing_is_lost(tmp_path: Path) -> None:
    """No play is cut short by it, and the state is there again."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        pid = playing(kiosk)
        kiosk.broker.kill()
        kiosk.agent.wait(lambda status: not status["remote"]["online"])
        plays(kiosk, 1)
        kiosk.broker.start()
        kiosk.agent.wait(lambda status: status["remote"]["online"])
        assert kiosk.presence(lambda presence: presence["online"])
        assert DEVICE == kiosk.state()["device"]["id"]
        after = kiosk.agent.wait(lambda _: True)
        assert pid == after["player"]["host"]["pid"]
        told = [numbers for _, numbers in stories(collector.events)[:-2]]
        assert [PLAYED] * len(told) == told


def test_device_is_moved_to_another_broker_and_comes_back_from_one_that_is_not_there(tmp_path: Path) -> None:
    """A fleet that changes its broker; and the slip in the address that would have cost every device a visit."""
    with (
        Broker(tmp_path / "first") as first,
        Broker(tmp_path / "second", authority=first.authority) as second,
        Collector() as collector,
        steered(tmp_path, collector, clips(), remote='allow = ["remote"]\ntrial_s = 20.0', broker=first) as kiosk,
    ):
        second.add_user(DEVICE, PASSWORD)
        playing(kiosk)
        kiosk.agent.wait(lambda status: status["sinks"][0]["delivered"] > 2)
        kiosk.operator.publish(Fleet(), 1, {"remote": {"url": "mqtts://localhost:9"}})
        kiosk.agent.wait(lambda status: status["remote"]["url"].endswith(":9"))
        kiosk.agent.wait(lambda status: status["remote"]["online"])
        state = kiosk.state(lambda state: state["config"]["state"] == "returned")
        assert "broker did not come back within 20 s after fleet 1" == state["config"]["returned"]["reason"]
        kiosk.operator.publish(Fleet(), 2, {"remote": {"url": f"mqtts://localhost:{second.port}"}})
        kiosk.agent.wait(
            lambda status: status["remote"]["online"] and status["remote"]["url"].endswith(str(second.port))
        )
        kiosk.agent.wait(lambda status: passed(status["remote"]["config"], 2))
        assert "lost" == kiosk.presence(lambda presence: not presence["online"])["reason"]
