"""The metrics of one moment."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel import codec
from agent.kernel.events import Playhead, Stalled
from agent.kernel.phases import Phase
from agent.runtime.metrics.catalogue import METRICS
from agent.runtime.metrics.reading import MOST_VALUES, PLAYER_STATES, STALLED, process, samples
from agent.service.exposition import exposition

STATUS: dict[str, Any] = {
    "version": "0.1.0",
    "started_wall": 1_795_000_000.0,
    "uptime_s": 60.0,
    "device": {"id": "device-001", "name": 'The "big" one', "site": None},
    "clock": {"wall": 1_795_000_060.0, "synced": True},
    "player": {
        "state": "playing",
        "phase": "playing",
        "sessions": 7,
        "host": {"running": True, "restarts": 1},
        "skipped": {"missing": 2},
    },
    "display": {"state": "off", "why": "HDMI-A-1 has no monitor", "for_s": 20.0, "should_be_on": False, "left_out": 3},
    "cache": {
        "wanted": 3,
        "cached": 2,
        "bytes": 500,
        "max_bytes": 1000,
        "last_error": None,
        "counters": {"no room": 4, "bytes fetched": 700},
    },
    "events": {"playing": 5, "stalled": 2},
    "queue": {
        "events": 3,
        "ever": 40,
        "bytes": 9000,
        "bound_bytes": 90_000,
        "oldest_wall": 1_795_000_050.0,
        "dropped": {"age": 1},
        "estimated_times": 0,
        "balanced": True,
        "written_bytes": 80_000,
        "written_events": 10,
    },
    "session": {"renewals": 1},
    "remote": {"url": "mqtts://b", "online": False, "connects": 4},
    "intake": {"counters": {"accepted": 9}},
    "machine": {"temperature_c": 51.5, "under_voltage": False, "disk_free_bytes": 5, "disk_bytes": 10},
    "counters": {"waiting-in-memory": 3, "bad-player-lines": 1, "safe-mode": 1},
    "sinks": [
        {
            "name": "stats.collect",
            "state": "waiting",
            "depth": 3,
            "oldest_wall": 1_795_000_050.0,
            "last_delivery_wall": 1_795_000_000.0,
            "tries": 2,
            "delivered": 30,
            "resent": 1,
            "perhaps_repeated": 0,
            "unverified": 0,
            "batches": 2,
            "dead_letters": 1,
            "dead": {"MISSING": 1},
            "dropped": {"age": 1},
            "passed": {"no entry": 4},
        }
    ],
}


def lines(status: dict[str, Any]) -> set[str]:
    return set(exposition([*samples(status), *process()]).splitlines())


@pytest.mark.parametrize(
    "line",
    [
        'kiosk_agent_device_info{device="device-001",name="The \\"big\\" one",site=""} 1',
        "kiosk_agent_uptime_seconds 60",
        'kiosk_agent_health{verdict="degraded"} 1',
        'kiosk_agent_health{verdict="fine"} 0',
        'kiosk_agent_health_problem{kind="dead-letters"} 1',
        'kiosk_agent_health_problem{kind="volatile"} 0',
        "kiosk_agent_clock_synced 1",
        'kiosk_agent_player_state{state="playing"} 1',
        'kiosk_agent_player_state{state="stalled"} 0',
        "kiosk_agent_player_stalls_total 2",
        'kiosk_agent_display{state="off"} 1',
        'kiosk_agent_display{state="unknown"} 0',
        "kiosk_agent_display_should_be_on 0",
        "kiosk_agent_plays_left_out_total 3",
        "kiosk_agent_cache_wanted_media 3",
        "kiosk_agent_cache_here_media 2",
        "kiosk_agent_cache_fetched_bytes_total 700",
        'kiosk_agent_cache_total{outcome="no room"} 4',
        'kiosk_agent_events_total{kind="playing"} 5',
        "kiosk_agent_queue_oldest_age_seconds 10",
        'kiosk_agent_sink_state{sink="stats.collect",state="waiting"} 1',
        'kiosk_agent_sink_oldest_age_seconds{sink="stats.collect"} 10',
        'kiosk_agent_sink_refused_messages_total{sink="stats.collect",code="MISSING"} 1',
        "kiosk_agent_events_in_memory 3",
        'kiosk_agent_faults_total{kind="bad-player-lines"} 1',
        "kiosk_agent_broker_connected 0",
        "kiosk_agent_books_balanced 1",
        "kiosk_agent_machine_temperature_celsius 51.5",
    ],
)
def test_full_status_gives_each_of_its_figures(line: str) -> None:
    """What is counted, and cannot be graphed, is not looked at."""
    assert line in lines(STATUS)


def test_each_metric_of_the_page_is_really_told() -> None:
    """A documented metric that never comes is an alert that never fires."""
    told = {sample.metric for sample in [*samples(STATUS), *process()] if sample.value is not None}
    assert set() == set(METRICS) - told
    assert set() == told - set(METRICS)


def test_states_of_the_player_are_the_trackers_own() -> None:
    """A state that is missing here would be counted as none."""
    assert {phase.value for phase in Phase} <= set(PLAYER_STATES)
    assert 'kiosk_agent_player_state{state="other"} 1' in lines({"player": {"state": "flying"}})


def test_stalls_are_counted_by_the_name_that_they_are_written_with() -> None:
    """Another name would count none for ever."""
    kind, _ = codec.encode(Stalled(1.0, 1, Playhead(), initial=False))
    assert STALLED == kind


def test_values_from_outside_are_bounded_and_none_is_lost() -> None:
    """A server that invents codes must not fill somebody's Prometheus."""
    refused = {f"CODE_{number}": 2 for number in range(MOST_VALUES + 5)}
    found = [line for line in lines({"sinks": [{"name": "a", "dead": refused}]}) if "code=" in line]
    assert MOST_VALUES + 1 == len(found)
    assert 'kiosk_agent_sink_refused_messages_total{sink="a",code="other"} 10' in found


def test_what_comes_and_goes_is_no_counter() -> None:
    """rate() of it would be nonsense."""
    assert [] == [line for line in lines(STATUS) if "safe-mode" in line and "faults" in line]


def test_empty_queue_has_no_age() -> None:
    """The series stays, so that an alert on it can end."""
    assert "kiosk_agent_queue_oldest_age_seconds 0" in lines({"queue": {"events": 0, "oldest_wall": None}})


def without_some(value: Any) -> st.SearchStrategy[Any]:
    """`value` with any of its parts missing or null."""
    if isinstance(value, dict):
        return st.fixed_dictionaries({}, optional={key: without_some(item) for key, item in value.items()})
    if isinstance(value, list):
        return st.lists(st.one_of([without_some(item) for item in value]), max_size=2)
    return st.sampled_from([value, None])


@given(without_some(STATUS))
def test_any_part_may_be_missing(status: dict[str, Any]) -> None:
    """A starting agent knows little."""
    exposition(samples(status))


def test_figures_of_the_process_are_right_or_missing(tmp_path: Path) -> None:
    """A hardened unit may hide /proc."""
    found = {sample.metric.name: sample.value or 0 for sample in process()}
    assert 10_000_000 < found["kiosk_agent_process_resident_memory_bytes"] < 10_000_000_000
    assert 1 <= found["kiosk_agent_process_threads"]
    assert [] == list(process(tmp_path))


def test_promtool_has_nothing_to_say() -> None:
    """The official linter of the format and of the names."""
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: prometheus)")
    text = exposition([*samples(STATUS), *process()])
    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr))
