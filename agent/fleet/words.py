"""Numbers, moments and foreign texts in the words that operators read.

Contract: pure functions, a value in, a short text out; none of them raises, whatever a device reports.
Rules: every text that came over the broker passes through `plain`: a control character in a device's name must not
move a terminal's cursor.
Reasons: agent.cli.words says the same for the device's own commands, and is not on an operator's machine's path: the
two programs import nothing of each other.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

_MINUTE_S, _HOUR_S, _DAY_S = 60, 3600, 86400
# C0 and C1 control characters, marks that turn the direction of writing, and lone surrogates.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(value: Any) -> Any:
    """`value` (JSON) with every unprintable character of its texts shown as an escape."""
    if isinstance(value, str):
        return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), value)
    if isinstance(value, Mapping):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def count(number: int, noun: str) -> str:
    """`1,204 devices`, `1 device`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def of_level(level: str, problems: Iterable[str]) -> list[str]:
    """Problems of a level's document with its name before each; most have it already: "group/lobby@3: …"."""
    return [each if each.startswith(level) else f"{level}: {each}" for each in problems]


def span(seconds: float) -> str:
    """A duration in its two largest units: `3 h 12 min`."""
    whole = int(max(0.0, min(seconds, 1e12)))
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} min"
    return f"{whole // _DAY_S:,} d {whole % _DAY_S // _HOUR_S} h"


def moment(wall: float) -> str:
    """A wall-clock second in local time with its zone."""
    try:
        return f"{datetime.fromtimestamp(wall, tz=UTC).astimezone():%Y-%m-%d %H:%M:%S %Z}"
    except (OverflowError, ValueError, OSError):
        return "an impossible time"


def listed(names: list[str], *, most: int = 8) -> str:
    """`a, b, c and 12 more`."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"
