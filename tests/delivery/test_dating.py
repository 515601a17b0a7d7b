"""Which wall time an event is sent with, case by case."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.delivery.dating import (
    CLOCK_PATIENCE,
    Dated,
    Moment,
    ServerClock,
    Unasked,
    Undated,
    dated,
    heard,
    not_before,
)
from agent.kernel.events import Loaded, Playhead
from agent.kernel.instants import Instant
from agent.kernel.records import LastSent, Redelivery
from agent.kernel.release import BUILD_EPOCH
from tests.support.playback import BOOT, WALL, stored

EVENT = stored(Loaded(50.0, 1, Playhead()))
SESSION = EVENT.attribution.session_id
OTHER_BOOT = "11111111-1111-4111-8111-111111111111"
SET = Instant(BOOT, 1_000.0, WALL + 1_000.0, synced=True)
ADRIFT = replace(SET, synced=False)
EPOCH = Instant(BOOT, 1_000.0, 1_000.0, synced=False)
FRESH = Instant(BOOT, 60.0, WALL + 60.0, synced=False)
WRONG = Instant(BOOT, 50.0, WALL - 4_000.0, synced=False)
NINETEEN_SEVENTY = Instant(BOOT, 50.0, 50.0, synced=False)


DAY = 86_400.0
RIGHT = ServerClock(WALL + DAY)
SILENT = ServerClock(None)


@pytest.mark.parametrize(
    ("expected", "frozen", "instant", "now", "server"),
    [
        (Dated(WALL + 7.0), WALL + 7.0, WRONG, SET, None),
        (Dated(WALL + 50.0), None, EVENT.instant, SET, RIGHT),
        (Dated(WALL + 50.0), None, EVENT.instant, EPOCH, None),
        (Dated(WALL + 50.0), None, WRONG, SET, RIGHT),
        (Dated(WALL + 50.0), None, NINETEEN_SEVENTY, SET, None),
        (Undated(CLOCK_PATIENCE), None, WRONG, FRESH, RIGHT),
        (Unasked(), None, WRONG, ADRIFT, None),
        (Dated(WALL + DAY + 50.0, estimated=True), None, WRONG, ADRIFT, RIGHT),
        (Dated(WALL + DAY + 50.0, estimated=True), None, NINETEEN_SEVENTY, EPOCH, RIGHT),
        (Dated(WALL + 50.0, estimated=True), None, WRONG, ADRIFT, SILENT),
        (Undated(None), None, NINETEEN_SEVENTY, EPOCH, SILENT),
        (Dated(WALL - 4_000.0, estimated=True), None, replace(WRONG, boot_id=OTHER_BOOT), SET, None),
        (Dated(WALL - 4_000.0, estimated=True), None, replace(WRONG, boot_id=OTHER_BOOT), FRESH, None),
        (Dated(SET.wall, estimated=True), None, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT), SET, None),
        (Unasked(), None, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT), EPOCH, None),
        (
            Dated(WALL + DAY + 1_000.0, estimated=True),
            None,
            replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT),
            EPOCH,
            RIGHT,
        ),
        (
            Dated(SET.wall, estimated=True),
            50.0,
            replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT, synced=True),
            SET,
            None,
        ),
    ],
    ids=[
        "a frozen time is kept",
        "a synchronised clock is believed, whatever the service says",
        "and does not need the present clock",
        "an event of this boot is dated by the clock that was set since",
        "an event of 1970 too",
        "two minutes after the boot the clock may still be set",
        "then the service is asked",
        "and its clock is the source of time",
        "in 1970 too",
        "a clock that nobody ever sets is taken where the service tells no time",
        "but never in 1970",
        "an earlier boot's own time is all there is",
        "whatever the present clock says",
        "an earlier boot's 1970 becomes the present",
        "once that is known",
        "from whomever",
        "and a synchronised 1970 is not believed",
    ],
)
def test_an_event_is_dated_by_the_first_rule_that_fits(
    expected: Moment, frozen: float | None, instant: Instant, now: Instant, server: ServerClock | None
) -> None:
    """A Pi boots in 1970 or at its last shutdown; its plays must not count for that day."""
    assert expected == dated(replace(EVENT, frozen_time=frozen, instant=instant), now, server)


@settings(deadline=None)
@given(
    st.one_of(st.none(), st.floats(0, 4e9)),
    st.builds(Instant, st.sampled_from([BOOT, OTHER_BOOT]), st.floats(0, 1e6), st.floats(0, 4e9), st.booleans()),
    st.builds(Instant, st.just(BOOT), st.floats(0, 1e6), st.floats(0, 4e9), st.booleans()),
    st.sampled_from([None, SILENT, RIGHT, ServerClock(-1e9)]),
)
def test_no_event_is_ever_sent_with_a_time_before_the_build(
    frozen: float | None, instant: Instant, now: Instant, server: ServerClock | None
) -> None:
    """Decision 22; and once the boot is old enough, a right clock anywhere is enough to send everything."""
    moment = dated(replace(EVENT, frozen_time=frozen, instant=instant), now, server)
    if isinstance(moment, Dated):
        assert moment.time >= BUILD_EPOCH
    elif server is RIGHT:
        assert now.boottime < CLOCK_PATIENCE
    elif server is SILENT:
        assert now.wall < BUILD_EPOCH or now.boottime < CLOCK_PATIENCE


def test_the_services_clock_is_related_to_boot_time_and_small_differences_are_no_news() -> None:
    """An HTTP Date jumps by whole seconds; times that follow it would jump too."""
    first = heard(None, WALL + DAY + 1_000.0, ADRIFT)
    assert RIGHT == first
    assert RIGHT == heard(first, WALL + DAY + 1_001.0, ADRIFT)
    assert ServerClock(WALL + 2 * DAY) == heard(first, WALL + 2 * DAY + 1_000.0, ADRIFT)
    assert RIGHT == heard(first, None, ADRIFT)
    assert SILENT == heard(None, None, ADRIFT) == heard(None, 5.0, ADRIFT)


@pytest.mark.parametrize(
    ("expected", "last", "change"),
    [
        (WALL + 99.0, LastSent(SESSION, WALL + 99.0), {}),
        (WALL + 50.0, LastSent(SESSION, WALL + 9.0), {}),
        (WALL + 50.0, LastSent("another", WALL + 99.0), {}),
        (WALL + 50.0, None, {}),
        (WALL + 50.0, LastSent(SESSION, WALL + 99.0), {"redelivery": Redelivery("s", 0, "")}),
        (WALL + 50.0, LastSent(SESSION, WALL + 99.0), {"frozen_time": WALL + 50.0, "instant": WRONG}),
        (WALL + 99.0, LastSent(SESSION, WALL + 99.0), {"frozen_time": WALL + 50.0}),
    ],
    ids=[
        "earlier than the one before",
        "later",
        "another session",
        "the first of all",
        "a dead letter keeps its time",
        "a time that was frozen may have been sent",
        "the event's own time was not",
    ],
)
def test_no_message_of_a_session_is_earlier_than_the_one_before(
    expected: float, last: LastSent | None, change: dict[str, Any]
) -> None:
    """Decision 7: a clock that is stepped back in mid-play must not put 75 % before 50 %."""
    assert Dated(expected) == not_before(last, replace(EVENT, **change), Dated(WALL + 50.0))
    assert Undated(None) == not_before(last, EVENT, Undated(None))
