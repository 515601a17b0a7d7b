"""The numbers of a fleet."""

from agent.fleet.exporter_metrics import METRICS, samples
from agent.fleet.exporter_registry import Known, Place
from agent.fleet.sighting import Presence, Sighting
from agent.service.exposition import exposition
from tests.support.fleet import WALL, state

STATE = {**state("dev-a"), "sinks": [{"name": "stats.collect", "state": "held", "delivered": 7, "dead_letters": 2}]}
THERE = Known("dev-a", Place.ONLINE, Sighting("dev-a", Presence(True, 12), STATE))
GONE = Known("dev-b", Place.RETIRED, Sighting("dev-b"))
MISSING = Known("dev-c", Place.MISSING, Sighting("dev-c"))


def lines() -> list[str]:
    return exposition(samples([THERE, GONE, MISSING], WALL + 1000)).splitlines()


def test_device_that_is_there_tells_its_figures() -> None:
    """What an operator draws and is woken by."""
    found = lines()
    for line in (
        'kiosk_fleet_device_up{device="dev-a"} 1',
        'kiosk_fleet_device_info{device="dev-a",name="Screen dev-a",site="Berlin",version="0.1.0"} 1',
        'kiosk_fleet_device_problem{device="dev-a",kind="held"} 1',
        'kiosk_fleet_device_playing{device="dev-a"} 1',
        'kiosk_fleet_device_queue_events{device="dev-a"} 0',
        'kiosk_fleet_device_dead_letters{device="dev-a"} 2',
        'kiosk_fleet_device_delivered_messages_total{device="dev-a",sink="stats.collect"} 7',
        'kiosk_fleet_device_temperature_celsius{device="dev-a"} 51',
        'kiosk_fleet_devices{standing="online"} 1',
        'kiosk_fleet_devices{standing="lost"} 0',
    ):
        assert line in found


def test_missing_is_down_and_retired_is_neither() -> None:
    """`kiosk_fleet_device_up == 0` is the alert, and it must not name what was sold."""
    found = [line for line in lines() if '"dev-b"' in line or '"dev-c"' in line]
    assert {
        'kiosk_fleet_device_retired{device="dev-b"} 1',
        'kiosk_fleet_device_retired{device="dev-c"} 0',
        'kiosk_fleet_device_missing{device="dev-c"} 1',
        'kiosk_fleet_device_up{device="dev-c"} 0',
    } == set(found)


def test_each_metric_of_devices_is_really_told() -> None:
    """A documented metric that never comes is an alert that never fires."""
    told = {sample.metric.name for sample in samples([THERE, GONE, MISSING], WALL) if sample.value is not None}
    expected = {each.name for each in METRICS if each.name.startswith("kiosk_fleet_device")}
    assert {"kiosk_fleet_devices_overflow_total"} == expected - told
