"""Numbers and moments in the words that people read.

Contract: pure functions, a value in, a short text out; none of them raises, whatever number a broken clock gives.
Rules: texts from outside (file names, servers' answers) pass through `plain`: a control character in a file name must
not move a terminal's cursor, and a name that is not UTF-8 must not stop the command.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
# C0 and C1 control characters, and the lone surrogates that Python makes of bytes which are not UTF-8.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def plain(value: Any) -> Any:
    """`value` (JSON) with every unprintable character of its texts shown as an escape."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", value)
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def count(number: int, noun: str) -> str:
    """`1,204 events`, `1 event`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(number: float) -> str:
    """Bytes as people write them: `4.1 KiB`."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 100 else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} TiB"


def span(seconds: float) -> str:
    """A duration in its two largest units: `3 h 12 min`."""
    whole = int(max(0.0, min(seconds, 1e12)))
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        minutes, rest = divmod(whole, _MINUTE_S)
        return f"{minutes} min {rest} s" if rest and minutes < 10 else f"{minutes} min"
    if whole < _DAY_S:
        hours, rest = divmod(whole, _HOUR_S)
        return f"{hours} h {rest // _MINUTE_S} min"
    days, rest = divmod(whole, _DAY_S)
    return f"{days:,} d {rest // _HOUR_S} h"


def ago(wall: float, now: float | None) -> str:
    """How long before `now` (wall seconds) the moment `wall` was; the moment itself where `now` is not known."""
    if now is None:
        return moment(wall)
    return f"{span(now - wall)} ago" if wall <= now else f"in {span(wall - now)}"


def moment(wall: float) -> str:
    """A wall-clock second in local time with its zone."""
    try:
        return f"{datetime.fromtimestamp(wall, tz=UTC).astimezone():%Y-%m-%d %H:%M:%S %Z}"
    except (OverflowError, ValueError, OSError):
        return "an impossible time"


def media_time(seconds: float) -> str:
    """A place in a medium: `1:02:03`, `0:42`."""
    whole = int(max(0.0, min(seconds, 1e9)))
    minutes, rest = divmod(whole, _MINUTE_S)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def tally(numbers: Mapping[str, int | None]) -> str:
    """Counters by reason, the largest first and no zeroes: `12 no-entry, 3 expired`."""
    counted = [(number, name) for name, number in numbers.items() if number]
    return ", ".join(f"{number:,} {name}" for number, name in sorted(counted, key=lambda pair: (-pair[0], pair[1])))
