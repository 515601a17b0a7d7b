"""report.getTable: what is asked, and what the table says.

Contract: pure. `parameters` is the question of the guide's section 10; `read_table` reads an answer's value, None where
it is no table; `Table.counts` gives an entry's numbers.
Rules: columns are found by the names in the header, never by their place, for tables gain and lose columns. A table
that has no row for an entry counts nothing for it: that is zero in each column that the table has. A row that does not
fit the header, or a number that is none, makes the table unreadable rather than zero.
Reasons: the guide's section 10; the names of the columns stand in Kaltura's public help ("Top videos" report).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

DELIMITER: Final = "|"
ROW_END: Final = ";"

OBJECT: Final = "object_id"
PLAYS: Final = "count_plays"
LOADS: Final = "count_loads"
QUARTILES: Final = ("count_plays_25", "count_plays_50", "count_plays_75", "count_plays_100")
COUNTED: Final = (PLAYS, *QUARTILES)
"""What a test play raises by one each. LOADS is left out: what counts as a player's impression differs by service."""

PAGE_SIZE: Final = 5


class Report(IntEnum):
    """KalturaReportType: what the guide asks, and the table that has had quartiles longest."""

    TOP_CONTENT = 38
    CONTENT_DROPOFF = 2


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when, epoch seconds by the service's clock, both included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Table:
    """The columns' names, and the rows as texts by name."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]

    def counts(self, entry_id: str) -> Mapping[str, int] | None:
        """Of `COUNTED` the columns that there are, with the entry's numbers; None where a number is none.

        An entry with several rows (a report may divide it further) has their sum. A table with neither rows nor columns
        counts nothing for anybody: all zeroes.
        """
        counts: dict[str, int] = {name: 0 for name in COUNTED if not self.columns or name in self.columns}
        for row in self.rows:
            if row.get(OBJECT) != entry_id:
                continue
            for name in counts:
                number = _number(row[name])
                if number is None:
                    return None
                counts[name] += number
        return counts


def parameters(report: Report, window: Window, *, entry_id: str | None) -> dict[str, str]:
    """What report.getTable is asked; `entry_id` None: all entries of the account, the most watched first."""
    chosen = {} if entry_id is None else {"reportInputFilter[entryIdIn]": entry_id}
    return {
        "reportType": str(int(report)),
        "reportInputFilter[objectType]": "KalturaEndUserReportInputFilter",
        "reportInputFilter[fromDate]": str(window.start),
        "reportInputFilter[toDate]": str(window.end),
        **chosen,
        "pager[pageSize]": str(PAGE_SIZE),
        "pager[pageIndex]": "1",
        "responseOptions[objectType]": "KalturaReportResponseOptions",
        "responseOptions[delimiter]": DELIMITER,
    }


def read_table(value: object) -> Table | None:
    """The table in an answer's value. An empty one may come without a header."""
    match value:
        case {"objectType": "KalturaReportTable", **rest}:
            header, data = rest.get("header") or "", rest.get("data") or ""
        case _:
            return None
    if not isinstance(header, str) or not isinstance(data, str):
        return None
    columns = tuple(name.strip() for name in header.split(DELIMITER)) if header else ()
    rows: list[Mapping[str, str]] = []
    for line in data.split(ROW_END):
        if not line.strip():
            continue
        cells = line.split(DELIMITER)
        if len(cells) != len(columns):
            return None
        rows.append(dict(zip(columns, (cell.strip() for cell in cells), strict=True)))
    return Table(columns, tuple(rows))


def _number(text: str) -> int | None:
    """A whole number that a report may write as 3, 3.0 or nothing at all."""
    if not text:
        return 0
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if math.isfinite(number) and number.is_integer() and number >= 0 else None
