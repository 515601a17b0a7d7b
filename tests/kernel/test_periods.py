"""The days that a report is about, as people write them."""

from datetime import date

import pytest

from agent.kernel.periods import ALWAYS, Period, between, date_of, day, edge_of, period_of, week


def test_day_is_both_ends_of_its_period() -> None:
    """Both days belong to a period."""
    assert Period(date(2026, 11, 22), date(2026, 11, 22)) == day("2026-11-22")
    assert "2026-11-22" == str(day("2026-11-22"))


@pytest.mark.parametrize("text", ["2026-W47", "2026W47", "2026-11-16", "2026-11-22", "2026-11-18"])
def test_week_is_named_or_holds_a_date(text: str) -> None:
    """Monday to Sunday, as ISO 8601 has it."""
    assert Period(date(2026, 11, 16), date(2026, 11, 22)) == week(text)


def test_first_week_of_a_year_may_begin_in_the_year_before() -> None:
    """ISO weeks do; whoever adds seven days to the first of January is wrong in most years."""
    assert Period(date(2025, 12, 29), date(2026, 1, 4)) == week("2026-W01") == week("2026-01-01")
    assert Period(date(2026, 12, 28), date(2027, 1, 3)) == week("2026-W53")


@pytest.mark.parametrize("text", ["2026-W54", "2025-W53", "2026-W00", "2026-47", "", "yesterday", "W47", "9999-12-31x"])
def test_what_is_no_week_is_refused_with_what_is_allowed(text: str) -> None:
    """2025 has 52 weeks."""
    with pytest.raises(ValueError, match="2026-W47"):
        week(text)


@pytest.mark.parametrize("text", ["2026-13-01", "22.11.2026", "20261122", "", "2026-02-30", "2026-11-2 "])
def test_what_is_no_date_is_refused_with_what_is_allowed(text: str) -> None:
    """One way to write a date, which sorts."""
    with pytest.raises(ValueError, match="2026-11-22"):
        date_of(text)


def test_either_end_may_be_open() -> None:
    """Everything since the first of the month."""
    assert ALWAYS == between(None, None)
    assert "2026-11-01 to now" == str(between("2026-11-01", None))
    assert "the beginning to 2026-11-01" == str(between(None, "2026-11-01"))
    assert "all plays" == str(ALWAYS)


@pytest.mark.parametrize(("since", "until"), [("2026-11-22", "2026-11-21"), (200, 100.5)])
def test_period_that_ends_before_it_begins_is_refused(since: object, until: object) -> None:
    """A typing mistake would be an empty report."""
    with pytest.raises(ValueError, match="ends before it begins"):
        period_of(since, until)


def test_ends_travel_as_dates_or_seconds() -> None:
    """Over a fleet a date is a day of each device's own zone; seconds are the same moment everywhere."""
    for period in (ALWAYS, day("2026-11-22"), Period(1.5, None), Period(date(2026, 1, 1), 2e9), Period(0.0, 0.0)):
        said = period.plain()
        assert period == period_of(said.get("from"), said.get("to"))
    assert {"from": "2026-11-22", "to": "2026-11-22"} == day("2026-11-22").plain()


@pytest.mark.parametrize("value", [True, -1, 1e12, [], float("nan"), float("inf")])
def test_end_that_is_neither_is_refused(value: object) -> None:
    """Over a socket anything comes."""
    with pytest.raises(ValueError, match="seconds since 1970"):
        edge_of(value)
