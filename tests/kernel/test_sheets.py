"""The rows of a report, for spreadsheets and scripts."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.plays import Delivered, Play
from agent.kernel.sheets import HEAD, csv_text, records, sheet
from agent.kernel.totals import By, Grouped, key_of
from tests.support.ledgers import a_play, plays

DAY = "2026-11-22"


def test_columns_are_stable() -> None:
    """Scripts rely on the names and on their order: new ones are added at the end, before the destinations."""
    names = "plays,started,completed,ended,stopped,interrupted,skipped,failed,seconds"
    names += ",estimated,display_off,dark_seconds,left_out,delivered,delivered_to"
    assert names == ",".join(HEAD)


def test_rows_are_what_the_standard_for_csv_says() -> None:
    """RFC 4180: CRLF, quotes where they are needed, the header first."""
    found = Grouped([By.ITEM, By.ENTRY])
    for item, entry in (('say "hi", they said', None), ("=cmd()", "0_a")):
        play = a_play(1, item=item, entry_id=entry, delivered=(Delivered("b", 1.0), Delivered("a", None)))
        found.add_play(key_of(play, found.by, DAY), play)
    head, *rows = csv_text(found).split("\r\n")
    assert ",".join(("item", "entry", *HEAD)) == head
    numbers = "1,1,1,0,0,0,0,0,29.970,0,0,0.000,0,0,a=0 b=1"
    assert [f"'=cmd(),0_a,{numbers}", f'"say ""hi"", they said",,{numbers}', ""] == rows


@given(st.lists(plays, max_size=8))
def test_columns_of_a_file_add_up_to_the_whole(found: list[Play]) -> None:
    """What a spreadsheet makes of it is what the device counted, to the millisecond."""
    made = Grouped([By.DAY, By.ENTRY])
    for play in found:
        made.add_play(key_of(play, made.by, str(play.began // 86_400)), play)
    rows = list(csv.DictReader(io.StringIO(csv_text(made), newline="")))
    assert len(found) == sum(int(row["plays"]) for row in rows)
    assert made.whole.ms == sum(round(float(row["seconds"]) * 1000) for row in rows)


def test_records_have_the_same_names() -> None:
    """JSON and CSV of one report can be laid beside each other."""
    made = Grouped([By.DAY])
    made.add_play((DAY,), a_play(1))
    (row,) = records(made)
    assert ["day", *HEAD] == list(row)
    assert (DAY, 29.97, {"stats.collect": 1}) == (row["day"], row["seconds"], row["delivered_to"])


def test_any_rows_can_be_a_sheet() -> None:
    """Of devices, besides those of plays."""
    assert "a,b\r\n1,2\r\n" == sheet(["a", "b"], [["1", "2"]])
