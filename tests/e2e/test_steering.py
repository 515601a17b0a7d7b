"""An agent that is steered by a real broker, from the document to the screen and back to the report."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.remote.line import Outgoing
from agent.remote.topics import Device, Fleet, Group
from tests.support import media
from tests.support.fleet_crew import TOPICS
from tests.support.kiosks import Clip
from tests.support.steered import DEVICE, steered
from tools.standin.server import Collector

pytestmark = pytest.mark.all


def clips() -> list[Clip]:
    return [Clip(media.clip(3.0), "0_first001")]


def item(path: Path, entry: str) -> dict[str, Any]:
    return {"uri": path.as_uri(), "entry_id": entry}


def test_document_changes_the_playlist_while_it_plays(tmp_path: Path) -> None:
    """The whole way: retained document, stored, judged, applied, played, counted, reported."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        kiosk.agent.start()
        before = kiosk.agent.wait(lambda status: status["player"]["state"] == "playing")
        kiosk.state(lambda state: state["config"]["levels"]["fleet"]["applied"] is None)
        other = media.silent_clip(1.0)
        kiosk.operator.publish(Fleet(), 1, {"player": {"playlist": [item(other, "0_other001")]}})
        kiosk.applied("fleet", 1)
        kiosk.agent.wait(lambda status: status["player"]["item"]["entry_id"] == "0_other001")
        state = kiosk.state(lambda state: state["config"]["levels"]["fleet"]["applied"] == 1)
        after = kiosk.agent.wait(lambda _: True)
        assert before["player"]["host"]["pid"] == after["player"]["host"]["pid"]
        assert [] == state["config"]["levels"]["fleet"]["problems"]
        kiosk.state(lambda state: (state["player"]["item"] or {}).get("entry_id") == "0_other001")


def test_bad_document_is_refused_with_every_problem_and_changes_nothing(tmp_path: Path) -> None:
    """Whoever published it reads in the report what to mend, and the screen goes on."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        kiosk.agent.start()
        before = kiosk.agent.wait(lambda status: status["player"]["state"] == "playing")
        bad = {"player": {"volume": 900, "vlc_options": ["--sout=file"]}, "kaltura": {"service_url": "http://evil/"}}
        kiosk.operator.publish(Group("lobby"), 1, {"player": {"volume": 10}})
        kiosk.operator.publish(Fleet(), 3, bad)
        state = kiosk.state(lambda state: state["config"]["state"] == "refused")
        problems = "\n".join(state["config"]["levels"]["fleet"]["problems"])
        assert all(name in problems for name in ("player.volume", "player.vlc_options", "kaltura.service_url"))
        assert None is state["config"]["levels"]["fleet"]["applied"]
        # Another pass of the same list by the same player; between two passes nothing plays for a moment.
        after = kiosk.agent.wait(
            lambda status: (
                status["player"]["sessions"] > before["player"]["sessions"] and status["player"]["state"] == "playing"
            )
        )
        assert before["player"]["host"]["pid"] == after["player"]["host"]["pid"]
        assert "0_first001" == after["player"]["item"]["entry_id"]


def test_levels_and_groups_count_in_their_order_and_survive_a_reboot_without_broker(tmp_path: Path) -> None:
    """The kiosk in the cellar has no network on Mondays and must still be as loud as it was told."""
    with Collector() as collector, steered(tmp_path, collector, clips(), remote='groups = ["quiet"]') as kiosk:
        kiosk.operator.publish(Fleet(), 4, {"player": {"volume": 40}, "log": {"level": "debug"}})
        kiosk.operator.publish(Group("quiet"), 2, {"player": {"volume": 20}})
        kiosk.operator.publish(Group("loud"), 2, {"player": {"volume": 90}})
        kiosk.operator.publish(Device(DEVICE), 7, {"log": {"level": None}}, groups=["quiet", "loud"])
        kiosk.agent.start()
        kiosk.applied("group/loud", 2)
        state = kiosk.state(lambda state: state["config"]["groups"] == ["quiet", "loud"])
        hashed = state["config"]["hash"]
        kiosk.agent.kill()
        kiosk.broker.stop()
        kiosk.agent.start()
        status = kiosk.applied("group/loud", 2)
        assert not status["remote"]["online"]
        assert 7 == status["remote"]["config"]["levels"][f"device/{DEVICE}"]["applied"]
        assert hashed


def test_command_is_answered_and_the_presence_follows_the_life_of_the_agent(tmp_path: Path) -> None:
    """An operator who presses next sees that it happened; one who pulls the plug sees that too."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        kiosk.agent.start()
        kiosk.agent.wait(lambda status: status["player"]["state"] == "playing" and status["remote"]["online"])
        first = kiosk.presence(lambda presence: presence["online"])
        with kiosk.operator.desk() as desk:
            desk.subscribe([TOPICS.result(DEVICE)])
            desk.publish(Outgoing(TOPICS.command(DEVICE), json.dumps({"id": "1", "command": "next"}).encode()))
            said = [json.loads(found.payload) for found in (desk.receive(60), desk.receive(60)) if found]
        assert ["accepted", "done"] == [each["status"] for each in said]
        kiosk.agent.kill()
        assert "lost" == kiosk.presence(lambda presence: not presence["online"])["reason"]
        kiosk.agent.start()
        second = kiosk.presence(lambda presence: presence["online"])
        assert second["session"] > first["session"]
        assert 0 == kiosk.agent.end()
        assert "stopped" == kiosk.presence(lambda presence: not presence["online"])["reason"]


