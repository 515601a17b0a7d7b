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
    age,
    dated,
    heard,
    not_before,
    present,
)
from agent.kernel.boots import NO_BOOTS, Boot, Boots
from agent.kernel.events import Loaded, Playhead
from agent.kernel.instants import Instant
from agent.kernel.records import LastSent, Origin, Redelivery
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
TWENTY_NINETY_NINE = Instant(BOOT, 50.0, 4_080_000_000.0, synced=False)


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
        (Dated(WALL - 4_000.0, True, latest=WALL), None, replace(WRONG, boot_id=OTHER_BOOT), SET, None),
        (Undated(CLOCK_PATIENCE), None, replace(WRONG, boot_id=OTHER_BOOT), FRESH, None),
        (Dated(WALL, True, latest=WALL), None, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT), SET, None),
        (Dated(WALL, True, latest=WALL), None, replace(TWENTY_NINETY_NINE, boot_id=OTHER_BOOT), SET, None),
        (Unasked(), None, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT), EPOCH, None),
        (
            Dated(WALL + DAY, estimated=True, latest=WALL + DAY),
            None,
            replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT),
            EPOCH,
            RIGHT,
        ),
        (
            Dated(WALL, estimated=True, latest=WALL),
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
        "an unknown boot's own time is all there is",
        "but not before it is known that it is past",
        "an unknown boot's 1970 becomes the beginning of the present one",
        "its far future too",
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


YESTERDAY = Boot(OTHER_BOOT, WALL - DAY, until=3_600.0)


@pytest.mark.parametrize(
    "now",
    [SET, ADRIFT, EPOCH, FRESH, replace(SET, wall=TWENTY_NINETY_NINE.wall, synced=False)],
    ids=["set", "adrift", "in 1970", "fresh", "in 2099"],
)
@pytest.mark.parametrize("own", [NINETEEN_SEVENTY, WRONG, TWENTY_NINETY_NINE], ids=["1970", "2026", "2099"])
def test_an_event_is_dated_exactly_once_its_boot_saw_the_time_even_afterwards(own: Instant, now: Instant) -> None:
    """Unplugged before delivery, but after the time server had answered: that answer dates the whole boot."""
    event = replace(EVENT, frozen_time=None, instant=replace(own, boot_id=OTHER_BOOT))
    assert Dated(WALL - DAY + 50.0) == dated(event, now, None, Boots((YESTERDAY,)))


def test_a_synchronisation_that_has_lapsed_still_dates_its_boot() -> None:
    """A kernel takes its word back after nine hours offline; the boot-time clock goes on as before."""
    boots = NO_BOOTS.seen(SET)
    assert Dated(ADRIFT.wall) == present(ADRIFT, None, boots) == present(EPOCH, SILENT, boots)
    assert Dated(WALL + 50.0) == dated(replace(EVENT, frozen_time=None, instant=NINETEEN_SEVENTY), EPOCH, None, boots)


def test_an_event_of_a_boot_without_the_time_lies_between_its_neighbours() -> None:
    """Counted as estimated, with the latest possible time beside it."""
    dark = "22222222-2222-4222-8222-222222222222"
    boots = Boots((YESTERDAY, Boot(dark, None, until=400.0))).seen(SET)
    event = replace(EVENT, frozen_time=None, instant=replace(NINETEEN_SEVENTY, boot_id=dark))
    moment = dated(event, SET, None, boots)
    assert isinstance(moment, Dated)
    assert moment.estimated
    assert YESTERDAY.began is not None
    assert YESTERDAY.began + YESTERDAY.until + 50.0 < moment.time < WALL - 350.0
    assert WALL - 350.0 == moment.latest
    # By the service's clock alone, the same.
    by_service = dated(event, EPOCH, ServerClock(WALL), Boots((*boots.boots[:2], Boot(BOOT, None, 900.0))))
    assert moment == by_service


def test_an_imported_event_is_none_of_this_devices_boots() -> None:
    """A laptop that delivers for a kiosk was perhaps switched on long before the event happened."""
    imported = replace(EVENT, frozen_time=None, instant=replace(ADRIFT, boot_id=OTHER_BOOT), origin=Origin.IMPORTED)
    assert Dated(ADRIFT.wall, estimated=True) == dated(imported, SET, None, Boots((Boot(OTHER_BOOT, None, 9.0),)))


@pytest.mark.parametrize(
    ("expected", "instant", "moment"),
    [
        (950.0, NINETEEN_SEVENTY, Undated(None)),
        (950.0, TWENTY_NINETY_NINE, Dated(WALL - DAY)),
        (DAY, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT), Dated(SET.wall - DAY)),
        (60.0, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT), Dated(SET.wall - DAY, True, latest=SET.wall - 60.0)),
        (None, replace(NINETEEN_SEVENTY, boot_id=OTHER_BOOT), Undated(None)),
    ],
    ids=["by boot-time", "whatever the wall clock says", "dated", "the least possible", "unknown"],
)
def test_an_age_is_never_more_than_what_is_certain(expected: float | None, instant: Instant, moment: Moment) -> None:
    """trackEvent drops what is too old: a wrong clock must not make anything too old."""
    assert expected == age(replace(EVENT, instant=instant), moment, SET, present(SET, None))


@settings(deadline=None)
@given(
    st.one_of(st.none(), st.floats(0, 4e9)),
    st.builds(Instant, st.sampled_from([BOOT, OTHER_BOOT]), st.floats(0, 1e6), st.floats(0, 4e9), st.booleans()),
    st.builds(Instant, st.just(BOOT), st.floats(0, 1e6), st.floats(0, 4e9), st.booleans()),
    st.sampled_from([None, SILENT, RIGHT, ServerClock(-1e9)]),
    st.lists(
        st.builds(
            Boot,
            st.sampled_from([BOOT, OTHER_BOOT, "another", "and another"]),
            st.one_of(st.none(), st.floats(BUILD_EPOCH, 4e9)),
            st.floats(0, 1e6),
            st.one_of(st.none(), st.floats(BUILD_EPOCH, 4e9)),
        ),
        unique_by=lambda boot: boot.boot_id,
    ),
)
def test_no_event_is_ever_sent_with_a_time_before_the_build(
    frozen: float | None, instant: Instant, now: Instant, server: ServerClock | None, boots: list[Boot]
) -> None:
    """Decision 22; and once the boot is old enough, a right clock anywhere is enough to send everything."""
    moment = dated(replace(EVENT, frozen_time=frozen, instant=instant), now, server, Boots(tuple(boots)))
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
