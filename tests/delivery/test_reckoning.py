"""What the answers to a request mean for the store."""

from collections.abc import Sequence

import pytest

from agent.delivery.reckoning import reckon
from agent.delivery.road import Parcel
from agent.delivery.walk import Place
from agent.kernel.records import Cursor
from agent.kernel.verdict import Delivered, Verdict
from agent.outbox.ledger import Note
from agent.outbox.trials import Tried
from tests.delivery.test_road import AHEAD, LOST_IN_A_BATCH, messages
from tests.support.pumping import AWAY, BAD, BUSY, LOST

OK = Delivered()
START = Place(Cursor(0), "", {})
NOBODY = (0, 0)


@pytest.mark.parametrize(
    ("cursor", "delivered", "ahead", "refused", "tried", "answers"),
    [
        (4, 4, 0, [], {}, [OK, OK, OK, OK]),
        (4, 3, 0, [3], {}, [OK, OK, BAD, OK]),
        (4, 2, 0, [1, 4], {}, [BAD, OK, OK, BAD]),
        (1, 1, 0, [], {2: Tried(1), 3: Tried(1), 4: Tried(1)}, [OK, BUSY, BUSY, BUSY]),
        (1, 3, 2, [], {3: AHEAD, 4: AHEAD}, [OK, AWAY, OK, OK]),
        (0, 1, 1, [], {1: Tried(1), 3: AHEAD}, [BUSY, AWAY, OK, BAD]),
        (0, 0, 0, [], dict.fromkeys(range(1, 5), LOST_IN_A_BATCH), [LOST] * 4),
    ],
)
def test_a_prefix_is_settled_and_what_is_behind_it_remembered(
    cursor: int, delivered: int, ahead: int, refused: list[int], tried: dict[int, Tried], answers: Sequence[Verdict]
) -> None:
    """All in one settlement: a crash keeps all of it or nothing."""
    found = reckon(Parcel(messages(4), batched=True), answers, START, doubtful=NOBODY)
    settlement = found.settlement
    assert settlement is not None
    assert (Cursor(cursor), delivered) == (settlement.cursor, settlement.delivered)
    assert (delivered, ahead, cursor) == (found.delivered, found.ahead, found.done)
    assert {(sequence, 0): each for sequence, each in tried.items()} == settlement.tried
    assert refused == [refusal.sequence for refusal in settlement.refusals]
    assert ahead == settlement.noted[Note.ACCEPTED_AHEAD]
    assert (found.failure is None) == (cursor == 4)
    if found.failure is not None:
        assert cursor + 1 == found.failure.item.due.event.sequence
        assert tried.get(cursor + 1, Tried()) == found.failure.item.tried


def test_a_failure_that_changes_nothing_writes_nothing() -> None:
    """An hour offline must not wear out the card."""
    assert reckon(Parcel(messages(4), batched=True), [AWAY] * 4, START, doubtful=NOBODY).settlement is None


def test_repeats_that_are_known_and_those_that_may_be_are_counted_apart() -> None:
    """Decision 8: `status` says how often the service may have counted twice, and how sure that is."""
    carried = messages(4, {1: LOST_IN_A_BATCH})
    settlement = reckon(Parcel(carried, batched=True), [OK] * 4, START, doubtful=(3, 0)).settlement
    assert settlement is not None
    assert (1, 2) == (settlement.resent, settlement.noted[Note.PERHAPS_REPEATED])


def test_what_was_accepted_ahead_is_passed_over_and_not_counted_again() -> None:
    """It was counted when it was accepted."""
    carried = messages(4, {2: AHEAD, 4: AHEAD})
    settlement = reckon(Parcel(carried, batched=True), [OK, OK], START, doubtful=NOBODY).settlement
    assert settlement is not None
    assert (Cursor(4), 2) == (settlement.cursor, settlement.delivered)


def test_what_is_delivered_without_a_word_is_counted_as_unverified() -> None:
    """Decision 23: who sends beacons must see that none of them was confirmed, accepted ahead of its turn or not."""
    silence = Delivered(verified=False)
    settlement = reckon(
        Parcel(messages(4), batched=False), [silence, OK, AWAY, silence], START, doubtful=NOBODY
    ).settlement
    assert settlement is not None
    assert (3, 2) == (settlement.delivered, settlement.noted[Note.UNVERIFIED])
