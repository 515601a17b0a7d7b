"""The devices that the exporter knows of."""

import json
import tracemalloc
from typing import Any

import pytest

from agent.fleet.ailments import Ailment, ailments
from agent.fleet.exporter_registry import MOST_TEXT, Place, Registry, trimmed
from agent.fleet.sighting import Sighting
from tests.support.fleet import TOPICS, birth, state, will


def told(registry: Registry, id: str, part: str, said: Any = b"") -> None:
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    registry.take(f"{TOPICS.root}/device/{id}/{part}", payload)


def places(registry: Registry) -> dict[str, Place]:
    return {each.id: each.place for each in registry.devices()}


def fleet() -> Registry:
    """One device is there, one is lost, one only has a document."""
    registry = Registry(TOPICS)
    for id, presence in (("dev-a", birth()), ("dev-b", will())):
        told(registry, id, "presence", presence)
        told(registry, id, "state", state(id))
    told(registry, "dev-c", "desired", {"revision": 1})
    return registry


def test_without_an_inventory_a_document_is_an_expectation() -> None:
    """Who was given a configuration and never came is missing."""
    assert {"dev-a": Place.ONLINE, "dev-b": Place.LOST, "dev-c": Place.MISSING} == places(fleet())


def test_inventory_tells_missing_from_retired() -> None:
    """A screen that was sold must not wake anybody; one that was never plugged in must be found."""
    registry = fleet()
    registry.expect({"dev-a", "dev-x"})
    assert {
        "dev-a": Place.ONLINE,
        "dev-b": Place.RETIRED,
        "dev-c": Place.RETIRED,
        "dev-x": Place.MISSING,
    } == places(registry)
    assert {"dev-a", "dev-b", "dev-c", "dev-x"} == set(registry.ids)


def test_device_that_was_removed_is_retired_and_may_come_back() -> None:
    """`kiosk-fleet remove` clears what the broker keeps."""
    registry = fleet()
    for part in ("presence", "state", "desired"):
        told(registry, "dev-b", part)
    assert Place.RETIRED is places(registry)["dev-b"]
    told(registry, "dev-b", "presence", birth(13))
    assert Place.ONLINE is places(registry)["dev-b"]
    for part in ("presence", "state", "desired"):
        told(registry, "dev-b", part)
    registry.expect({"dev-a"})
    assert "dev-b" not in places(registry), "a list that does not name it, and a broker that keeps nothing"


def test_what_was_cleared_while_the_exporter_was_away_is_noticed() -> None:
    """It reads all anew after each connection."""
    registry = fleet()
    kept = {
        TOPICS.presence("dev-a"): json.dumps(birth()).encode(),
        TOPICS.state("dev-a"): json.dumps(state("dev-a")).encode(),
    }
    registry.renew(kept)
    assert {"dev-a": Place.ONLINE, "dev-b": Place.RETIRED, "dev-c": Place.RETIRED} == places(registry)


@pytest.mark.parametrize("payload", [b"", b"no json", b"[]", b'{"sinks": 7, "config": []}', b'"x"'])
def test_nonsense_costs_its_own_row(payload: bytes) -> None:
    """A hostile device among a thousand."""
    registry = fleet()
    told(registry, "dev-a", "state", payload)
    told(registry, "dev-z", "presence", payload)
    assert Place.LOST is places(registry)["dev-b"]
    registry.take("other/topic", b"x")
    registry.take(f"{TOPICS.root}/device/dev-a/result", b"x")


def test_devices_beyond_the_bound_are_counted() -> None:
    """Somebody who may publish must not fill the operator's memory."""
    registry = Registry(TOPICS, most=2)
    for number in range(5):
        told(registry, f"dev-{number}", "presence", birth())
    assert (2, 3, 5) == (len(registry.devices()), registry.overflow, registry.messages)


def test_what_is_kept_of_a_report_shows_the_same_problems() -> None:
    """The exporter and `kiosk-fleet status` must not disagree."""
    sick = {
        **state("dev-a"),
        "clock": {"synced": False},
        "machine": {"temperature_c": 90.0, "under_voltage": True, "disk_free_bytes": 1, "disk_bytes": 100},
        "sinks": [{"name": "s", "state": "held", "text": "x" * 999, "dead_letters": 2}],
        "queue": {"depth": 4, "oldest_age_s": 9.0, "volatile": "tmpfs", "bytes": 9},
        "player": {"state": "waiting", "display": "off", "restarts": 3, "item": {"uri": "file:///x"}},
        "config": {
            "state": "applied",
            "broken": "unreadable",
            "levels": {"fleet": {"wanted": 3, "applied": 2, "problems": ["x"]}},
            "returned": {"reason": "no picture"},
        },
        "counters": {"broker-taken-over": 2, "else": 1},
    }
    kept = trimmed(sick)
    whole = {each.ailment for each in ailments(Sighting("dev-a", state=sick), 0.0)}
    assert whole == {each.ailment for each in ailments(Sighting("dev-a", state=kept), 0.0)}
    assert {Ailment.HELD, Ailment.BEHIND, Ailment.DUPLICATE, Ailment.VOLATILE} <= whole
    assert MOST_TEXT == len(kept["sinks"][0]["text"])
    assert "item" not in kept["player"]


def test_screen_of_unknown_hours_is_no_problem_to_the_exporter_either() -> None:
    """A device that does not know the time says null, and that must not be lost on the way."""
    player = {"state": "playing", "display": "off", "should_show": None}
    kept = trimmed({**state("dev-a"), "player": player})
    assert player == kept["player"]
    assert Ailment.DARK not in {each.ailment for each in ailments(Sighting("dev-a", state=kept), 0.0)}


def test_thousand_devices_take_little_memory() -> None:
    """Each may report 64 KiB; what is kept of it does not grow with that."""
    filler = {f"reason-{number}": number for number in range(100)}
    registry = Registry(TOPICS)
    tracemalloc.start()
    for round_ in range(2):
        for number in range(200):
            id = f"dev-{number:04}"
            told(registry, id, "presence", birth(round_))
            told(registry, id, "state", {**state(id), "counters": filler, "sinks": [{"name": "a", "dropped": filler}]})
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / 200 < 8 * 1024, "a thousand take 8 MiB at most"
