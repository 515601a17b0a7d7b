"""A fleet's report in rows and words."""

import csv
import io
import itertools

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.fleet.enroll_list import Entry
from agent.fleet.report_collecting import Ended, Ending
from agent.fleet.report_progress import Part, Progress
from agent.fleet.report_text import COLUMNS, Member, completeness, lines, members, of_each, rows, sheet_of, summary
from agent.fleet.sighting import Sighting
from agent.kernel.periods import ALWAYS
from agent.kernel.totals import NOTHING, By
from tests.support.reporting import all_slices, own_report
from tools.simulator.ledger import MadeUp

GROUPINGS = [by for size in range(len(By) + 1) for by in itertools.permutations(By, size)]


def part(device: str, own: int, *, by: tuple[By, ...] = (By.ENTRY,), upto: int | None = None) -> Part:
    progress = Progress(by)
    for found in all_slices(MadeUp(device, own), by, 10)[:upto]:
        progress.take(device, found)
    return progress.part(device)


def member(
    device: str, own: int, ending: Ending = Ending.COMPLETE, site: str | None = "Berlin", **more: object
) -> Member:
    return Member(device, site, Ended(ending, None if ending is Ending.COMPLETE else "why"), part(device, own, **more))  # type: ignore[arg-type]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 25), max_size=4), st.sampled_from(GROUPINGS))
def test_fleet_by_any_grouping_is_the_sum_of_the_devices_own_reports(owns: list[int], by: tuple[By, ...]) -> None:
    """The promise of the whole: nothing is lost or counted twice between a kiosk and the sheet of its operator."""
    found = [
        Member(f"dev-{index}", f"site-{index % 2}", Ended(Ending.COMPLETE), part(f"dev-{index}", own, by=of_each(by)))
        for index, own in enumerate(owns)
    ]
    reports = [own_report(MadeUp(f"dev-{index}", own), ()).whole for index, own in enumerate(owns)]
    assert sum(reports, NOTHING) == rows(found, by).whole


def test_sites_and_devices_stand_beside_what_each_device_told() -> None:
    """In the order in which they were asked for."""
    found = [member("dev-a", 10), member("dev-b", 20, site=None), member("dev-c", 10)]
    whole = rows(found, (By.SITE, By.ENTRY))
    assert {None, "Berlin"} == {key[0] for key in whole.rows}
    by_site = rows(found, (By.SITE,)).rows
    assert (20, 20) == (by_site[("Berlin",)].plays, by_site[(None,)].plays)
    assert [10, 20, 10] == [rows(found, (By.DEVICE,)).rows[(id,)].plays for id in ("dev-a", "dev-b", "dev-c")]


def test_worst_device_stands_first_and_knows_its_site() -> None:
    """The one that it reports, else the inventory's."""
    endings = dict(zip(["a", "b", "c", "d", "e"], [*reversed(Ending)], strict=True))
    seen = {"a": Sighting("a", state={"device": {"site": "Berlin"}}), "b": Sighting("b")}
    inventory = {"a": Entry(2, "a", site="Hamburg"), "b": Entry(3, "b", site="Hamburg")}
    found = members({id: Ended(each) for id, each in endings.items()}, Progress(()), seen, inventory)
    assert [*Ending] == [each.ended.ending for each in found]
    assert {"a": "Berlin", "b": "Hamburg", "c": None} == {each.device: each.site for each in found if each.device < "d"}


def test_each_device_states_how_complete_it_is() -> None:
    """As a percentage, with what it is a part of; unreachable is nothing of nothing."""
    half, gone = member("dev-a", 40, Ending.SILENT, upto=2), member("dev-b", 0, Ending.OFFLINE, upto=0)
    told = completeness(half)
    assert list(COLUMNS) == list(told)
    assert (50.0, 20, 40, 20, "silent", "why") == tuple(
        told[name] for name in ("percent", "lines", "lines_stated", "plays", "status", "reason")
    )
    assert (0.0, 0, None) == tuple(completeness(gone)[name] for name in ("percent", "lines", "chain_hash"))
    listed = list(csv.DictReader(io.StringIO(sheet_of([half, gone]), newline="")))
    assert [("dev-a", "50.0", "40"), ("dev-b", "0.0", "")] == [
        (row["device"], row["percent"], row["chain_number"]) for row in listed
    ]


def text(found: list[str]) -> str:
    return click.unstyle("\n".join(found))


def test_report_names_whatever_is_not_complete() -> None:
    """A sum over half a fleet must not look like one over all of it."""
    found = [member("dev-a", 40, Ending.SILENT, upto=2), member("dev-b", 100)]
    told = text(lines(rows(found, (By.ENTRY,)), found, ALWAYS))
    assert "1 of 2 devices complete." in told
    assert "dev-a   silent  why       50.0 %     20  40" in told
    assert "2 plays at an estimated time." in told
    assert "total" in told
    whole = [member("dev-b", 20)]
    assert "1 of 1 device complete." in text(summary(whole))
    assert "REASON" not in text(summary(whole))
    assert "No device" in text(summary([]))


@pytest.mark.parametrize(("devices", "words"), [(40, ""), (60, "and 20 more devices")])
def test_long_list_is_cut_and_says_so(devices: int, words: str) -> None:
    """A city is dark: nobody reads 1,000 lines on a terminal."""
    told = text(summary([member(f"dev-{number}", 0, Ending.OFFLINE, upto=0) for number in range(devices)]))
    assert words in told
    assert 40 == sum("offline" in line for line in told.splitlines())
