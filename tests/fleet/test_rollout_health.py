"""Whether a change did a device harm."""

from typing import Any

import pytest

from agent.fleet.rollout_health import Baseline, Health, Limits, baseline, baseline_of, judge, trouble
from agent.fleet.sighting import Presence, Sighting
from agent.remote.topics import Device

LEVEL = Device("a")
LIMITS = Limits(within_s=300, silent_after_s=60)


def device(*, online: bool = True, **changes: Any) -> Sighting:
    """A device that has applied revision 7 and is well."""
    report = {"wanted": 7, "applied": 7, "problems": []} | changes.pop("report", {})
    config = {"state": "applied", "levels": {"device/a": report}} | changes.pop("config", {})
    state = {
        "session": 3,
        "config": config,
        "player": {"state": "playing", "display": "on"},
        "sinks": [{"name": "stats.collect", "state": "sending", "dead_letters": 0}],
    }
    presence = Presence(online, 3) if online else Presence(online, 3, reason="lost")
    return Sighting("a", presence, state | changes)


def health(
    sighting: Sighting, *, before: Baseline | None = None, ill_for: float = 0.0, elapsed: float = 10.0
) -> Health:
    """How it stands, ill for so long and so long after the document was published."""
    ill = trouble(sighting, before or Baseline(), 0.0)
    return judge(sighting, (LEVEL, 7), elapsed=elapsed, ill_for=ill_for, ill=ill, limits=LIMITS).health


def test_device_that_has_it_and_plays_is_healthy() -> None:
    """The ordinary case."""
    assert Health.HEALTHY is health(device())


@pytest.mark.parametrize(
    ("sighting", "expected"),
    [
        (device(report={"applied": 6, "problems": ["player.volume: …"]}, config={}), Health.REFUSED),
        (
            device(config={"state": "returned", "returned": {"revisions": {"device/a": 7}, "reason": "x"}}),
            Health.RETURNED,
        ),
        (device(report={"wanted": 8, "applied": 8}), Health.OVERTAKEN),
    ],
)
def test_what_the_device_itself_says_counts_at_once(sighting: Sighting, expected: Health) -> None:
    """A refusal does not get better by waiting."""
    assert expected is health(sighting)


def test_device_on_trial_is_undecided_until_it_has_taken_too_long() -> None:
    """It may still return; and a trial that never ends is no success."""
    trial = device(config={"state": "trial", "trial": {"on": ["stats.collect"]}, "levels": {}})
    waiting = device(report={"wanted": 6, "applied": 6})
    for sighting in (trial, waiting):
        assert [Health.PENDING, Health.SILENT] == [health(sighting, elapsed=elapsed) for elapsed in (299.0, 300.0)]


@pytest.mark.parametrize(
    ("sighting", "expected"),
    [
        (device(online=False), Health.SILENT),
        (device(player={"state": "stalled"}), Health.WORSE),
        (device(player={"state": "waiting"}), Health.WORSE),
        (device(sinks=[{"name": "stats.collect", "state": "held"}]), Health.WORSE),
        (device(sinks=[{"name": "stats.collect", "state": "sending", "dead_letters": 2}]), Health.WORSE),
    ],
)
def test_harm_counts_once_it_lasts(sighting: Sighting, expected: Health) -> None:
    """A player that starts anew stalls for a moment, and lines blink."""
    assert [Health.PENDING, expected] == [health(sighting, ill_for=seconds) for seconds in (59.0, 60.0)]


def test_trouble_that_was_there_before_is_not_held_against_the_change() -> None:
    """A kiosk whose destination is held for a week must not stop a new playlist."""
    sick = device(player={"state": "stalled"}, sinks=[{"name": "stats.collect", "state": "held", "dead_letters": 4}])
    before = baseline(sick, 0.0)
    assert before == baseline_of(before.plain())
    assert Health.HEALTHY is health(sick, before=before, ill_for=1000.0)
    assert Health.HEALTHY is health(device(), before=before, ill_for=0.0)
