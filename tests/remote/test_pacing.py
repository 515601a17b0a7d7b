"""When a device reports."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.remote.pacing import CALM_S, LEAST_S, RETURN_SPREAD_S, SPREAD_S, Notes, Pacing, notes
from agent.remote.reported import Facts, Item, Player, Sink, build
from agent.remote.trial import Trial
from tests.support.facts import FACTS

BEFORE = Notes("urgent", "calm")


def reported(now: float = 100.0) -> Pacing:
    """A device that has just reported."""
    return Pacing.begin(now, jitter=0.0).published(now, BEFORE, every=300.0, jitter=0.5)


def test_first_report_of_a_connection_is_spread() -> None:
    """A thousand devices come back with their broker."""
    assert 100.0 == Pacing.begin(100.0, jitter=0.0).due
    assert 100.0 + RETURN_SPREAD_S * 0.9 == Pacing.begin(100.0, jitter=0.9).due


def test_regular_report_is_not_in_step() -> None:
    """A fleet that was started by one switch would otherwise report on one second for ever."""
    dues = [Pacing(0.0).published(100.0, BEFORE, every=300.0, jitter=jitter).due for jitter in (0.0, 0.5, 0.999)]
    assert [340.0, 400.0] == dues[:2]
    assert 459.0 < dues[2] < 460.0


def test_what_is_of_note_is_reported_within_seconds() -> None:
    """An operator who pushed waits for it."""
    changed = replace(BEFORE, urgent="refused")
    assert 110.5 == reported().noticed(110.0, changed, jitter=0.5).due
    assert 100.0 + LEAST_S == reported().noticed(101.0, changed, jitter=0.5).due
    later = reported().noticed(110.0, changed, jitter=0.5).noticed(110.2, changed, jitter=0.9)
    assert 110.5 == later.due


def test_what_goes_on_all_day_is_reported_once_a_minute() -> None:
    """Signage changes its item every few seconds; that is no news."""
    changed = replace(BEFORE, calm="next item")
    assert 100.0 + CALM_S == reported().noticed(101.0, changed, jitter=0.5).due
    assert 200.0 + SPREAD_S * 0.5 == reported().noticed(200.0, changed, jitter=0.5).due


def test_nothing_new_waits_for_the_regular_report() -> None:
    """A quiet fleet costs next to nothing on a mobile line."""
    assert reported() == reported().noticed(150.0, BEFORE, jitter=0.5)
    assert reported().due == reported().noticed(399.5, replace(BEFORE, urgent="x"), jitter=0.9).due


def test_who_asks_is_answered_now() -> None:
    """The command `refresh`."""
    assert 101.0 == reported().asked(101.0).due


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["c", "d"]), st.floats(0, 0.99)), max_size=400))
def test_rate_is_bounded_whatever_happens(seconds: list[tuple[str, str, float]]) -> None:
    """A destination that flaps all night must not fill a broker's log."""
    pacing, times = Pacing.begin(0.0, jitter=0.0), []
    for now, (urgent, calm, jitter) in enumerate(seconds):
        pacing = pacing.noticed(float(now), Notes(urgent, calm), jitter=jitter)
        if pacing.due <= now:
            times.append(now)
            pacing = pacing.published(float(now), Notes(urgent, calm), every=300.0, jitter=jitter)
    assert all(after - before >= LEAST_S for before, after in pairwise(times))


def noted(**changes: Any) -> tuple[bool, bool]:
    """Whether such a change is urgent, and whether it is worth a report within a minute."""
    before, after = notes(build(FACTS)), notes(build(replace(FACTS, **changes)))
    return before.urgent != after.urgent, before.calm != after.calm


def sink(**changes: Any) -> tuple[Sink, ...]:
    """The destination of the facts, changed."""
    return (replace(FACTS.sinks[0], **changes),)


def with_trial(left: float) -> Facts:
    """A device in the middle of a trial."""
    return replace(FACTS, trial=Trial("fleet@7", "b", 120.0, ("broker",), witnessed=left))


def test_what_is_of_note_is_what_somebody_acts_on() -> None:
    """Configuration, a destination that does not take anything, a first loss, a weak supply."""
    assert (True, False) == noted(settings_hash="other")
    assert (True, False) == noted(broken="damaged")
    assert (True, False) == noted(synced=False)
    assert (True, False) == noted(machine=replace(FACTS.machine, under_voltage=True))
    assert (True, True) == noted(sinks=sink(state="held", cause="session", text="no"))
    assert (True, True) == noted(sinks=sink(dropped={"age": 1}))
    assert (True, True) == noted(sinks=sink(dead_letters=1))
    assert notes(build(FACTS)).urgent != notes(build(with_trial(5.0))).urgent


def test_what_changes_all_the_time_is_of_no_note() -> None:
    """Clocks, depths and temperatures are in each report, and cause none."""
    assert (False, False) == noted(wall=5.0, uptime=6.0, boottime=7.0)
    assert (False, False) == noted(sinks=sink(depth=9, delivered=101, last_delivery_wall=5.0))
    assert (False, False) == noted(machine=replace(FACTS.machine, disk_free_bytes=9, temperature_c=50.0))
    assert (False, False) == noted(counters={"signals": 8})
    assert notes(build(with_trial(5.0))) == notes(build(with_trial(6.0)))


def test_what_goes_on_all_day_is_calm() -> None:
    """The next item, a destination that sends and rests, one more drop of a kind that was told."""
    assert (False, True) == noted(player=Player("playing", Item(1, 3, "b", None)))
    assert (False, True) == noted(sinks=sink(state="idle"))
    one, two = (replace(FACTS, sinks=sink(dropped={"age": number}, dead_letters=number)) for number in (1, 2))
    assert notes(build(one)).urgent == notes(build(two)).urgent
    assert notes(build(one)).calm != notes(build(two)).calm
