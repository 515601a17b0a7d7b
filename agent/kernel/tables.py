"""A report's rows as a table for people.

Contract: `table` answers its lines, the head first and the sum of all rows last. Pure.
Rules: numbers stand under each other at the right. The head has the columns that people ask for first, and those of
rare endings where there were such, so that a row adds up; a file has all of them. What has no entry is a
dash. `plain` makes a foreign text printable.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from agent.kernel.totals import Grouped, Totals

_SHOWN: Final = (
    ("PLAYS", "plays"),
    ("STARTED", "started"),
    ("COMPLETED", "completed"),
    ("TIME", "ms"),
    ("ENDED", "ended"),
    ("STOPPED", "stopped"),
    ("INTERRUPTED", "interrupted"),
    ("SKIPPED", "skipped"),
    ("FAILED", "failed"),
    ("DISPLAY OFF", "display_off"),
    ("ESTIMATED", "estimated"),
    ("DELIVERED", "delivered"),
)
# Most kiosks have none of these; where there are some, a row must still add up to its plays.
_RARE: Final = frozenset({"ended", "stopped"})
_WIDEST = 60


def table(grouped: Grouped, plain: Callable[[str], str]) -> list[str]:
    """The rows and their sum."""
    keys = [by.value.upper() for by in grouped.by] or [""]
    shown = [(head, name) for head, name in _SHOWN if name not in _RARE or getattr(grouped.whole, name)]
    rows = [
        [_key(each, plain) for each in key or ("all",)] + _numbers(totals, shown) for key, totals in grouped.ordered()
    ]
    if grouped.by:
        rows.append(["total", *[""] * (len(keys) - 1), *_numbers(grouped.whole, shown)])
    return laid_out([*keys, *(head for head, _ in shown)], rows, texts=len(keys))


def laid_out(head: Sequence[str], rows: Iterable[Sequence[str]], *, texts: int) -> list[str]:
    """Any table, whose first `texts` columns are texts and the others numbers."""
    cells = [head, *rows]
    widths = [max(width(row[column]) for row in cells) for column in range(len(head))]
    return ["  ".join(_padded(row, widths, texts)).rstrip() for row in cells]


def clock(ms: int) -> str:
    """Milliseconds as hours, minutes and seconds: `12:34:56`."""
    seconds = (ms + 500) // 1000
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def width(text: str) -> int:
    """How many places it takes on a terminal; wide characters (CJK) take two."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text
    )


def _key(text: str | None, plain: Callable[[str], str]) -> str:
    """Its end tells more than its beginning, as of a file's path."""
    shown = plain(text) if text else "-"
    return shown if len(shown) <= _WIDEST else f"…{shown[1 - _WIDEST :]}"


def _numbers(totals: Totals, shown: Iterable[tuple[str, str]]) -> list[str]:
    return [clock(value) if name == "ms" else f"{value:,}" for _, name in shown for value in (getattr(totals, name),)]


def _padded(row: Sequence[str], widths: Sequence[int], texts: int) -> list[str]:
    gaps = [" " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)]
    pairs = zip(row, gaps, strict=True)
    return [cell + gap if column < texts else gap + cell for column, (cell, gap) in enumerate(pairs)]
