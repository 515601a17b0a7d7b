"""Is this kiosk fine?"""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.runtime.health.judgement import CLOCK_S, HOT_C, judge
from agent.runtime.health.reasons import Kind, Verdict
from agent.runtime.health.reporting import OFFLINE_S

FINE: dict[str, Any] = {
    "uptime_s": 90_000.0,
    "ready": True,
    "clock": {"wall": 1_795_000_000.0, "synced": True},
    "player": {"state": "playing", "phase": "playing", "state_s": 5.0, "host": {"running": True, "restarts": 1}},
    "queue": {"events": 3, "bytes": 9, "bound_bytes": 100, "balanced": True, "volatile": None, "trouble": None},
    "session": {"state": "fresh", "text": None},
    "intake": {"shut": []},
    "remote": {"url": "mqtts://b", "online": True, "disputed": False, "config": {"state": "applied", "broken": None}},
    "machine": {"under_voltage": False, "temperature_c": 50.0, "disk_free_bytes": 50, "disk_bytes": 100},
    "sinks": [{"name": "stats.collect", "state": "sending", "cause": None, "since_s": None, "dead_letters": 0}],
}


def kinds(status: dict[str, Any]) -> list[Kind]:
    return [reason.kind for reason in judge(status).reasons]


def test_kiosk_that_is_fine_has_no_reason() -> None:
    """Whoever is told "needs attention" every day looks no more."""
    assert (Verdict.FINE, []) == (judge(FINE).verdict, kinds(FINE))


@pytest.mark.parametrize(
    ("part", "change", "kind"),
    [
        ("clock", {"synced": False}, Kind.CLOCK),
        ("remote", {"online": False, "trouble": "credentials", "text": "not authorised"}, Kind.BROKER),
        ("remote", {"disputed": True}, Kind.DUPLICATE),
        ("remote", {"config": {"state": "refused"}}, Kind.CONFIGURATION),
        ("remote", {"config": {"state": "returned", "returned": {"reason": "no picture"}}}, Kind.CONFIGURATION),
        ("remote", {"config": {"state": "applied", "broken": "unreadable"}}, Kind.CONFIGURATION),
        ("intake", {"shut": [{"problem": "port 8337 in use", "remedy": "Choose another."}]}, Kind.INTAKE),
        ("machine", {"under_voltage": True}, Kind.UNDER_VOLTAGE),
        ("machine", {"temperature_c": HOT_C}, Kind.HOT),
        ("machine", {"disk_free_bytes": 4}, Kind.LITTLE_DISK),
    ],
)
def test_what_needs_somebody_is_degraded_and_has_a_remedy(part: str, change: dict[str, Any], kind: Kind) -> None:
    """Somebody should look, and the picture goes on."""
    judgement = judge({**FINE, part: {**FINE[part], **change}})
    (reason,) = judgement.reasons
    assert (Verdict.DEGRADED, kind) == (judgement.verdict, reason.kind)
    assert reason.remedy


def test_safe_mode_is_told_with_its_reason() -> None:
    """It plays, and not what was wanted."""
    (reason,) = judge({**FINE, "safe_mode": {"on": True, "why": "5 crashes"}}).reasons
    assert (Kind.SAFE_MODE, Verdict.DEGRADED) == (reason.kind, reason.verdict)
    assert "5 crashes" in reason.text


def test_last_good_configuration_in_place_of_a_broken_file_is_told() -> None:
    """The kiosk plays, and nobody would find out that it does not do what its file says."""
    why = "the configuration file cannot be used: kiosk-agent.toml: kaltura.partner_id is missing"
    (reason,) = judge({**FINE, "safe_mode": {"on": False, "why": None, "configuration": why}}).reasons
    assert (Verdict.DEGRADED, Kind.CONFIGURATION) == (reason.verdict, reason.kind)
    assert why in reason.text


def test_clock_has_an_hour_to_find_the_time() -> None:
    """The router starts as late as the kiosk."""
    assert [] == kinds({**FINE, "clock": {"wall": 0.0, "synced": False}, "uptime_s": CLOCK_S - 1})


def test_broker_that_is_away_is_no_reason_for_a_day() -> None:
    """Offline is not unhealthy."""
    away = {**FINE["remote"], "online": False, "trouble": "unreachable", "since_wall": 1_795_000_000.0 - OFFLINE_S + 1}
    assert [] == kinds({**FINE, "remote": away})
    assert [Kind.BROKER] == kinds({**FINE, "remote": {**away, "since_wall": 1_795_000_000.0 - OFFLINE_S}})
    assert [] == kinds({**FINE, "remote": None})


def test_worst_comes_first_and_makes_the_verdict() -> None:
    """The first line has room for one."""
    judgement = judge(
        {
            **FINE,
            "clock": {"wall": 1.0, "synced": False},
            "queue": {"trouble": "I/O error"},
            "player": {"state": "waiting"},
        }
    )
    assert Verdict.FAILING is judgement.verdict
    assert [Kind.NOT_PLAYING, Kind.STORE, Kind.CLOCK] == [reason.kind for reason in judgement.reasons]
    record = judgement.record()
    assert ("failing", "not-playing") == (record["verdict"], record["reasons"][0]["kind"])
    json.dumps(record)


def without_some(value: Any) -> st.SearchStrategy[Any]:
    """`value` with any of its parts missing, null or of another type."""
    if isinstance(value, dict):
        return st.fixed_dictionaries({}, optional={key: without_some(item) for key, item in value.items()})
    if isinstance(value, list):
        return st.lists(st.one_of([without_some(item) for item in value]), max_size=2) if value else st.just([])
    return st.sampled_from([value, None, "x", -1])


@given(without_some(FINE))
def test_any_part_may_be_missing_or_odd(status: dict[str, Any]) -> None:
    """A healthcheck that crashes restarts healthy kiosks."""
    judge(status)
