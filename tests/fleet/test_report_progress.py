"""What has come of the devices' ledgers: each line once, whatever comes how often."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.report_progress import Progress
from agent.kernel.plays import ChainHead
from agent.kernel.totals import By, Grouped
from agent.remote.slices import Slice
from agent.runtime.reporting.lines import Ledger
from tests.support import reporting
from tests.support.ledgers import MemoryLedger, a_play
from tests.support.reporting import own_report
from tools.simulator.ledger import MadeUp

BY = (By.ENTRY, By.DAY)


def a_slice(ledger: Ledger, *, after: int | None = None, lines: int = 5, by: Sequence[By] = BY) -> Slice:
    return reporting.a_slice(ledger, by, after=after, lines=lines)


def all_slices(ledger: Ledger, lines: int) -> list[Slice]:
    return reporting.all_slices(ledger, BY, lines)


@given(st.integers(0, 40), st.integers(1, 9), st.integers(1, 9), st.data())
def test_slices_in_any_order_and_number_never_count_a_line_twice(
    lines: int, one: int, other: int, data: st.DataObject
) -> None:
    """Two collections, cut elsewhere, repeated and mixed: what is counted is a beginning of the ledger."""
    ledger = MadeUp("dev", lines)
    pool = [*all_slices(ledger, one), *all_slices(ledger, other)]
    progress = Progress(BY)
    for found in data.draw(st.lists(st.sampled_from(pool), max_size=30)):
        before = progress.part("dev").read
        is_taken = progress.take("dev", found)
        assert progress.part("dev").read == before + (found.read if is_taken else 0)
    part = progress.part("dev")
    counted = MadeUp("dev", part.read)
    assert own_report(counted, BY).rows == part.grouped.rows
    for found in all_slices(MadeUp("dev", lines), 3):
        progress.take("dev", found)


def test_whole_ledger_is_complete_and_no_sooner() -> None:
    """99.96 % is not all."""
    progress = Progress(BY)
    slices = all_slices(MadeUp("dev", 9999), 3333)
    assert [33.3, 66.6, 100.0] == [progress.take("dev", each) and progress.part("dev").percent for each in slices]
    assert (True, 9999) == (progress.part("dev").is_done, progress.part("dev").stated)
    assert 0.0 == progress.part("other").percent


def test_empty_ledger_is_complete_with_nothing() -> None:
    """A device that has played nothing has told all of it."""
    progress = Progress(BY)
    assert progress.take("dev", a_slice(MadeUp("dev", 0)))
    assert (100.0, True, 0) == (progress.part("dev").percent, progress.part("dev").is_done, progress.part("dev").stated)


def test_ledger_with_holes_is_never_complete() -> None:
    """Somebody took a line out; the report says that something is missing."""
    progress = Progress(BY)
    progress.take("dev", a_slice(MemoryLedger([a_play(number) for number in (1, 2, 4)]), lines=9))
    assert (75.0, True) == (progress.part("dev").percent, progress.part("dev").is_done)


def test_another_ledger_under_the_same_id_begins_anew() -> None:
    """The card was changed in the middle of a collection: its lines 1 to 5 are other plays."""
    progress = Progress(BY)
    progress.take("dev", a_slice(MadeUp("old", 20)))
    new = MadeUp("new", 7)
    assert not progress.take("dev", a_slice(new, after=5))
    assert (None, 0) == (progress.part("dev").cursor, progress.part("dev").read)
    for found in all_slices(new, 5):
        assert progress.take("dev", found)
    assert own_report(new, BY).rows == progress.part("dev").grouped.rows


def test_new_ledger_that_tells_its_beginning_is_taken_at_once() -> None:
    """As when a file of slices is counted again."""
    progress = Progress(BY)
    progress.take("dev", a_slice(MadeUp("old", 20)))
    assert progress.take("dev", a_slice(MadeUp("new", 7)))
    assert 5 == progress.part("dev").read


def test_lines_that_were_forgotten_meanwhile_are_missing_and_stop_nothing() -> None:
    """A collection may take days, and the oldest lines age out."""
    progress = Progress(BY)
    progress.take("dev", a_slice(MemoryLedger([a_play(number) for number in range(1, 11)]), lines=3))
    later = MemoryLedger([a_play(number) for number in range(6, 11)])
    assert progress.take("dev", a_slice(later, after=3, lines=99))
    part = progress.part("dev")
    assert (8, 10, 80.0, True) == (part.read, part.stated, part.percent, part.is_done)


@pytest.mark.parametrize("by", [(), (By.DAY, By.ENTRY), (By.ITEM, By.DAY)])
def test_slice_by_other_keys_is_not_counted(by: tuple[By, ...]) -> None:
    """It answers another question."""
    assert not Progress(BY).take("dev", a_slice(MadeUp("dev", 3), by=by))


def test_slice_that_leaves_lines_out_is_not_counted() -> None:
    """Nobody would miss them later."""
    progress = Progress(BY)
    progress.take("dev", a_slice(MadeUp("dev", 20)))
    assert not progress.take("dev", a_slice(MadeUp("dev", 20), after=9))
    assert not Progress(BY).take("dev", a_slice(MadeUp("dev", 20), after=9))
    assert 5 == progress.part("dev").read


def test_zone_and_chain_are_those_of_the_newest_slice() -> None:
    """The report names what can be checked at the device."""
    progress = Progress(())
    made = Slice("l", "Europe/Berlin", 3600, ChainHead(4, "ab", 1), (1, 4), 0, 4, 4, True, Grouped(()))
    progress.take("dev", made)
    assert ("Europe/Berlin", ChainHead(4, "ab", 1)) == (progress.part("dev").zone, progress.part("dev").chain)
