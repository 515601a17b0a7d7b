"""What the stand-in's reports count, and who may ask."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.kaltura_client import event, post
from tools.standin.report import OLD_COLUMNS, QUARTILES
from tools.standin.server import Collector

TABLE = "/api_v3/service/report/action/getTable"
START = "/api_v3/service/session/action/start"
PLAYED = (1, 2, 3, 4, 5, 6, 7)


class Clock:
    """The server's time, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def collector(clock: Clock) -> Iterator[Collector]:
    with Collector(clock=clock) as running:
        yield running


def played(collector: Collector, entry: str, kinds: tuple[int, ...] = PLAYED) -> None:
    """One session's events of `entry`."""
    for kind in kinds:
        assert "true" == post(collector, event(entryId=entry, eventType=str(kind), __n=str(collector.total))).text


def session(collector: Collector, secret: str = "adminsecret102", more: str = "&type=2") -> str:
    return str(json.loads(post(collector, f"format=1&partnerId=102&secret={secret}{more}", START).text))


def asked(collector: Collector, clock: Clock, more: str = "", ks: str | None = None) -> Any:
    """The answer for the hour round now, read from JSON."""
    ks = session(collector) if ks is None else ks
    body = (
        f"format=1&ks={ks}&reportType=38&reportInputFilter[objectType]=KalturaEndUserReportInputFilter"
        f"&reportInputFilter[fromDate]={int(clock.now) - 3600}&reportInputFilter[toDate]={int(clock.now) + 3600}{more}"
    )
    return json.loads(post(collector, body, TABLE).text)


def rows(table: Any, delimiter: str = ",") -> list[dict[str, str]]:
    names = table["header"].split(delimiter)
    return [dict(zip(names, row.split(delimiter), strict=True)) for row in table["data"].split(";") if row]


def test_table_counts_plays_and_quartiles_of_each_entry(collector: Collector, clock: Clock) -> None:
    """Most plays first, as the real one orders them by default."""
    played(collector, "0_aaaaaaaa", (1, 2, 3, 4))
    played(collector, "0_bbbbbbbb")
    played(collector, "0_bbbbbbbb")
    table = asked(collector, clock, "&responseOptions[delimiter]=|")
    assert ("KalturaReportTable", 2) == (table["objectType"], table["totalCount"])
    first, second = rows(table, "|")
    assert ("0_bbbbbbbb", "2", "2", "1") == (
        first["object_id"],
        first["count_plays"],
        first["count_plays_100"],
        first["avg_view_drop_off"],
    )
    assert ("0_aaaaaaaa", "1", "1", "0") == (
        second["object_id"],
        second["count_plays"],
        second["count_plays_25"],
        second["count_plays_50"],
    )


def test_entry_and_page_are_chosen(collector: Collector, clock: Clock) -> None:
    """The filter and the pager of the guide's section 10."""
    for entry in ("0_aaaaaaaa", "0_bbbbbbbb", "0_cccccccc"):
        played(collector, entry)
    one = rows(asked(collector, clock, "&reportInputFilter[entryIdIn]=0_bbbbbbbb"))
    assert ["0_bbbbbbbb"] == [row["object_id"] for row in one]
    page = asked(collector, clock, "&pager[pageSize]=2&pager[pageIndex]=2")
    assert (["0_cccccccc"], 3) == ([row["object_id"] for row in rows(page)], page["totalCount"])


def test_event_appears_after_its_delay_by_the_time_of_its_arrival(collector: Collector, clock: Clock) -> None:
    """What a kiosk says about an event's time moves it into no other day."""
    collector.reports.delay_s = 1200
    played(collector, "0_aaaaaaaa")
    assert "" == asked(collector, clock)["data"]
    clock.now += 1199
    assert "" == asked(collector, clock)["data"]
    clock.now += 1
    assert 1 == len(rows(asked(collector, clock)))
    clock.now += 7200
    assert "" == asked(collector, clock)["data"]


def test_hourly_report_files_an_event_under_its_hour(collector: Collector, clock: Clock) -> None:
    """Who asks from the middle of an hour does not find what came at its end."""
    collector.reports.is_hourly = True
    clock.now = 3600.0 * 500_000 + 1800
    played(collector, "0_aaaaaaaa")
    start = f"&reportInputFilter[fromDate]={int(clock.now) - 60}"
    assert "" == asked(collector, clock, start)["data"]
    assert 1 == len(rows(asked(collector, clock)))


def test_only_an_administrator_or_a_reporters_role_may_ask(collector: Collector, clock: Clock) -> None:
    """A device's session must not read an account's reports."""
    played(collector, "0_aaaaaaaa")
    device = session(collector, "usersecret102", "&type=0")
    reporter = session(collector, "usersecret102", "&type=0&privileges=setrole:REPORTS_ROLE")
    assert "SERVICE_FORBIDDEN" == asked(collector, clock, ks=device)["code"]
    assert "SERVICE_FORBIDDEN" == asked(collector, clock, ks="")["code"]
    assert 1 == len(rows(asked(collector, clock, ks=reporter)))


def test_account_sees_its_own_entries_only(collector: Collector, clock: Clock) -> None:
    """Two accounts of one server."""
    played(collector, "0_aaaaaaaa")
    other = json.loads(post(collector, "format=1&partnerId=99&secret=adm99&type=2", START).text)
    assert "" == asked(collector, clock, ks=other)["data"]


def test_older_table_has_no_quartiles_and_the_drop_off_has(collector: Collector, clock: Clock) -> None:
    """Whoever reads by position, and not by the header, is wrong on one of them."""
    collector.reports.columns = OLD_COLUMNS
    played(collector, "0_aaaaaaaa")
    assert not set(QUARTILES) & set(rows(asked(collector, clock))[0])
    dropoff = rows(asked(collector, clock, "&reportType=2"))[0]
    assert ["1"] * 4 == [dropoff[name] for name in QUARTILES]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "MISSING_MANDATORY_PARAMETER"),
        ("&reportType=38", "MISSING_MANDATORY_PARAMETER"),
        ("&reportType=7&reportInputFilter[fromDate]=1", "INVALID_ENUM_VALUE"),
    ],
)
def test_what_is_missing_or_unknown_is_refused(collector: Collector, body: str, code: str) -> None:
    """As every other action does."""
    assert code == post(collector, f"format=1&ks={session(collector)}{body}", TABLE).code()
