"""What a verification may say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.runtime.verification.conclusion import (
    PROPAGATION_S,
    SKEW_S,
    Conclusion,
    Outcome,
    judged,
    minutes,
    progress,
    unseen,
)
from agent.runtime.verification.pending import Pending
from agent.sinks.kaltura.report import COUNTED, PLAYS, QUARTILES, Window

NOTHING = dict.fromkeys(COUNTED, 0)
ALL = dict.fromkeys(COUNTED, 1)


def pending(*, skew: float | None = 0.0) -> Pending:
    return Pending("http://kaltura", 102, "0_a", "session", 1000.0, skew, Window(0, 3599), NOTHING)


def test_counted_is_every_column_that_there_is_by_one() -> None:
    """A report without quartiles can still count a play."""
    for counts in (ALL, {PLAYS: 1}):
        found = judged(pending(), counts)
        assert found is not None
        assert (Outcome.COUNTED, False) == (found.outcome, found.resumable)


def test_nothing_and_a_part_are_waited_for() -> None:
    """Columns need not appear at once."""
    assert judged(pending(), NOTHING) is None
    assert judged(pending(), {**NOTHING, PLAYS: 1}) is None


def test_more_than_was_sent_is_somebody_elses() -> None:
    """Which of two plays was ours nobody can tell."""
    found = judged(pending(), {**ALL, QUARTILES[0]: 2})
    assert found is not None
    assert Outcome.INCONCLUSIVE is found.outcome


@pytest.mark.parametrize(
    ("counts", "elapsed", "others", "skew", "outcome", "word"),
    [
        (NOTHING, PROPAGATION_S, True, 0.0, Outcome.NOT_COUNTED, "none of 0_a"),
        (NOTHING, PROPAGATION_S, True, None, Outcome.NOT_COUNTED, "none of 0_a"),
        (NOTHING, PROPAGATION_S - 1, True, 0.0, Outcome.INCONCLUSIVE, "up to 30 min"),
        (NOTHING, PROPAGATION_S, False, 0.0, Outcome.INCONCLUSIVE, "no play of any entry"),
        (NOTHING, PROPAGATION_S, True, SKEW_S + 1, Outcome.INCONCLUSIVE, "ahead of"),
        (NOTHING, PROPAGATION_S, True, -SKEW_S - 1, Outcome.INCONCLUSIVE, "behind"),
        ({**NOTHING, PLAYS: 1}, PROPAGATION_S, True, 0.0, Outcome.INCONCLUSIVE, "a part, 1 of 1 play, 0 of 4"),
    ],
)
def test_after_the_wait_only_one_case_is_a_loss(
    counts: dict[str, int], elapsed: float, others: bool, skew: float | None, outcome: Outcome, word: str
) -> None:
    """A false alarm sends somebody to a working kiosk."""
    found = unseen(pending(skew=skew), counts, elapsed=elapsed, others=others)
    assert (outcome, True) == (found.outcome, word in found.why)


@given(st.dictionaries(st.sampled_from(COUNTED), st.integers(0, 3)).map(lambda more: {PLAYS: 0, **more}))
def test_counted_is_never_said_of_anything_else(counts: dict[str, int]) -> None:
    """Whatever a report shows."""
    found = judged(pending(), counts)
    is_counted = found is not None and found.outcome is Outcome.COUNTED
    assert is_counted == (set(counts.values()) == {1})


def test_progress_says_how_much_is_there() -> None:
    """What an operator sees while waiting."""
    assert "1 of 1 play, 2 of 4 quartiles" == progress(
        pending(), {**NOTHING, PLAYS: 1, QUARTILES[0]: 1, QUARTILES[1]: 1}
    )
    assert "0 of 1 play (this report has no quartiles)" == progress(pending(), {PLAYS: 0})


def test_result_is_one_line_with_the_outcome_first() -> None:
    """grep and a tired eye look at its beginning."""
    assert "not counted: because" == Conclusion(Outcome.NOT_COUNTED, "because").line
    assert ("119 s", "2 min", "30 min") == (minutes(119), minutes(120), minutes(1800))
