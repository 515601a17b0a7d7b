"""What the answers to a request mean for the store.

Contract: pure. `reckon` makes one settlement of a parcel and its answers, so that a request costs one commit.
Rules: what was accepted or refused up to the first message that was neither is settled, refused messages as dead
letters. That one is the new head, and waits. What was accepted behind it is remembered so and not sent again: order
suffers there, once, and it is counted; whatever else is behind it goes again in its turn. What a failure changes of
the next request, or of how an acceptance must be counted, is kept in the same transaction.
A message is counted as delivered when it is accepted, also ahead of its turn.
Reasons: house rule 11; decisions 6, 8, 9.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.delivery.log import Settlement
from agent.delivery.patience import tried_after
from agent.delivery.road import Carried, Parcel
from agent.delivery.walk import Place
from agent.kernel.verdict import Delivered, Held, Later, Refused, Verdict
from agent.outbox.ledger import Note
from agent.outbox.letters import Refusal
from agent.outbox.trials import TrialKey, Tried


@dataclass(frozen=True, slots=True)
class Failure:
    """The message that is the head now, with what is known of its tries since, and why it waits."""

    item: Carried
    verdict: Later | Held


@dataclass(frozen=True, slots=True)
class Reckoning:
    """`settlement`: None where there is nothing to write. `done`: how many messages of the request were settled.

    `refused`: the new dead letters. `ahead`: messages that were accepted before the head was.
    """

    settlement: Settlement | None
    done: int
    delivered: int
    refused: Sequence[tuple[Carried, Refused]]
    ahead: int
    failure: Failure | None


def reckon(parcel: Parcel, answers: Sequence[Verdict], start: Place, *, doubtful: TrialKey) -> Reckoning:
    """The account of a request. `answers`: one for each of `parcel.sent`. `start`: where the sink is.

    `doubtful`: up to this message, an acceptance may be the second one, since the process before died.
    """
    remaining = iter(answers)
    judged = [(item, None if item.tried.accepted else next(remaining)) for item in parcel.items]
    cut = next((place for place, (_, verdict) in enumerate(judged) if isinstance(verdict, Later | Held)), len(judged))
    behind = [(item, verdict) for item, verdict in judged[cut:] if verdict is not None]
    ahead = [item for item, verdict in behind if isinstance(verdict, Delivered)]
    settled = [(item, verdict) for item, verdict in judged[:cut] if verdict is not None]
    refused = [(item, verdict) for item, verdict in settled if isinstance(verdict, Refused)]
    unverified = sum(isinstance(verdict, Delivered) and not verdict.verified for _, verdict in judged)
    accepted = [item for item, verdict in settled if isinstance(verdict, Delivered)] + ahead
    tried = {item.due.key: now for item, verdict in behind if (now := _known(item, verdict, parcel)) != item.tried}
    place = judged[cut - 1][0].due.after if cut else start
    settlement = Settlement(
        place.cursor,
        place.projection,
        delivered=len(accepted),
        resent=sum(item.tried.lost for item in accepted),
        passed=place.passed,
        noted=_notes(accepted, len(ahead), unverified, doubtful=doubtful),
        refusals=[_refusal(item, verdict) for item, verdict in refused],
        sent=next((item.due.sent for item, _ in reversed(settled) if item.due.sent is not None), None),
        tried=tried,
    )
    failure = None
    if cut < len(judged):
        item, verdict = judged[cut]
        assert isinstance(verdict, Later | Held)
        failure = Failure(replace(item, tried=tried.get(item.due.key, item.tried)), verdict)
    return Reckoning(settlement if cut or tried else None, len(settled), len(accepted), refused, len(ahead), failure)


def _known(item: Carried, verdict: Verdict, parcel: Parcel) -> Tried:
    """What is known of a message that was not settled. One refused behind the head will be refused again."""
    match verdict:
        case Delivered():
            return replace(item.tried, accepted=True)
        case Refused():
            return item.tried
        case Later() | Held():
            return tried_after(item.tried, verdict, batched=parcel.batched)


def _notes(accepted: Sequence[Carried], ahead: int, unverified: int, *, doubtful: TrialKey) -> Counter[Note]:
    repeated = sum(not item.tried.lost and item.due.key <= doubtful for item in accepted)
    return Counter({Note.PERHAPS_REPEATED: repeated, Note.ACCEPTED_AHEAD: ahead, Note.UNVERIFIED: unverified})


def _refusal(item: Carried, verdict: Refused) -> Refusal:
    due = item.due
    return Refusal(
        sequence=due.event.sequence,
        part=due.part,
        message=due.message.name,
        code=verdict.code,
        answer=verdict.answer,
        projection=due.origin,
        attempt=item.tried.attempt + 1,
        fields=due.message.fields,
    )