def test_setting_that_needs_a_new_start_gets_one_in_the_same_process(tmp_path: Path) -> None:
    """The machine's file permits the fleet to name the account's user; nobody drives out to restart an agent."""
    with Collector() as collector, steered(tmp_path, collector, clips(), remote='allow = ["kaltura.user_id"]') as kiosk:
        kiosk.agent.start()
        before = kiosk.agent.wait(lambda status: status["player"]["state"] == "playing" and status["remote"]["online"])
        kiosk.operator.publish(Fleet(), 1, {"kaltura": {"user_id": "lobby"}})
        after = kiosk.agent.wait(
            lambda status: (
                (status["remote"]["config"]["levels"].get("fleet") or {}).get("applied") == 1
                and status["started_wall"] > before["started_wall"]
                and status["player"]["state"] == "playing"
            )
        )
        assert before["pid"] == after["pid"]


def test_wrong_address_is_given_back_because_the_service_did_not_answer(tmp_path: Path) -> None:
    """A document that sends events into the void must not need a person at the kiosk."""
    remote = 'allow = ["kaltura.service_url"]\ntrial_s = 10.0'
    with Collector() as collector, steered(tmp_path, collector, clips(), remote=remote) as kiosk:
        kiosk.agent.start()
        kiosk.agent.wait(lambda status: status["remote"]["online"] and status["sinks"][0]["delivered"] > 2)
        kiosk.operator.publish(Fleet(), 1, {"kaltura": {"service_url": "http://127.0.0.1:9"}, "player": {"volume": 5}})
        state = kiosk.state(lambda state: state["config"]["state"] == "returned")
        assert {"fleet": 1} == state["config"]["returned"]["revisions"]
        assert "stats.collect" in state["config"]["returned"]["reason"]
        status = kiosk.agent.wait(lambda status: status["queue"]["events"] < 5)
        assert None is status["remote"]["config"]["levels"]["fleet"]["applied"]


def test_third_death_after_a_change_gives_it_back(tmp_path: Path) -> None:
    """An agent that a document ends again and again must come back without it."""
    with Collector() as collector, steered(tmp_path, collector, clips()) as kiosk:
        kiosk.agent.start()
        kiosk.agent.wait(lambda status: status["remote"]["online"])
        kiosk.operator.publish(Fleet(), 1, {"player": {"volume": 5}})
        kiosk.applied("fleet", 1)
        for _ in range(2):
            kiosk.agent.kill()
            kiosk.agent.start()
            kiosk.applied("fleet", 1)
        kiosk.agent.kill()
        kiosk.agent.start()
        status = kiosk.applied("fleet", None)
        assert "returned" == status["remote"]["config"]["state"]
