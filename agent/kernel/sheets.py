"""A report's rows as a file and as records.

Contract: `csv_text` answers CSV of RFC 4180 with its header; `records` the same as values for JSON. Pure.
Rules: the columns are the keys asked for and then always `HEAD`, in this order, whatever destinations there are: they
stand together in one cell. Seconds have three decimals. A cell that a spreadsheet would take for a formula has an
apostrophe before it, since the names of items come from files and brokers.
Reasons: scripts rely on the names.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, Final

from agent.kernel.totals import COLUMNS, By, Grouped, Key, Totals

_NAMES = {"ms": "seconds", "dark_ms": "dark_seconds"}
HEAD: Final = (*(_NAMES.get(name, name) for name in COLUMNS), "delivered_to")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(grouped: Grouped) -> str:
    """The rows; their sum is no row, so that a column can be added up."""
    rows = [[*map(cell, key), *_cells(totals)] for key, totals in grouped.ordered()]
    return sheet([*(by.value for by in grouped.by), *HEAD], rows)


def sheet(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Any rows of texts as CSV, the header first."""
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows([head, *rows])
    return written.getvalue()


def records(grouped: Grouped) -> list[dict[str, Any]]:
    """The rows for JSON."""
    return [record(grouped.by, key, totals) for key, totals in grouped.ordered()]


def record(by: Iterable[By], key: Key, totals: Totals) -> dict[str, Any]:
    """One row for JSON: the keys, then the numbers, and the destinations by name."""
    named = {each.value: value for each, value in zip(by, key, strict=True)}
    return {**named, **numbers(totals), "delivered_to": dict(sorted(totals.sinks.items()))}


def numbers(totals: Totals) -> dict[str, float]:
    """The numbers by their names, times in seconds."""
    return {
        _NAMES.get(name, name): value / 1000 if name in _NAMES else value
        for name, value in zip(COLUMNS, totals.numbers, strict=True)
    }


def cell(text: str | None) -> str:
    """A text as a cell."""
    if text is None:
        return ""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _cells(totals: Totals) -> list[str]:
    found = [
        f"{value // 1000}.{value % 1000:03}" if name in _NAMES else str(value)
        for name, value in zip(COLUMNS, totals.numbers, strict=True)
    ]
    return [*found, " ".join(f"{name}={count}" for name, count in sorted(totals.sinks.items()))]
