"""One device as a row, and as an object for machines."""

import json
from typing import Any

import click
from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.ailments import ailments
from agent.fleet.rows import HEAD, playing, record, revisions, row
from agent.fleet.sighting import Roll, Sighting
from agent.remote.reported import build, encode
from agent.remote.topics import Device, Fleet
from tests.fleet.test_ailments import NOW, device
from tests.fleet.test_fields import JSON
from tests.support.facts import FACTS
from tests.support.fleet import TOPICS, state


def cells(sighting: Sighting) -> list[str]:
    return [click.unstyle(cell) for cell in row(sighting, ailments(sighting, NOW), NOW)]


def test_row_of_a_device_that_is_well() -> None:
    """What operators see of most devices on most days."""
    expected = ["a (Screen a)", "online 16 min", "playing a film.mp4", "unknown", "0", "-", "0.1.0", ""]
    assert expected == cells(device())


def test_device_known_by_name_only_has_dashes() -> None:
    """A dash is no zero: nothing was reported."""
    expected = ["a", "unknown", "-", "-", "-", "-", "-", "has a state but no presence"]
    assert expected == cells(Sighting("a"))


def test_revisions_show_what_is_wanted_and_not_applied() -> None:
    """In one look: the fleet's document is behind, the group's is in force, the device's own was never applied."""
    levels = {
        "fleet": {"wanted": 7, "applied": 6},
        "group/lobby": {"wanted": 3, "applied": 3},
        "device/a": {"wanted": 2, "applied": None},
        "group/cellar": {"wanted": None, "applied": None},
    }
    assert "fleet 6→7 lobby 3 own -→2" == revisions(Sighting("a", state={"config": {"levels": levels}}))


def test_item_is_named_by_its_entry_or_its_file() -> None:
    """A whole address does not fit into a table."""
    named = {"state": "playing", "item": {"entry_id": "0_abcd1234", "uri": "http://h/x"}}
    assert "playing 0_abcd1234" == playing(Sighting("a", state={"player": named}))
    assert "paused" == playing(Sighting("a", state={"player": {"state": "paused"}}))
    assert "playing http://[" == playing(
        Sighting("a", state={"player": {"state": "playing", "item": {"uri": "http://["}}})
    )


def test_keys_of_the_record_are_stable() -> None:
    """Scripts read them; a new one may come, none may go or change its meaning."""
    found = record(device(), ())
    assert [
        *("id", "name", "site", "tags", "groups", "standing", "since", "session", "reported", "version", "playing"),
        *("item", "display", "queue", "configuration", "revisions", "problems"),
    ] == list(found)
    assert {"depth": 0, "oldest_age_s": None} == found["queue"]
    paused = device(player={"state": "paused"})
    assert [{"kind": "paused", "text": "paused"}] == record(paused, ailments(paused, NOW))["problems"]


def test_report_of_a_real_device_is_read_as_it_was_meant() -> None:
    """The tests' own states are written by hand; this one is made by the device's code."""
    roll = Roll(TOPICS)
    roll.take(TOPICS.state("a"), encode(build(FACTS)))
    found = record(roll.devices["a"], ())
    about, player = FACTS.about, FACTS.player
    assert (about.name, about.site, list(about.tags)) == (found["name"], found["site"], found["tags"])
    assert (player.state, player.display, FACTS.queue.depth) == (
        *(found[key] for key in ("playing", "display")),
        found["queue"]["depth"],
    )
    assert {str(Fleet()), str(Device(about.id))} <= set(found["revisions"])
    assert {key for key in state("a") if key != "presence"} == set(roll.devices["a"].state)
    assert "-" not in cells(roll.devices["a"])[2]


@given(st.dictionaries(st.sampled_from(list(state("a"))), JSON))
def test_any_report_makes_a_row_and_a_record(changes: dict[str, Any]) -> None:
    """Whatever one device says, the table stands."""
    sighting = Sighting("a", state={**state("a"), **changes})
    found = cells(sighting)
    assert len(HEAD) == len(found)
    assert not any(ord(letter) < 32 for cell in found for letter in cell)
    json.dumps(record(sighting, ()))


def test_screen_stands_in_the_table_with_what_is_known_of_it() -> None:
    """A moving playhead on a dark screen is what nobody on the spot tells of."""
    column = HEAD.index("DISPLAY")
    for player, word in (
        ({"display": "on"}, "on"),
        ({"display": "off", "should_show": True}, "off"),
        ({"display": "off", "should_show": False}, "off (closed)"),
        ({"display": "off", "should_show": None}, "off (hours unknown)"),
        ({"display": "unknown"}, "unknown"),
        ({}, "-"),
    ):
        assert word == cells(device(player={"state": "playing", **player}))[column]
