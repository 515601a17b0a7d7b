"""The lines of a period, found by halving."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.periods import ALWAYS, Period
from agent.runtime.reporting.lines import MARGIN_S, Reach, reach, span_of
from agent.runtime.reporting.zone import begin_of
from tests.support.ledgers import MemoryLedger, a_play
from tests.support.outbox import WALL


@given(
    st.lists(st.floats(0, 1e6), max_size=60),
    st.none() | st.floats(0, 1e6),
    st.none() | st.floats(0, 1e6),
    st.integers(1, 1000),
    st.floats(0, MARGIN_S),
)
def test_no_play_of_the_period_is_outside_its_span(
    times: list[float], since: float | None, until: float | None, first: int, noise: float
) -> None:
    """A play that is not found is a play that nobody pays for. Clocks disagree by less than the margin."""
    begun = [WALL + at - noise * (number % 2) for number, at in enumerate(sorted(times))]
    ledger = MemoryLedger([a_play(number, at) for number, at in enumerate(begun, first)])
    period = Reach(None if since is None else WALL + since, None if until is None else WALL + until)
    span = span_of(ledger, period)
    inside = [play.number for play in ledger.lines if period.holds(play.began)]
    assert all(span is not None and span[0] <= number <= span[1] for number in inside)
    assert span is None or (first <= span[0] <= span[1] < first + len(times))


def test_span_of_a_day_is_found_without_reading_a_year() -> None:
    """A million lines on a card would take minutes."""
    ledger = MemoryLedger([a_play(number, WALL + number * 600) for number in range(1, 20_001)])
    span = span_of(ledger, Reach(WALL + 600_000, WALL + 600_000 + 86_400))
    assert (994, 1149) == span
    assert len(ledger.asked) <= 40
    assert {1} == set(ledger.asked)


def test_missing_lines_do_not_mislead() -> None:
    """Somebody took lines out; the others are still found."""
    lines = [a_play(number, WALL + number * 600) for number in range(1, 1001) if not 300 < number < 700]
    ledger = MemoryLedger(lines)
    span = span_of(ledger, Reach(WALL + 400 * 600, WALL + 800 * 600))
    assert span is not None
    assert span[0] <= 700
    assert 799 <= span[1] <= 810


def test_open_period_is_the_whole_ledger() -> None:
    """Without a look at a single line."""
    ledger = MemoryLedger([a_play(number) for number in (5, 6, 7)])
    assert (5, 7) == span_of(ledger, reach(ALWAYS))
    assert None is span_of(MemoryLedger(), reach(ALWAYS))
    assert [] == ledger.asked


def test_period_of_days_ends_where_its_last_day_does() -> None:
    """Both days belong to it."""
    day = date(2026, 11, 22)
    found = reach(Period(day, day))
    assert Reach(begin_of(day), begin_of(date(2026, 11, 23))) == found
    assert (True, False) == (found.holds(begin_of(day)), found.holds(begin_of(date(2026, 11, 23))))
    assert Reach(1.0, 2.0) == reach(Period(1.0, 2.0))
    assert Reach(None, None) == reach(Period(None, date.max))
