"""A message that the service never explains, weighed against the next one (decision 23).

Contract: pure. Answers are turned into those with which the hopeless message becomes a dead letter.
Rules: only what was accepted in its stead, in the same breath, shows that the message and not the service is at fault.
In a batch that may have happened already; else the next message is sent on its own road, and there its number of
answered errors does not rise: a repeat of a message that got through unheard must be recognised.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.delivery.dating import Dated
from agent.delivery.reckoning import Failure, Reckoning
from agent.delivery.road import Carried, Parcel
from agent.kernel.verdict import Held, Later, Refused, Verdict

HOPELESS: Final = "HOPELESS"
"""The code of a dead letter that the server never explained (decision 23); ours, not Kaltura's."""


def refusal(failure: Failure) -> Refused:
    """Why the hopeless message is a dead letter."""
    return Refused(HOPELESS, failure.verdict.text)


def without(answers: Sequence[Verdict], failure: Failure) -> Sequence[Verdict]:
    """`answers` with the first failure, which is `failure`, given up."""
    place = next(place for place, answer in enumerate(answers) if isinstance(answer, Later | Held))
    return [*answers[:place], refusal(failure), *answers[place + 1 :]]


def following(found: Sequence[Carried], failure: Failure) -> int | None:
    """The place in `found` of the message to weigh against; None where there is none that can be sent."""
    key = failure.item.due.key
    places = (place for place, item in enumerate(found) if item.due.key > key and not item.tried.accepted)
    place = next(places, None)
    if place is None or not isinstance(found[place].due.moment, Dated):
        return None
    return place


def remembering(found: Reckoning, other: Parcel, answers: Sequence[Verdict] | Refused) -> Reckoning:
    """`found`, with it that the answer to the other message may have been lost."""
    (item,) = other.items
    answer = answers if isinstance(answers, Refused) else answers[0]
    if not isinstance(answer, Later) or not answer.lost or item.tried.lost or found.settlement is None:
        return found
    tried = {**found.settlement.tried, item.due.key: replace(item.tried, lost=True, batched=other.batched)}
    return replace(found, settlement=replace(found.settlement, tried=tried))
