"""The days that a report is about.

Contract: a `Period` of local days or of wall seconds, either end of which may be open; `day`, `week`, `between` make
one of texts and raise ValueError with what is allowed. Pure: when a day begins is for the device to say.
Rules: both days of a period belong to it; of seconds the first does and the last does not. A week is one of ISO 8601,
which begins on Monday; the week of a date is the one that the date lies in.
Reasons: operators think in days, each in the zone of the screen that is looked at.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

_WEEK = re.compile(r"(\d{4})-?W(\d{2})")
DATES = "a date such as 2026-11-22"

Edge = date | float | None


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to `until`; None: open."""

    since: Edge = None
    until: Edge = None

    def __str__(self) -> str:
        if self.since is None and self.until is None:
            return "all plays"
        if self.since == self.until and isinstance(self.since, date):
            return str(self.since)
        since = "the beginning" if self.since is None else str(self.since)
        return f"{since} to {'now' if self.until is None else self.until}"

    def plain(self) -> dict[str, Any]:
        """As the arguments `from` and `to` of a command, without an open end; `period_of` is the inverse."""
        edges = {"from": self.since, "to": self.until}
        return {name: str(edge) if isinstance(edge, date) else edge for name, edge in edges.items() if edge is not None}


ALWAYS = Period()


def day(text: str) -> Period:
    """One day."""
    found = date_of(text)
    return Period(found, found)


def week(text: str) -> Period:
    """The week that is written as 2026-W47, or that a date lies in."""
    named = _WEEK.fullmatch(text)
    try:
        first = date.fromisocalendar(int(named[1]), int(named[2]), 1) if named else date_of(text)
        first -= timedelta(days=first.weekday())
        return Period(first, first + timedelta(days=6))
    except (ValueError, OverflowError):
        raise ValueError(f"is no week: {text!a}; allowed: a week such as 2026-W47, or {DATES} in it") from None


def between(since: str | None, until: str | None) -> Period:
    """From one day to another, both of them belonging to it."""
    return checked(
        Period(None if since is None else date_of(since), None if until is None else date_of(until)),
    )


def chosen(one_day: str | None, one_week: str | None, since: str | None, until: str | None) -> Period:
    """The one period that an operator named, by the options of both reports; the error names the option."""
    if sum([one_day is not None, one_week is not None, since is not None or until is not None]) > 1:
        raise ValueError("say when in one way: --day, --week, or --from and --to")
    try:
        if one_day is not None:
            return day(one_day)
        return between(since, until) if one_week is None else week(one_week)
    except ValueError as error:
        option = "--day" if one_day is not None else "--week" if one_week is not None else "--from and --to"
        raise ValueError(f"{option}: {error}") from None


def period_of(since: Any, until: Any) -> Period:
    """From the arguments of a command: texts of dates, or wall seconds. Raises ValueError."""
    return checked(Period(edge_of(since), edge_of(until)))


def edge_of(value: Any) -> Edge:
    """One end of a period: a text of a date, or wall seconds. Raises ValueError."""
    if value is None:
        return None
    if isinstance(value, str):
        return date_of(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1e11:
        return float(value)
    raise ValueError(f"allowed: {DATES}, or seconds since 1970")


def checked(period: Period) -> Period:
    """The period itself. Raises ValueError where it ends before it begins."""
    match period.since, period.until:
        case (date() as first, date() as last) if last < first:
            pass
        case (float() as begin, float() as end) if end < begin:
            pass
        case _:
            return period
    raise ValueError(f"the period ends before it begins: {period.since} to {period.until}")


def date_of(text: str) -> date:
    """The date that is written so. Raises ValueError."""
    try:
        if len(text) != len("2026-11-22"):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"is no date: {text[:40]!a}; allowed: {DATES}") from None
