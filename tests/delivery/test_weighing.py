"""A hopeless message against the next one."""

from agent.delivery.reckoning import reckon
from agent.delivery.road import Parcel
from agent.delivery.walk import Place
from agent.delivery.weighing import HOPELESS, following, remembering, without
from agent.kernel.records import Cursor
from agent.kernel.verdict import Delivered, Refused
from agent.outbox.trials import Tried
from tests.delivery.test_road import AHEAD, messages
from tests.support.pumping import AWAY, BAD, BUSY, LOST

START = Place(Cursor(0), "", {})


def test_the_first_that_failed_is_given_up_and_no_other() -> None:
    """The rest of its batch has its own turn."""
    found = reckon(Parcel(messages(3), batched=True), [Delivered(), BUSY, AWAY], START, doubtful=(0, 0))
    assert found.failure is not None
    hopeless = Refused(HOPELESS, BUSY.text)
    assert [Delivered(), hopeless, AWAY] == list(without([Delivered(), BUSY, AWAY], found.failure))


def test_it_is_weighed_against_the_next_that_was_not_accepted_already() -> None:
    """One that was accepted last week says nothing about today."""
    carried = messages(4, {2: AHEAD})
    failure = reckon(Parcel(carried[:1], batched=True), [BUSY], START, doubtful=(0, 0)).failure
    assert failure is not None
    assert 2 == following(carried, failure)
    assert following(carried[:2], failure) is None


def test_a_lost_answer_is_remembered_with_its_road() -> None:
    """The next message may have been counted then, unheard."""
    carried = messages(2)
    found = reckon(Parcel(carried[:1], batched=True), [BUSY], START, doubtful=(0, 0))
    other = Parcel(carried[1:], batched=True)
    kept = remembering(found, other, [LOST]).settlement
    assert kept is not None
    assert {(1, 0): Tried(1), (2, 0): Tried(lost=True, batched=True)} == kept.tried
    assert [found] * 3 == [remembering(found, other, answer) for answer in ([AWAY], [BUSY], BAD)]
