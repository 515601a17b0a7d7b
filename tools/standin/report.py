"""report.getTable: what the stand-in's reports count, from the events that it received.

Contract: `Reports.table(params, partner)` answers a call or raises ApiError. Tests set the attributes: `delay_s`, how
long an event takes to appear; `is_empty`, as while the pipeline behind the reports stands still; `is_hourly`, as where
events are filed under the hour in which they came; `columns`, what the table of the most watched content has.

Rules
- An event counts by the moment of its arrival, not by the time that it says it has.
- Report 38 is the content of the account, most plays first; report 2 its drop-off. Others are refused.
- A table's rows end with a semicolon each; a name loses what would break a row. Without a delimiter it is a comma.
The names of the columns are those that Kaltura's public help and its open applications use. No answer was recorded.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice

from tools.standin import errors, php
from tools.standin.answers import Result
from tools.standin.event import Event
from tools.standin.php import Params, Value

TOP_CONTENT = 38
CONTENT_DROPOFF = 2

QUARTILES = ("count_plays_25", "count_plays_50", "count_plays_75", "count_plays_100")
COLUMNS = ("object_id", "entry_name", "creator_name", "created_at", "count_plays", *QUARTILES, "sum_time_viewed",
           "avg_time_viewed", "count_loads", "load_play_ratio", "avg_view_drop_off", "unique_known_users")  # fmt: skip
"""Report 38 as it is today."""

OLD_COLUMNS = tuple(column for column in COLUMNS if column not in QUARTILES)
"""Report 38 as it was before it had quartiles."""

_DROPOFF_COLUMNS = ("object_id", "entry_name", "count_plays", *QUARTILES, "play_through_ratio")
_COUNTED = {1: "count_loads", 3: "count_plays", **dict(zip((4, 5, 6, 7), QUARTILES, strict=True))}
_HOUR_S = 3600
_PAGE_SIZE = 25


class Reports:
    """The reports over one journal. Thread-safe as far as the journal is."""

    def __init__(self, events: Callable[[], list[Event]], clock: Callable[[], float]) -> None:
        self._events = events
        self._clock = clock
        self.delay_s = 0.0
        self.is_empty = False
        self.is_hourly = False
        self.columns: Sequence[str] = COLUMNS

    def table(self, params: Params, partner: int) -> Result:
        """A KalturaReportTable of the account `partner`."""
        kind = php.to_int(_given(params, "reportType"))
        if kind not in (TOP_CONTENT, CONTENT_DROPOFF):
            raise errors.no_enum(php.to_text(params["reportType"]), "reportType", "KalturaReportType")
        columns = self.columns if kind == TOP_CONTENT else _DROPOFF_COLUMNS
        counted = self._counted(_mapping(_given(params, "reportInputFilter")), partner)
        order = sorted(counted, key=lambda entry: (-counted[entry]["count_plays"], entry))
        pager, options = _mapping(params.get("pager", {})), _mapping(params.get("responseOptions", {}))
        size = php.to_int(pager.get("pageSize")) or _PAGE_SIZE
        first = max(php.to_int(pager.get("pageIndex")) - 1, 0) * size
        delimiter = php.to_text(options.get("delimiter")) or ","
        rows = (
            delimiter.join(_cell(column, entry, counted[entry], delimiter) for column in columns)
            for entry in islice(order, first, first + size)
        )
        return {
            "header": delimiter.join(columns),
            "data": "".join(f"{row};" for row in rows),
            "totalCount": len(order),
            "objectType": "KalturaReportTable",
        }

    def _counted(self, chosen: Params, partner: int) -> dict[str, Counter[str]]:
        """The numbers of each entry that is asked for and had an event in time."""
        start, end = (php.to_int(chosen.get(name)) for name in ("fromDate", "toDate"))
        entries = php.to_text(chosen.get("entryIdIn"))
        wanted = set(entries.replace("|", ",").split(",")) if entries else None
        seen = self._clock() - self.delay_s
        found: dict[str, Counter[str]] = {}
        for event in [] if self.is_empty else self._events():
            filed = event["received"] // _HOUR_S * _HOUR_S if self.is_hourly else event["received"]
            entry, number = event.get("entryId", ""), _COUNTED.get(event["eventType"])
            in_time = start <= filed <= end and event["received"] <= seen
            if in_time and number and event.get("partnerId") == partner and (wanted is None or entry in wanted):
                found.setdefault(entry, Counter())[number] += 1
        return found


def _given(params: Params, name: str) -> Value:
    if name not in params:
        raise errors.missing(name)
    return params[name]


def _mapping(value: Value) -> Params:
    return value if isinstance(value, dict) else {}


def _cell(column: str, entry: str, counts: Counter[str], delimiter: str) -> str:
    plays = counts["count_plays"]
    quartiles = sum(counts[name] for name in QUARTILES)
    match column:
        case "object_id":
            return entry
        case "entry_name":
            return f"Entry {entry}".replace(delimiter, " ").replace(";", " ")
        case "avg_view_drop_off":
            return f"{quartiles / 4 / plays:g}" if plays else "0"
        case "load_play_ratio":
            return f"{plays / counts['count_loads']:g}" if counts["count_loads"] else "0"
        case "play_through_ratio":
            return f"{counts['count_plays_100'] / plays:g}" if plays else "0"
        case "creator_name" | "created_at":
            return ""
        case _:
            return str(counts[column])
