"""The demo's closing account: so many produced = so many counted."""

import uuid
from typing import Any

import pytest

from tools.demo.books import Counted, Produced, balance, is_settled

GENERATION = str(uuid.UUID(int=7))


def events(*sequences: int) -> list[dict[str, Any]]:
    return [{"_request": {"eventId": f"{GENERATION}-{sequence}-0"}} for sequence in sequences]


def status(**figures: Any) -> dict[str, Any]:
    return {"sinks": [{"name": "capture"}, {"name": "stats.collect", **figures}]}


@pytest.mark.parametrize(
    ("figures", "counted", "good", "line"),
    [
        ((3, 0, 0, 0), (1, 2, 5), True, "3 produced = 3 counted: none lost, none doubled."),
        ((3, 4, 0, 0), (1, 2, 5), True, "3 delivered = 3 counted: none lost, none doubled, 4 still queued."),
        ((3, 0, 0, 0), (1, 5), False, "3 produced ≠ 2 counted: 1 lost, none doubled."),
        ((2, 0, 0, 0), (1, 1, 2), False, "2 produced = 2 counted: none lost, 1 doubled."),
        ((2, 0, 0, 0), (2, 1), False, "2 produced = 2 counted: none lost, none doubled, 1 out of order."),
        ((1, 0, 0, 2), (1,), False, "3 produced ≠ 1 counted: 2 lost, none doubled."),
        (
            (1, 0, 1, 0),
            (1,),
            False,
            "2 produced ≠ 1 counted: none lost, none doubled, 1 refused by the server and kept as dead letters.",
        ),
        (
            (1, 0, 0, 0),
            (1, 2),
            False,
            "1 produced ≠ 2 counted: none lost, none doubled, 1 counted that the agent does not know to be delivered.",
        ),
    ],
)
def test_account_says_exactly_what_differs(
    figures: tuple[int, int, int, int], counted: tuple[int, ...], good: bool, line: str
) -> None:
    """The one line for which the demo exists; it must not say "none lost" when something is."""
    assert (good, line) == balance(Produced(*figures), Counted.of(events(*counted)))


def test_order_is_by_number_and_not_by_text() -> None:
    """Event 10 comes after event 9."""
    assert Counted.of(events(*range(1, 12))).disordered == 0


def test_event_of_somebody_else_is_counted_and_named() -> None:
    """Whoever posts to the demo's collector by hand must not break the account unseen."""
    counted = Counted.of([*events(1), {"_request": {}}, {"_request": {"eventId": "mine"}}])
    assert Counted(distinct=2, doubled=0, unnamed=1, disordered=0) == counted
    assert balance(Produced(1, 0, 0, 0), counted)[0] is False


def test_status_gives_the_figures_of_stats_collect() -> None:
    """The account is read from what an operator could ask for himself."""
    answer = status(delivered=4, depth=2, dead={"A": 1, "B": 2}, dropped={"age": 5}, next_try_s=1.5)
    assert Produced(delivered=4, queued=2, refused=3, dropped=5, next_try_s=1.5) == Produced.of(answer)


@pytest.mark.parametrize("answer", [{}, {"sinks": []}, status()])
def test_status_without_figures_gives_no_account(answer: dict[str, Any]) -> None:
    """An agent that cannot tell is not an agent that has produced nothing."""
    assert Produced.of(answer) is None


def test_account_settles_when_nothing_waits_and_both_sides_agree() -> None:
    """The demo waits for this, and for nothing else."""
    assert is_settled(Produced(2, 0, 0, 0), Counted.of(events(1, 2)))
    assert not is_settled(Produced(2, 1, 0, 0), Counted.of(events(1, 2)))
    assert not is_settled(Produced(2, 0, 0, 0), Counted.of(events(1)))
