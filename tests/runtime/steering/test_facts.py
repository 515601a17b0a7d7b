"""The report is made of the status, so that the two never disagree."""

from pathlib import Path
from typing import Any

from agent.remote.machine import Readings
from agent.remote.reported import build
from agent.runtime.steering.facts import Standing, facts
from tests.support.helm import Helm

STATUS: dict[str, Any] = {
    "uptime_s": 12.5,
    "player": {
        "state": "playing",
        "item": {"index": 1, "count": 3, "uri": "file:///srv/media/a.mp4", "entry_id": "0_abc"},
        "position": 4.5,
        "host": {"restarts": 2},
    },
    "queue": {"events": 7, "oldest_wall": 1_000.0, "bytes": 4096, "volatile": None},
    "sinks": [
        {
            "name": "stats.collect",
            "state": "waiting",
            "cause": "network",
            "text": "no answer",
            "depth": 7,
            "delivered": 100,
            "last_delivery_wall": 900.0,
            "dead_letters": 1,
            "dropped": {"age": 3},
        },
        {"name": "trackEvent", "depth": 0, "delivered": 0, "dead_letters": 0, "dropped": {}},
    ],
    "counters": {"samples-coalesced": 3},
}


def reported(folder: Path, status: dict[str, Any]) -> dict[str, Any]:
    helm = Helm(folder)
    standing = Standing(77, "5", helm.documents.stored, helm.loaded)
    return build(facts(status, standing, Readings(1, 2, 40.0, under_voltage=False), helm.now))


def test_report_says_what_status_says(tmp_path: Path) -> None:
    """An operator on the telephone with somebody at the kiosk."""
    state = reported(tmp_path, STATUS)
    assert (12.5, 77, "5") == (state["uptime_s"], state["session"], state["protocol"])
    assert ("playing", 4.5, 2) == tuple(state["player"][key] for key in ("state", "position", "restarts"))
    assert {"index": 1, "count": 3, "uri": "file:///srv/media/a.mp4", "entry_id": "0_abc"} == state["player"]["item"]
    assert (7, 4096, None) == tuple(state["queue"][key] for key in ("depth", "bytes", "volatile"))
    assert ("waiting", "network", 1, {"age": 3}) == tuple(
        state["sinks"][0][key] for key in ("state", "cause", "dead_letters", "dropped")
    )
    assert {"samples-coalesced": 3} == state["counters"]
    assert 40.0 == state["machine"]["temperature_c"]


def test_destination_that_is_off_is_reported_as_off(tmp_path: Path) -> None:
    """It has a past in the store, and no thread that could say how it stands."""
    assert "off" == reported(tmp_path, STATUS)["sinks"][1]["state"]


def test_nothing_that_plays_and_nothing_that_waits_is_nothing(tmp_path: Path) -> None:
    """A new device with an empty list."""
    empty = {**STATUS, "queue": {**STATUS["queue"], "oldest_wall": None}}
    empty["player"] = {**STATUS["player"], "item": None, "position": None}
    state = reported(tmp_path, empty)
    assert (None, None) == (state["player"]["item"], state["queue"]["oldest_age_s"])


def test_age_of_the_oldest_event_is_never_negative(tmp_path: Path) -> None:
    """The clock was set back."""
    later = {**STATUS, "queue": {**STATUS["queue"], "oldest_wall": 9e12}}
    assert 0.0 == reported(tmp_path, later)["queue"]["oldest_age_s"]


def test_screen_is_reported_as_status_knows_it(tmp_path: Path) -> None:
    """An agent that does not look says unknown."""
    assert ("unknown", True) == tuple(reported(tmp_path, STATUS)["player"][key] for key in ("display", "should_show"))
    closed = {**STATUS, "display": {"state": "off", "should_be_on": False}}
    assert ("off", False) == tuple(reported(tmp_path, closed)["player"][key] for key in ("display", "should_show"))
    nobody_knows = {**STATUS, "display": {"state": "off", "should_be_on": None}}
    assert reported(tmp_path, nobody_knows)["player"]["should_show"] is None
