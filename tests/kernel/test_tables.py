"""A report's rows on a terminal."""

from agent.kernel.events import Ending
from agent.kernel.tables import clock, laid_out, table, width
from agent.kernel.totals import By, Grouped
from tests.support.ledgers import a_play


def grouped(*by: By) -> Grouped:
    return Grouped(by)


def test_rows_stand_above_their_sum() -> None:
    """The first question is how much it was in all."""
    found = grouped(By.ENTRY, By.DAY)
    found.add_play(("0_a", "2026-11-22"), a_play(1))
    found.add_play((None, "2026-11-22"), a_play(2, is_complete=False, ending=Ending.SKIPPED, delivered=()))
    lines = table(found, str)
    assert ["ENTRY", "DAY", "PLAYS", "STARTED", "COMPLETED", "TIME"] == lines[0].split()[:6]
    assert ["-", "2026-11-22", "1", "1", "0", "0:00:30", "0", "1", "0", "0", "0", "0"] == lines[1].split()
    assert ["0_a", "2026-11-22", "1", "1", "1", "0:00:30", "0", "0", "0", "0", "0", "1"] == lines[2].split()
    assert ["total", "2", "2", "1", "0:01:00", "0", "1", "0", "0", "0", "1"] == lines[3].split()
    assert 1 == len({len(line) for line in lines})


def test_report_by_nothing_is_one_row() -> None:
    """The whole, and no sum below it."""
    found = grouped()
    found.add_play((), a_play(1))
    assert ["all", "1"] == table(found, str)[1].split()[:2]
    assert 2 == len(table(found, str))


def test_row_adds_up_to_its_plays_whatever_they_ended_by() -> None:
    """A live stream that ended and an item that somebody stopped are plays too; who has neither needs no columns."""
    found = grouped()
    found.add_play((), a_play(1))
    assert not {"ENDED", "STOPPED"} & set(table(found, str)[0].split())
    endings = (Ending.COMPLETED, Ending.STOPPED, Ending.STOPPED, Ending.INTERRUPTED, Ending.SKIPPED, Ending.FAILED)
    for number, ending in enumerate(endings, 2):
        found.add_play((), a_play(number, is_complete=False, ending=ending))
    head, row = (line.replace("DISPLAY OFF", "DISPLAY_OFF").split() for line in table(found, str))
    counts = dict(zip(head, row[1:], strict=True))
    ways = ("COMPLETED", "ENDED", "STOPPED", "INTERRUPTED", "SKIPPED", "FAILED")
    assert ["1", "1", "2", "1", "1", "1"] == [counts[way] for way in ways]
    assert "7" == counts["PLAYS"]


def test_long_name_is_cut_at_its_beginning() -> None:
    """Paths differ at their end."""
    found = grouped(By.ITEM)
    found.add_play(("file:///srv/" + "x" * 100 + "/welcome.mp4",), a_play(1))
    assert table(found, str)[1].split()[0].startswith("…")
    assert table(found, str)[1].split()[0].endswith("/welcome.mp4")
    assert table(found, lambda _: "shown")[1].startswith("shown ")


def test_times_and_widths() -> None:
    """Hours are not cut at a day; wide characters take two places."""
    assert ["0:00:00", "0:00:01", "27:46:40"] == [clock(ms) for ms in (499, 500, 100_000_000)]
    assert (4, 1) == (width("日本"), width("e\u0301"))
    assert ["A     B", "b     1", "日本  2"] == laid_out(["A", "B"], [["b", "1"], ["日本", "2"]], texts=1)
