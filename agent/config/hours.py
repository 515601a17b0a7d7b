"""Opening hours: when an item of the playlist may be shown.

Contract: pure. Time comes in as epoch seconds with a zone (None: the machine's own zone), and goes out the same way.
Rules: hours mean what the clock on the wall reads. Hours past midnight belong to the day on which they open. A date
in `valid_from` begins at midnight; a date in `valid_until` is the last day that counts. When the clocks go back, an
hour that is read twice counts twice; an opening inside the hour that is left out happens when the clocks jump.
Reasons: decision 35 lets operators write hours for sites in many zones, so each machine's own zone decides.
"""

import itertools
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY = frozenset(range(7))

# How far `next_change` looks: hours repeat weekly, and one day more covers hours past midnight.
HORIZON_S = 8 * 86_400

_SHAPE = re.compile(r"(?:(?P<days>[A-Za-z, -]*[A-Za-z])\s+)?(?P<open>\d{1,2}:\d\d)\s*[-–]\s*(?P<close>\d{1,2}:\d\d)")
_MIDNIGHT = 24 * 60


@dataclass(frozen=True, slots=True)
class Opening:
    """Open on `days` (0 = Monday) from `opens` to `closes`, minutes of the day; `closes` <= `opens`: past midnight."""

    days: frozenset[int]
    opens: int
    closes: int

    def __str__(self) -> str:
        hours = f"{_clock(self.opens)}-{_clock(self.closes)}"
        return hours if self.days == EVERY_DAY else f"{_days_text(self.days)} {hours}"


@dataclass(frozen=True, slots=True)
class Window:
    """When an item may be shown: inside any of `openings` (none: all day) and between the two moments."""

    openings: tuple[Opening, ...] = ()
    valid_from: date | datetime | None = None
    valid_until: date | datetime | None = None


def opening(text: str) -> Opening:
    """Reads "08:00-20:00", "Mon-Fri 08:00-20:00" or "Sat,Sun 22:00-02:00"; ValueError says what is wrong with it."""
    found = _SHAPE.fullmatch(text.strip())
    if found is None:
        raise ValueError("not hours")
    opens, closes = _minutes(found["open"]), _minutes(found["close"])
    if opens in (closes, _MIDNIGHT):
        raise ValueError("hours without length")
    return Opening(_days(found["days"]) if found["days"] else EVERY_DAY, opens, closes)


def is_open(window: Window, wall: float, zone: tzinfo | None = None) -> bool:
    """Whether the item may be shown at `wall` (epoch seconds)."""
    local = datetime.fromtimestamp(wall, zone).replace(tzinfo=None)
    if window.valid_from is not None and not _reached(window.valid_from, wall, local, last_day=False):
        return False
    if window.valid_until is not None and _reached(window.valid_until, wall, local, last_day=True):
        return False
    return not window.openings or any(_covers(each, local) for each in window.openings)


def next_change(window: Window, wall: float, zone: tzinfo | None = None) -> float | None:
    """The first moment (epoch seconds) after `wall` at which `is_open` answers otherwise.

    None: it does not change within `HORIZON_S`; ask again then.
    """
    now = is_open(window, wall, zone)
    moments = sorted(at for at in _boundaries(window, wall, zone) if wall < at <= wall + HORIZON_S)
    return next((at for at in moments if is_open(window, at, zone) != now), None)


def _boundaries(window: Window, wall: float, zone: tzinfo | None) -> set[float]:
    """Every moment near `wall` at which the answer could change: written times, and the clocks' own jumps."""
    found: set[float] = set()
    today = datetime.fromtimestamp(wall, zone).date()
    for ahead in range(-1, 10):
        midnight = datetime.combine(today + timedelta(days=ahead), time())
        for minute in {0} | {minute for each in window.openings for minute in (each.opens, each.closes)}:
            for fold in (0, 1):
                found.add((midnight + timedelta(minutes=minute)).replace(tzinfo=zone, fold=fold).timestamp())
    for moment in (window.valid_from, window.valid_until):
        if isinstance(moment, datetime):
            found |= _near(moment, wall, today, zone)
    days = sorted(found)
    for before, after in itertools.pairwise(days):
        if _offset(before, zone) != _offset(after, zone):
            found.add(_jump(before, after, zone))
    return found


def _near(moment: datetime, wall: float, today: date, zone: tzinfo | None) -> set[float]:
    """The moment as epoch seconds, if it is near: a far one may not fit a 32-bit time_t (Raspberry Pi OS, armhf)."""
    if abs((moment.date() - today).days) > 10:
        return set()
    if moment.tzinfo is not None:
        return {moment.timestamp()}
    return {moment.replace(tzinfo=zone, fold=fold).timestamp() for fold in (0, 1)}


def _offset(at: float, zone: tzinfo | None) -> timedelta | None:
    return datetime.fromtimestamp(at, zone).astimezone(zone).utcoffset()


def _jump(before: float, after: float, zone: tzinfo | None) -> float:
    """The second at which the zone's offset changes between two moments."""
    start, end, offset = int(before), int(after) + 1, _offset(before, zone)
    while end - start > 1:
        middle = (start + end) // 2
        if _offset(middle, zone) == offset:
            start = middle
        else:
            end = middle
    return float(end)


def _reached(moment: date | datetime, wall: float, local: datetime, *, last_day: bool) -> bool:
    if not isinstance(moment, datetime):
        return local.date() > moment if last_day else local.date() >= moment
    return local >= moment if moment.tzinfo is None else wall >= moment.timestamp()


def _covers(hours: Opening, local: datetime) -> bool:
    minute, day = local.hour * 60 + local.minute, local.weekday()
    if hours.opens < hours.closes:
        return day in hours.days and hours.opens <= minute < hours.closes
    evening = day in hours.days and minute >= hours.opens
    return evening or ((day - 1) % 7 in hours.days and minute < hours.closes)


def _minutes(text: str) -> int:
    hour, minute = (int(part) for part in text.split(":"))
    if minute > 59 or hour * 60 + minute > _MIDNIGHT:
        raise ValueError("no such time of day")
    return hour * 60 + minute


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in text.split(","):
        ends = [_day(name) for name in part.split("-")]
        if len(ends) > 2:
            raise ValueError("no such day of the week")
        found |= {(ends[0] + step) % 7 for step in range((ends[-1] - ends[0]) % 7 + 1)}
    return frozenset(found)


def _day(name: str) -> int:
    word = name.strip().lower()
    for number, day in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")):
        if len(word) >= 3 and day.startswith(word):
            return number
    raise ValueError("no such day of the week")


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _days_text(days: frozenset[int]) -> str:
    """Runs of days as ranges: {0, 1, 2, 5} is "Mon-Wed,Sat"."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)
