"""Which wall time an event is sent with, case by case."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.delivery.dating import CLOCK_PATIENCE, Dated, Undated, dated
from agent.kernel.events import Loaded, Playhead
from agent.kernel.instants import Instant
from agent.kernel.release import BUILD_EPOCH
from tests.support.playback import BOOT, WALL, stored

EVENT = stored(Loaded(50.0, 1, Playhead()))
OTHER_BOOT = "11111111-1111-4111-8111-111111111111"
SET = Instant(BOOT, 1_000.0, WALL + 1_000.0, synced=True)
ADRIFT = replace(SET, synced=False)
EPOCH = Instant(BOOT, 1_000.0, 1_000.0, synced=False)
FRESH = Instant(BOOT, 60.0, WALL + 60.0, synced=False)
WRONG = Instant(BOOT, 50.0, WALL - 4_000.0, synced=False)
NINETEEN_SEVENTY = Instant(BOOT, 50.0, 50.0, synced=False)


@pytest.mark.parametrize(
    ("expected", "frozen", "instant", "now"),
    [
        (Dated(WALL + 7.0), WALL + 7.0, WRONG, SET),
        (Dated(WALL + 50.0), None, EVENT.instant, SET),
        (Dated(WALL + 50.0), None, EVENT.instant, EPOCH),
        (Dated(WALL + 50.0), None, WRONG, SET),
        (Dated(WALL + 50.0), None, NINETEEN_SEVENTY, SET),
        (Dated(WALL + 50.0), None, WRONG, ADRIFT),
        (Undated(CLOCK_PATIENCE), None, WRONG, FRESH),
        (Undated(None), None, NINETEEN_SEVENTY, EPOCH),
        (Dated(WALL - 4_000.0), None, replace(WRONG, boot_id=OTHER_BOOT), SET),
        (Dated(WALL - 4_000.0), None, replace(WRONG, boot_id=OTHER_BOOT), FRESH),
        (Dated(SET.wall), None, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT), SET),
        (Undated(None), None, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT), EPOCH),
        (Dated(SET.wall), 50.0, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT, synced=True), SET),
    ],
    ids=[
        "a frozen time is kept",
        "a synchronised clock is believed",
        "and does not need the present clock",
        "an event of this boot is dated by the clock that was set since",
        "an event of 1970 too",
        "a clock that nobody ever sets is taken after a while",
        "but not at once",
        "and never in 1970",
        "an earlier boot's own time is all there is",
        "whatever the present clock says",
        "an earlier boot's 1970 becomes the present",
        "once that makes sense",
        "and a synchronised 1970 is not believed",
    ],
)
def test_an_event_is_dated_by_the_first_rule_that_fits(
    expected: Dated | Undated, frozen: float | None, instant: Instant, now: Instant
) -> None:
    """A Pi boots in 1970 or at its last shutdown; its plays must not count for that day."""
    assert expected == dated(replace(EVENT, frozen_time=frozen, instant=instant), now)


@settings(deadline=None)
@given(
    st.one_of(st.none(), st.floats(0, 4e9)),
    st.builds(Instant, st.sampled_from([BOOT, OTHER_BOOT]), st.floats(0, 1e6), st.floats(0, 4e9), st.booleans()),
    st.builds(Instant, st.just(BOOT), st.floats(0, 1e6), st.floats(0, 4e9), st.booleans()),
)
def test_no_event_is_ever_sent_with_a_time_before_the_build(
    frozen: float | None, instant: Instant, now: Instant
) -> None:
    """Decision 22; and as soon as the present clock makes sense and is old enough, every event has a time."""
    moment = dated(replace(EVENT, frozen_time=frozen, instant=instant), now)
    if isinstance(moment, Dated):
        assert moment.time >= BUILD_EPOCH
    else:
        assert now.wall < BUILD_EPOCH or (not now.synced and now.boottime < CLOCK_PATIENCE)
