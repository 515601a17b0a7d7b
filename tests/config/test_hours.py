"""Opening hours, in zones whose clocks jump."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.config.hours import EVERY_DAY, HORIZON_S, Opening, Window, is_open, next_change, opening
from tests.support.zones import in_zone

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [BERLIN, ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu")]


def at(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> float:
    """A local time as epoch seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp()


def window(*hours: str, valid_from: date | None = None, valid_until: date | None = None) -> Window:
    return Window(tuple(opening(each) for each in hours), valid_from, valid_until)


@pytest.mark.parametrize(
    ("canonical", "text"),
    [
        ("08:00-20:00", "8:00-20:00"),
        ("00:00-24:00", "0:00 - 24:00"),
        ("Mon-Fri 08:00-20:00", "mon-fri 08:00-20:00"),
        ("Mon,Sat-Sun 10:00-18:00", "Sat-Mon 10:00-18:00"),
        ("Fri-Sat 22:00-02:00", "Friday, Saturday 22:00–02:00"),
        ("08:00-20:00", "Mon-Sun 08:00-20:00"),
        ("Tue 20:00-24:00", "Tue 20:00-24:00"),
    ],
)
def test_hours_are_read_as_people_write_them(canonical: str, text: str) -> None:
    """And written back in one way, which reads as the same hours."""
    assert canonical == str(opening(text))
    assert opening(text) == opening(canonical)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("not hours", ""),
        ("not hours", "8-20"),
        ("not hours", "08:00"),
        ("not hours", "08:00-20:00 Mon"),
        ("no such time of day", "08:00-24:01"),
        ("no such time of day", "08:60-20:00"),
        ("hours without length", "08:00-08:00"),
        ("hours without length", "24:00-08:00"),
        ("no such day of the week", "Mo 08:00-20:00"),
        ("no such day of the week", "Mon-Wed-Fri 08:00-20:00"),
        ("no such day of the week", "Mon,,Fri 08:00-20:00"),
        ("no such day of the week", "Munday 08:00-20:00"),
    ],
)
def test_what_is_no_hours_is_refused_with_its_reason(reason: str, text: str) -> None:
    """The text goes into the message to the person who wrote it."""
    with pytest.raises(ValueError, match=reason):
        opening(text)


@pytest.mark.parametrize(
    ("is_shown", "moment"),
    [
        (False, "2026-11-20 07:59:59"),
        (True, "2026-11-20 08:00:00"),
        (True, "2026-11-20 19:59:59"),
        (False, "2026-11-20 20:00:00"),
        (False, "2026-11-21 12:00:00"),
        (True, "2026-11-21 22:30:00"),
        (True, "2026-11-22 01:59:59"),
        (False, "2026-11-22 02:00:00"),
        (False, "2026-11-21 01:00:00"),
    ],
)
def test_item_is_shown_in_its_hours(is_shown: bool, moment: str) -> None:
    """Hours past midnight belong to the evening on which they open: Sunday 01:00 is Saturday night."""
    assert is_shown == is_open(window("Mon-Fri 08:00-20:00", "Sat 22:00-02:00"), at(moment), BERLIN)


@pytest.mark.parametrize(
    ("is_shown", "moment"),
    [
        (False, "2026-11-30 23:59:59"),
        (True, "2026-12-01 00:00:00"),
        (True, "2026-12-24 23:59:59"),
        (False, "2026-12-25 00:00:00"),
    ],
)
def test_item_is_shown_from_its_first_to_its_last_day(is_shown: bool, moment: str) -> None:
    """A campaign "until 24 December" includes that day."""
    assert is_shown == is_open(window(valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 24)), at(moment), BERLIN)


def test_moment_with_offset_holds_in_every_zone() -> None:
    """An embargo is one moment for the whole fleet."""
    embargo = Window((), datetime(2026, 12, 1, 12, tzinfo=UTC), None)
    noon = datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp()
    for zone in ZONES:
        assert not is_open(embargo, noon - 1, zone)
        assert is_open(embargo, noon, zone)
        assert noon == next_change(embargo, noon - 3600, zone)


def test_no_limits_never_change() -> None:
    """The usual item has no hours."""
    assert is_open(Window(), at("2026-11-20 08:00:00"), BERLIN)
    assert next_change(Window(), at("2026-11-20 08:00:00"), BERLIN) is None


