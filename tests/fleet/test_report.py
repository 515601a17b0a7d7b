"""`kiosk-fleet report`, on a broker in memory."""

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from agent.kernel.totals import NOTHING, Totals
from agent.runtime.reporting.zone import day_of
from tests.support.fleet import Exchange, Kiosk, run
from tests.support.reporting import Teller, own_report
from tools.simulator.ledger import BEGAN, MadeUp


@pytest.fixture
def exchange() -> Exchange:
    return Exchange()


def rows(found: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.stdout, newline="")))


def own(*ledgers: tuple[str, int]) -> Totals:
    return sum((own_report(MadeUp(*each), ()).whole for each in ledgers), NOTHING)


@pytest.mark.parametrize(
    "by",
    ["entry", "site", "device", "day", "item,display", "entry,site,device,day", "day,device,display,entry,item,site"],
)
def test_fleet_by_any_grouping_is_the_sum_of_its_devices(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """Through the wire and the sheet: what comes out is what the devices would report themselves."""
    Teller(exchange, "dev-a", lines=23, site="Berlin", loses=(2,))
    Teller(exchange, "dev-b", lines=31, site="Hamburg", doubles=True)
    found = run(exchange, monkeypatch, "report", "--by", by, "--csv")
    assert 0 == found.exit_code, found.output
    assert by.split(",") == list(rows(found)[0])[: len(by.split(","))]
    wanted = own(("dev-a", 23), ("dev-b", 31))
    assert wanted.plays == sum(int(row["plays"]) for row in rows(found))
    assert wanted.ms == sum(round(float(row["seconds"]) * 1000) for row in rows(found))
    assert wanted.skipped == sum(int(row["skipped"]) for row in rows(found))
    assert "2 of 2 devices complete." in found.stderr


def test_days_of_a_week_add_up_to_the_week(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is paid by the day and who is paid by the week get the same sum; nothing lies between two days."""
    Teller(exchange, "dev-a", lines=3_000, slice_lines=5_000)
    Teller(exchange, "dev-b", lines=2_000, slice_lines=5_000)
    first = date.fromisoformat(day_of(BEGAN))
    monday = first - timedelta(days=first.weekday())
    week = rows(run(exchange, monkeypatch, "report", "--by", "device,entry", "--week", str(first), "--csv"))
    days = [
        row
        for number in range(7)
        for row in rows(
            run(
                exchange,
                monkeypatch,
                *("report", "--by", "device,entry", "--day", str(monday + timedelta(days=number)), "--csv"),
            )
        )
    ]
    for column in ("plays", "started", "completed", "skipped", "estimated", "display_off", "delivered"):
        assert sum(int(row[column]) for row in week) == sum(int(row[column]) for row in days)
    assert len({row["device"] for row in week}) == 2
    assert 4_000 < sum(int(row["plays"]) for row in week)


def test_each_device_is_told_with_its_completeness(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is away, who fell silent, who has never been heard of, who did not understand."""
    Teller(exchange, "dev-a")
    Teller(exchange, "dev-b", leaves_at=3)
    Teller(exchange, "dev-c", online=False)
    Kiosk(exchange, "dev-d", answers=[{"status": "failed", "reason": "no such command"}])
    inventory, whole = tmp_path / "devices.csv", tmp_path / "whole.csv"
    inventory.write_text("id,site\ndev-a,\ndev-e,Bonn\n")
    found = run(exchange, monkeypatch, "report", "--json", "--inventory", str(inventory), "--completeness", str(whole))
    assert 1 == found.exit_code
    told = json.loads(found.stdout)
    assert [
        ("dev-d", "failed", 0.0, "Berlin"),
        ("dev-b", "silent", 43.4, "Berlin"),
        ("dev-e", "missing", 0.0, "Bonn"),
        ("dev-c", "offline", 0.0, "Berlin"),
        ("dev-a", "complete", 100.0, "Berlin"),
    ] == [(each["device"], each["status"], each["percent"], each["site"]) for each in told["devices"]]
    assert (False, 1, 33) == (told["ok"], told["complete"], told["total"]["plays"])
    assert 33 == sum(row["plays"] for row in told["rows"])
    assert ["dev-d", "dev-b", "dev-e", "dev-c", "dev-a"] == [
        row["device"] for row in csv.DictReader(io.StringIO(whole.read_text(), newline=""))
    ]


def test_interrupted_collection_goes_on_with_the_same_command(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The devices that were away are asked now, the others only for what is missing."""
    kept = str(tmp_path / "november")
    first = Teller(exchange, "dev-a", leaves_at=3)
    away = Teller(exchange, "dev-b", online=False)
    assert 1 == run(exchange, monkeypatch, "report", "--resume", kept).exit_code
    exchange.hooks.clear()
    back, there = Teller(exchange, "dev-a"), Teller(exchange, "dev-b")
    found = run(exchange, monkeypatch, "report", "--resume", kept, "--csv")
    assert (0, 10) == (found.exit_code, back.questions[0]["cursor"])
    assert own(("dev-a", 23), ("dev-b", 23)).plays == sum(int(row["plays"]) for row in rows(found))
    assert (2, 0, 5) == (len(first.questions[:2]), len(away.questions), len(there.questions))
    asked = len(back.questions) + len(there.questions)
    again = run(exchange, monkeypatch, "report", "--resume", kept, "--csv")
    assert (found.stdout, asked) == (again.stdout, len(back.questions) + len(there.questions))


def test_report_is_for_people_too(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the period, and in whose days."""
    Teller(exchange, "dev-a")
    output = run(exchange, monkeypatch, "report", "--from", "2026-01-01").stdout
    assert "2026-01-01 to now, in each device's own days" in output
    assert "1 of 1 device complete." in output
    assert "No plays." in run(exchange, monkeypatch, "report", "--from", "2030-01-01").stdout


def test_group_or_device_alone_is_asked(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the inventory's missing ones are those of the group."""
    inside = Teller(exchange, "dev-a", groups=("lobby",))
    outside = Teller(exchange, "dev-b", groups=("window",))
    run(exchange, monkeypatch, "report", "--group", "lobby")
    run(exchange, monkeypatch, "report", "--device", "dev-a")
    assert (10, 0) == (len(inside.questions), len(outside.questions))


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("no report is by 'colour'", ["--by", "entry,colour"]),
        ("--from and --to: is no date", ["--from", "november"]),
        ("--day: is no date", ["--day", "yesterday"]),
        ("--week: is no week", ["--week", "2026-W60"]),
        ("say when in one way", ["--day", "2026-11-22", "--week", "2026-W47"]),
        ("ends before it begins", ["--from", "2026-11-22", "--to", "2026-11-01"]),
        ("Choose one of", ["--all", "--group", "lobby"]),
        ("--csv or --json", ["--csv", "--json"]),
        ("cannot be read", ["--inventory", "/nonexistent/list"]),
        ("cannot be opened", ["--resume", "/nonexistent/kept"]),
    ],
)
def test_what_makes_no_sense_is_said_before_the_broker_is_asked(
    exchange: Exchange, monkeypatch: pytest.MonkeyPatch, words: str, arguments: list[str]
) -> None:
    """Exit status 2."""
    exchange.is_down = True
    found = run(exchange, monkeypatch, "report", *arguments)
    assert 2 == found.exit_code
    assert words in found.output


def test_inventory_and_completeness_that_cannot_be_used_are_said(
    exchange: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list with a mistake, a folder that is not there."""
    Teller(exchange, "dev-a")
    (tmp_path / "list").write_text("id\nDEV A\n")
    assert "line 2" in run(exchange, monkeypatch, "report", "--inventory", str(tmp_path / "list")).stderr
    found = run(exchange, monkeypatch, "report", "--completeness", str(tmp_path / "missing" / "whole"))
    assert "cannot be written" in found.stderr
