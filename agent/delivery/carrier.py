"""A parcel on its way: its times are made its own, it is sent, and whatever was not answered counts as unsent.

Contract: `ship` returns an answer for each message, or `Refused` where the service does not take the batch as it is.
Raises StoreError when the times cannot be frozen; then nothing was sent.
Rules: the times of all messages of a request are frozen in one transaction before it leaves (decision 6).
"""

from collections.abc import Sequence
from typing import Final

from agent.delivery.dating import Dated
from agent.delivery.log import Log
from agent.delivery.road import Carried, Parcel
from agent.kernel.verdict import Cause, Held, Later, Refused, Verdict
from agent.outbox.freezing import Freezing
from agent.sinks.base import Outgoing, Sink

UNANSWERED: Final = Later(Cause.NOT_KALTURA, "the service did not answer every message", answered=False, lost=True)
"""For whatever the answer to a batch does not mention."""


class Carrier:
    """The road to one sink."""

    def __init__(self, log: Log, sink: Sink) -> None:
        self._log = log
        self._sink = sink

    def ship(self, parcel: Parcel) -> Sequence[Verdict] | Refused:
        """Send a parcel's messages."""
        sent = parcel.sent
        freezings = _freezings(sent)
        if freezings:
            self._log.freeze(freezings)
        if not parcel.batched:
            return [self._sink.send(item.due.message, attempt=item.tried.attempt) for item in sent]
        answer = self._sink.send_all([Outgoing(item.due.message, item.tried.attempt) for item in sent])
        match answer:
            case Refused():
                return answer
            case Later() | Held():
                return [answer] * len(sent)
            case _:
                return [*answer, *[UNANSWERED] * len(sent)][: len(sent)]


def _freezings(sent: Sequence[Carried]) -> list[Freezing]:
    """The times that are not the events' own yet; one for each event, however many messages it became."""
    found: dict[int, Freezing] = {}
    for item in sent:
        event, moment = item.due.event, item.due.moment
        if isinstance(moment, Dated) and event.frozen_time != moment.time:
            found[event.sequence] = Freezing(event.sequence, moment.time, moment.estimated)
    return list(found.values())