def test_far_limit_is_no_change_yet_and_does_not_overflow() -> None:
    """On armhf a moment after 2038 does not fit the clock's type; the caller asks again after the horizon."""
    far = Window((), None, datetime(9999, 12, 31, 23, 59, 59))
    assert is_open(far, at("2026-11-20 08:00:00"), BERLIN)
    assert next_change(far, at("2026-11-20 08:00:00"), BERLIN) is None


@pytest.mark.parametrize(
    ("expected", "hours", "now"),
    [
        (at("2026-11-20 20:00"), "Mon-Fri 08:00-20:00", at("2026-11-20 12:00")),
        (at("2026-11-23 08:00"), "Mon-Fri 08:00-20:00", at("2026-11-20 20:00")),
        (at("2026-11-27 08:00"), "Fri 08:00-20:00", at("2026-11-20 20:00")),
        # Clocks go forward at 02:00 on 29 March: 02:30 is left out, so it opens when they jump.
        (at("2026-03-29 01:00", ZoneInfo("UTC")), "Sun 02:30-05:00", at("2026-03-29 00:00")),
        # Clocks go back at 03:00 on 25 October: 02:30 comes twice.
        (at("2026-10-25 02:30"), "Sun 01:00-02:30", at("2026-10-25 01:30")),
        (at("2026-10-25 01:00", ZoneInfo("UTC")), "Sun 01:00-02:30", at("2026-10-25 02:30")),
        (at("2026-10-25 02:30", fold=1), "Sun 01:00-02:30", at("2026-10-25 02:15", fold=1)),
    ],
)
def test_next_change_is_when_the_wall_clock_says_so(expected: float, hours: str, now: float) -> None:
    """A kiosk must not show the morning's list an hour late because of a change of the clocks."""
    assert expected == next_change(window(hours), now, BERLIN)


openings = st.builds(
    Opening,
    st.frozensets(st.integers(0, 6), min_size=1) | st.just(EVERY_DAY),
    st.integers(0, 1439),
    st.integers(1, 1440),
).filter(lambda each: each.opens != each.closes)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31))
windows = st.builds(
    Window, st.lists(openings, max_size=3).map(tuple), st.none() | moments, st.none() | moments | st.dates()
)


@given(openings)
def test_written_hours_read_as_the_same(hours: Opening) -> None:
    """`config show` writes what could be put into the file again."""
    assert hours == opening(str(hours))


@given(windows, st.integers(1_767_225_600, 1_830_000_000), st.sampled_from(ZONES), st.floats(0, 1))
def test_nothing_changes_before_the_next_change(when: Window, now: int, zone: ZoneInfo, part: float) -> None:
    """The player sleeps until then: a change that it is not told of is missed."""
    state = is_open(when, now, zone)
    change = next_change(when, now, zone)
    until = now + HORIZON_S if change is None else change
    assert state == is_open(when, now + (until - now) * part * 0.999999, zone)
    if change is not None:
        assert now < change <= now + HORIZON_S
        assert state != is_open(when, change, zone)
        assert state == is_open(when, change - 1, zone) or change - now < 1


@pytest.fixture
def machine_in_berlin() -> Iterator[None]:
    """This process's own zone."""
    with in_zone("Europe/Berlin"):
        yield


@pytest.mark.usefixtures("machine_in_berlin")
def test_machines_own_zone_counts_where_none_is_given() -> None:
    """The daemon never names a zone; it must follow /etc/localtime through changes of the clocks."""
    assert "Europe/Berlin" == os.environ["TZ"]
    for day in ("2026-03-28", "2026-10-24", "2026-06-01"):
        start = at(f"{day} 00:00")
        for step in range(0, 3 * 86_400, 1800):
            hours = window("02:30-05:00", "Sat 22:00-02:30")
            assert is_open(hours, start + step, BERLIN) == is_open(hours, start + step)
            if step % 7200 == 0:
                assert next_change(hours, start + step, BERLIN) == next_change(hours, start + step)
    assert timedelta(hours=2) == datetime.fromtimestamp(at("2026-06-01 00:00")).astimezone().utcoffset()
