"""Whether what happens is kept and delivered."""

from typing import Any

import pytest

from agent.runtime.health.reasons import Kind, Verdict
from agent.runtime.health.reporting import NEAR_BOUND, OFFLINE_S, reporting


def found(status: dict[str, Any]) -> list[tuple[Verdict, Kind]]:
    return [(each.verdict, each.kind) for each in reporting(status)]


@pytest.mark.parametrize("cause", ["network", "timeout", "tls", "server", "throttled", "not-kaltura"])
def test_being_offline_is_fine_for_a_day_and_never_failing(cause: str) -> None:
    """It is what the queue is for."""
    sink = {"name": "stats.collect", "state": "waiting", "cause": cause, "since_s": OFFLINE_S - 1, "depth": 9}
    assert [] == found({"sinks": [sink]})
    assert [(Verdict.DEGRADED, Kind.OFFLINE)] == found({"sinks": [{**sink, "since_s": OFFLINE_S}]})
    assert [(Verdict.DEGRADED, Kind.OFFLINE)] == found({"sinks": [{**sink, "since_s": 400 * OFFLINE_S}]})


def test_older_agents_tell_by_the_wall_clock_since_when() -> None:
    """A command of this version asks one."""
    sink = {"name": "stats.collect", "state": "waiting", "cause": "network", "since_wall": 1000.0}
    status = {"clock": {"wall": 1000.0 + OFFLINE_S}, "sinks": [sink]}
    assert [(Verdict.DEGRADED, Kind.OFFLINE)] == found(status)


def test_destination_that_is_held_is_failing_at_once() -> None:
    """Nothing will get through until somebody acts."""
    held = {"name": "stats.collect", "state": "held", "cause": "configuration", "text": "404", "since_s": 0.0}
    assert [(Verdict.FAILING, Kind.HELD)] == found({"sinks": [held]})


def test_one_bad_secret_is_one_reason() -> None:
    """The session is refused, and so each destination is held: that is one thing to mend."""
    session = {"state": "refused", "text": "the secret is wrong"}
    held = {"name": "stats.collect", "state": "held", "cause": "session"}
    assert [(Verdict.FAILING, Kind.SESSION)] == found({"session": session, "sinks": [held]})


@pytest.mark.parametrize(
    ("queue", "expected"),
    [
        ({"trouble": "I/O error"}, (Verdict.FAILING, Kind.STORE)),
        ({"disk_full": True}, (Verdict.FAILING, Kind.DISK_FULL)),
        ({"events": 9, "bytes": NEAR_BOUND * 100, "bound_bytes": 100}, (Verdict.DEGRADED, Kind.QUEUE_NEAR_BOUND)),
        ({"balanced": False}, (Verdict.DEGRADED, Kind.BOOKS)),
        ({"volatile": "tmpfs"}, (Verdict.DEGRADED, Kind.VOLATILE)),
    ],
)
def test_each_trouble_of_the_store_is_told(queue: dict[str, Any], expected: tuple[Verdict, Kind]) -> None:
    """Each costs events, now or at the next power cut."""
    assert [expected] == found({"queue": queue})


def test_store_that_is_well_is_no_reason() -> None:
    """A large file that holds nothing is about to shrink."""
    well = {"events": 0, "bytes": 100, "bound_bytes": 100, "balanced": True, "dropped": {"age": 3}, "disk_full": False}
    assert [] == found({"queue": well, "sinks": [{"name": "a", "state": "sending", "dead_letters": 0}]})


def test_dead_letters_are_told_until_somebody_looked() -> None:
    """They are a mistake of the configuration, or ours."""
    (reason,) = reporting({"sinks": [{"name": "stats.collect", "state": "idle", "dead_letters": 1}]})
    assert (Verdict.DEGRADED, Kind.DEAD_LETTERS) == (reason.verdict, reason.kind)
    assert "1 message," in reason.text
