"""Reading the ledger: dates."""

from pathlib import Path

from agent.kernel.boots import Boot, Boots
from agent.kernel.instants import Instant
from agent.outbox.core import BOOTS
from agent.outbox.play_lines import BLOCK
from agent.outbox.store import Outbox
from tests.support.outbox import BOOT, NEXT_BOOT, open_outbox
from tests.support.plays import a_play, all_plays, faults, its_end, play

WALL = 1_790_000_000.0
LATER = "7f3f5a0e-0000-4000-8000-000000000003"
DAY = 86_400.0


def boots(outbox: Outbox, *known: Boot) -> None:
    """The journal tells what is known of this device's boots."""
    outbox.append([], states={BOOTS: Boots(known).text()})


def began(outbox: Outbox) -> list[tuple[float, bool]]:
    """When each play began, and whether that is an estimate."""
    return [(round(each.began, 3), each.is_estimated) for each in all_plays(outbox)]


def test_play_of_a_boot_that_saw_the_time_is_dated_exactly(tmp_path: Path) -> None:
    """Also where the clock was set long after the play."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1)
    boots(outbox, Boot(BOOT, WALL, 900.0))
    assert [(WALL + 130.0, False)] == began(outbox)
    (found,) = all_plays(outbox)
    assert WALL + 160.0 == found.ended
    outbox.close()


def test_time_learnt_late_dates_all_plays_of_that_boot(tmp_path: Path) -> None:
    """A kiosk may play for weeks before it sees a time server; its line is not written anew."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, 2 * BLOCK)
    outbox.close()
    outbox = open_outbox(tmp_path)
    boots(outbox, Boot(BOOT, WALL, 9000.0))
    expected = [(WALL + 100.0 + 30 * number, False) for number in range(1, 2 * BLOCK + 1)]
    assert (expected, []) == (began(outbox), faults(outbox))
    outbox.close()


def test_boot_that_never_saw_the_time_lies_between_its_neighbours_and_says_so(tmp_path: Path) -> None:
    """A play without a date is no play for a report, and a wrong date is worse than an estimate."""
    outbox = open_outbox(tmp_path)
    first = Boot(BOOT, WALL, 300.0)
    boots(outbox, first)
    play(outbox, 1)
    outbox.append([its_end(a_play(2, boot_id=NEXT_BOOT))])
    third = Boot(LATER, WALL + DAY, 500.0)
    boots(outbox, first, Boot(NEXT_BOOT, None, 400.0), third)
    outbox.append([its_end(a_play(3, boot_id=LATER))])
    outbox.tell_time(Instant(LATER, 600.0, WALL + DAY + 600.0, synced=True))
    (exact, estimated, last) = began(outbox)
    assert ((WALL + 130.0, False), (WALL + DAY + 190.0, False), True) == (exact, last, estimated[1])
    assert WALL + 300.0 + 160.0 <= estimated[0] <= WALL + DAY - 400.0 + 160.0
    outbox.close()
    again = open_outbox(tmp_path)
    again.tell_time(Instant(LATER, 700.0, WALL + DAY + 700.0, synced=True))
    assert [exact, estimated, last] == began(again)
    again.close()


def test_present_boot_without_the_time_is_dated_by_the_clock_as_it_is(tmp_path: Path) -> None:
    """The best there is, until a better one is there."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1)
    outbox.tell_time(Instant(BOOT, 1000.0, WALL + 1000.0, synced=False))
    assert [(WALL + 130.0, True)] == began(outbox)
    outbox.close()


def test_visitor_who_knows_no_present_still_gets_the_order(tmp_path: Path) -> None:
    """kiosk-agent report with no agent running."""
    outbox = open_outbox(tmp_path)
    first = Boot(BOOT, WALL, 300.0)
    boots(outbox, first)
    play(outbox, 1)
    outbox.append([its_end(a_play(2, boot_id=NEXT_BOOT))])
    outbox.close()
    outbox = open_outbox(tmp_path)
    (exact, estimated) = began(outbox)
    assert (WALL + 130.0, False) == exact
    assert estimated[1]
    assert estimated[0] > exact[0]
    outbox.close()


def test_plays_come_in_slices_behind_a_number(tmp_path: Path) -> None:
    """A report over a year must not be read at once."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, 25)
    assert [11, 12, 13] == [each.number for each in outbox.plays(10, 3)]
    assert [] == outbox.plays(25, 3)
    outbox.close()


def test_line_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    """One bad line costs that line; the verification names it."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, 5)
    outbox._core.database.conn.execute("UPDATE plays SET line = x'00' WHERE id = 3")
    assert [2, 4] == [each.number for each in outbox.plays(1, 2)]
    outbox.close()
