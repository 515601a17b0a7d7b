"""What is wrong with a device, worst first."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.ailments import Ailment, ailments, worst_first
from agent.fleet.sighting import Roll, Sighting
from tests.fleet.test_fields import JSON
from tests.support.fleet import TOPICS, WALL, birth, state, will

NOW = WALL + 1000


def device(id: str = "a", presence: dict[str, Any] | None = None, **changes: Any) -> Sighting:
    roll = Roll(TOPICS)
    roll.take(TOPICS.presence(id), json.dumps(presence or birth()).encode())
    roll.take(TOPICS.state(id), json.dumps(state(id, **changes)).encode())
    return roll.devices[id]


def config(**changes: Any) -> dict[str, Any]:
    return {**state("a")["config"], **changes}


def test_device_that_is_well_has_no_complaint() -> None:
    """A table in which every row complains is read by nobody."""
    assert () == ailments(device(), NOW)


REFUSED = {"fleet": {"wanted": 7, "applied": 6, "problems": ["player.volume: is 900."]}}


@pytest.mark.parametrize(
    ("ailment", "words", "changes"),
    [
        (Ailment.REFUSED, "refused: fleet: player.volume: is 900", {"config": config(state="refused", levels=REFUSED)}),
        (Ailment.DAMAGED, "stored state damaged", {"config": config(broken="stored state damaged")}),
        (
            Ailment.HELD,
            "stats.collect is held: partner 7",
            {"sinks": [{"name": "stats.collect", "state": "held", "text": "partner 7"}]},
        ),
        (Ailment.DEAD_LETTERS, "3 dead letters", {"sinks": [{"name": "stats.collect", "dead_letters": 3}]}),
        (
            Ailment.RETURNED,
            "last good configuration: gone",
            {"config": config(returned={"revisions": {}, "reason": "gone"})},
        ),
        (Ailment.DARK, "display off", {"player": {"state": "playing", "display": "off"}}),
        (Ailment.DARK, "display off", {"player": {"state": "playing", "display": "off", "should_show": True}}),
        (Ailment.NOT_PLAYING, "no item", {"player": {"state": "waiting"}}),
        (Ailment.PAUSED, "paused", {"player": {"state": "paused"}}),
        (Ailment.OLD_REPORT, "reported 20 min ago", {"reported": NOW - 1200}),
        (Ailment.UNDER_VOLTAGE, "under-voltage", {"machine": {"under_voltage": True}}),
        (Ailment.HOT, "85 °C", {"machine": {"temperature_c": 85.2}}),
        (Ailment.DISK_FULL, "disk 99 % full", {"machine": {"disk_free_bytes": 10, "disk_bytes": 1000}}),
        (Ailment.VOLATILE, "does not survive a power cut", {"queue": {"depth": 0, "volatile": "tmpfs"}}),
        (Ailment.BEHIND, "has not applied fleet", {"config": config(levels={"fleet": {"wanted": 7, "applied": 6}})}),
        (Ailment.TRIAL, "on trial: stats.collect", {"config": config(state="trial", trial={"on": ["stats.collect"]})}),
        (Ailment.CLOCK, "not synchronised", {"clock": {"synced": False}}),
        (Ailment.DUPLICATE, "duplicate identity", {"counters": {"broker-taken-over": 2}}),
    ],
)
def test_ailment_is_found_and_named(ailment: Ailment, words: str, changes: dict[str, Any]) -> None:
    """Each of these takes somebody's step, and the words say which."""
    (found,) = ailments(device(**changes), NOW)
    assert ailment is found.ailment
    assert words in found.text


def test_device_that_reports_seldom_is_not_silent_for_that() -> None:
    """`remote.report_every_s` may be a day, where a line is paid for by the byte."""
    assert () == ailments(device(reported=NOW - 9000, report_every_s=3600), NOW)
    (found,) = ailments(device(reported=NOW - 9000, report_every_s=60), NOW)
    assert Ailment.OLD_REPORT is found.ailment


def test_device_that_only_watches_itself_after_a_change_has_no_complaint() -> None:
    """It does so for a minute after each change: a fleet that was told to be quieter is not a fleet with problems."""
    assert () == ailments(device(config=config(state="trial", trial={"on": [], "left_s": 50.0})), NOW)


def test_offline_device_is_asked_about_its_backlog_only() -> None:
    """What played on a device that is gone is history; what it has not delivered is not."""
    changes: dict[str, Any] = {"queue": {"depth": 7, "oldest_age_s": 9000}, "player": {"state": "paused"}}
    (found,) = ailments(device(presence=will(), **changes), NOW)
    assert Ailment.OFFLINE_BACKLOG is found.ailment
    assert "offline with 7 events to deliver, oldest 2 h 30 min, last report 10 s ago" == found.text


def test_device_known_by_half_says_which_half_is_missing() -> None:
    """Only a presence: it never reported. Only a state: its presence was cleared, or an ACL forbids it."""
    roll = Roll(TOPICS)
    roll.take(TOPICS.presence("a"), json.dumps(birth()).encode())
    roll.take(TOPICS.state("b"), json.dumps(state("b")).encode())
    texts = {id: [each.text for each in ailments(found, NOW)] for id, found in roll.devices.items()}
    assert {
        "a": ["is there and has reported no state"],
        "b": ["has a state but no presence, last report 10 s ago"],
    } == texts


def test_old_report_of_a_wrong_clock_is_no_silence() -> None:
    """A device without a battery-backed clock is years behind until it is set."""
    found = ailments(device(reported=NOW - 9000, clock={"synced": False}), NOW)
    assert [Ailment.CLOCK] == [each.ailment for each in found]


def test_worst_devices_come_first_and_healthy_ones_by_name() -> None:
    """Whoever looks for a minute looks at the first rows."""
    found = worst_first(
        [
            device("z-well"),
            device("a-well"),
            device("b-hot", machine={"temperature_c": 90}),
            device("c-gone", will()),
            device("d-backlog", will(), queue={"depth": 3, "oldest_age_s": 10}),
            device("e-backlog", will(), queue={"depth": 3, "oldest_age_s": 9000}),
            device("f-twice", counters={"broker-taken-over": 1}),
        ],
        NOW,
    )
    expected = ["e-backlog", "d-backlog", "f-twice", "c-gone", "b-hot", "a-well", "z-well"]
    assert expected == [sighting.id for sighting, _ in found]


@given(st.dictionaries(st.sampled_from(list(state("a"))), JSON))
def test_any_report_gives_complaints_that_can_be_printed(changes: dict[str, Any]) -> None:
    """A hostile state must neither end the command nor move the cursor."""
    sighting = Sighting("a", state={**state("a"), **changes})
    for _, complaints in worst_first([sighting], NOW):
        assert not any(ord(letter) < 32 for each in complaints for letter in each.text)


def test_screen_that_may_be_off_is_no_complaint() -> None:
    """Eight hundred shops close at night: their devices must not stand at the table's top."""
    for should_show in (False, None):
        player = {"state": "playing", "display": "off", "should_show": should_show}
        assert () == ailments(device(player=player), NOW)
