"""The broker's command `report`, as the main loop steps it."""

from agent.kernel.periods import Period
from agent.kernel.plays import Play
from agent.outbox.errors import StoreFailed
from agent.remote.commands import Report
from agent.remote.slices import slice_of
from agent.runtime.commanding.works import Done, Failed
from agent.runtime.reporting.slicing import LINES_A_STEP
from agent.runtime.reporting.works import MADE_WITHIN_S, Reporter, Reporting
from tests.support.ledgers import MemoryLedger, a_play


def begun(reporter: Reporter, order: Report | None = None, now: float = 0.0) -> Reporting:
    work = reporter.begin(order or Report(), now)
    assert isinstance(work, Reporting)
    return work


def test_slice_is_made_a_few_lines_at_each_look() -> None:
    """Nobody's picture waits for a report."""
    ledger = MemoryLedger([a_play(number) for number in range(1, 3 * LINES_A_STEP + 1)])
    work = begun(Reporter(ledger))
    looks = [work.look(float(now)) for now in range(1, 4)]
    assert [None, None] == looks[:2]
    assert isinstance(looks[2], Done)
    assert looks[2].data is not None
    assert 3 * LINES_A_STEP == slice_of(looks[2].data).grouped.whole.plays


def test_reports_of_one_moment_take_turns() -> None:
    """Sixteen operators at once cost the main loop what one costs."""
    ledger = MemoryLedger([a_play(number) for number in range(1, 2 * LINES_A_STEP + 1)])
    reporter = Reporter(ledger)
    one, other = begun(reporter), begun(reporter)
    for now in range(1, 3):
        ledger.asked.clear()
        ended = [one.look(float(now)), other.look(float(now))]
        assert 1 == len(ledger.asked)
    assert isinstance(ended[0], Done)
    assert None is ended[1]
    assert None is other.look(3.0)
    assert isinstance(other.look(4.0), Done)


def test_report_that_gets_no_turn_ends_all_the_same() -> None:
    """Each work ends by itself."""
    reporter = Reporter(MemoryLedger([a_play(1)]))
    work = begun(reporter, now=10.0)
    assert reporter.may_step(10.0 + MADE_WITHIN_S)
    assert isinstance(work.look(10.0 + MADE_WITHIN_S), Failed)


def test_period_that_ends_before_it_begins_is_refused() -> None:
    """Each end is sensible by itself."""
    assert isinstance(Reporter(MemoryLedger()).begin(Report(period=Period(2.0, 1.0)), 0.0), Failed)


def test_store_in_trouble_is_a_reason() -> None:
    """The agent goes on, and the operator reads why."""

    class Broken(MemoryLedger):
        def plays(self, after: int = 0, limit: int = 100) -> list[Play]:
            raise StoreFailed("The disk does not answer.", remedy="Check the card.")

    ended = begun(Reporter(Broken([a_play(1)]))).look(1.0)
    assert Failed("The disk does not answer. Check the card.") == ended
