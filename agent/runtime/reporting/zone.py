"""The device's own days.

Contract: `day_of`, `time_of` and `begin_of` relate wall seconds and local time, `zone` and `offset_s` say in which zone
that is. None of them raises, whatever a broken clock gives.
Rules: the machine's zone, as for opening hours. A day without a midnight begins when the clocks have jumped.
"""

import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

LINK: Final = Path("/etc/localtime")
_NEVER = "0000-00-00"
# The last second of the year 9999 less a day: no zone makes a year 10000 of it.
_LATEST = 253_402_200_000.0


def day_of(wall: float) -> str:
    """The local day in which `wall` lies."""
    try:
        return f"{datetime.fromtimestamp(wall):%Y-%m-%d}"
    except (OverflowError, ValueError, OSError):
        return _NEVER


def time_of(wall: float) -> str:
    """What the clock on the wall reads at `wall`."""
    try:
        return f"{datetime.fromtimestamp(wall):%H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return "00:00:00"


class Days:
    """`day_of` for many moments near each other: lines of a ledger, most of which lie in the day of the one before."""

    def __init__(self) -> None:
        self._day = _NEVER
        self._begin = self._end = 0.0

    def of(self, wall: float) -> str:
        """The local day in which `wall` lies."""
        if not self._begin <= wall < self._end:
            self._day = day_of(wall)
            if self._day == _NEVER:
                return _NEVER
            day = date.fromisoformat(self._day)
            self._begin, self._end = begin_of(day), begin_of(day + timedelta(days=1)) if day < date.max else 0.0
        return self._day


def begin_of(day: date) -> float:
    """The wall second at which the local day begins."""
    try:
        return datetime.combine(day, time()).timestamp()
    except (OverflowError, ValueError, OSError):
        return 0.0 if day.year < 2000 else _LATEST


def zone(link: Path = LINK) -> str:
    """Its name, such as Europe/Berlin; where it has none, its abbreviation."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named:
        return named[:100]
    try:
        _, found, name = str(link.readlink()).partition("zoneinfo/")
    except OSError:
        found, name = "", ""
    return name[:100] if found else datetime.now(tz=UTC).astimezone().tzname() or "UTC"


def offset_s() -> int:
    """How far (s) local time is ahead of UTC now."""
    offset = datetime.now(tz=UTC).astimezone().utcoffset()
    return 0 if offset is None else round(offset.total_seconds())
