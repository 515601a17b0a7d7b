"""A parcel on its way: its times are made its own, it is sent, and whatever was not answered counts as unsent.

Contract: `dates` comes before `ship`: it makes the messages' times their own, and raises StoreError where it cannot.
False: another destination made one of the events' times another one since it was looked at; nothing was written, and
the parcel must not leave. `ship` returns an answer for each message, or `Refused` where the service does not take the
batch as it is.
Rules: the times of all messages of a request are frozen in one transaction before it leaves (decision 6). An event has
one time for all destinations: on a clock that nobody set, each of them would date it by its own service's.
"""

from collections.abc import Sequence
from typing import Final

from agent.delivery.dating import Dated, has_its_clocks_time
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

    def dates(self, parcel: Parcel) -> bool:
        """Freeze the times of a parcel's messages; False where the log has to be looked at again."""
        freezings = _freezings(parcel.sent)
        return not freezings or self._log.freeze(freezings) == [each.time for each in freezings]

    def ship(self, parcel: Parcel) -> Sequence[Verdict] | Refused:
        """Send a parcel's messages."""
        sent = parcel.sent
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
    """The times that are not the events' own yet; one for each event, however many messages it became.

    One that was frozen is none of them, also where it is not believed any more, as before a newer build.
    """
    found: dict[int, Freezing] = {}
    for item in sent:
        event, moment = item.due.event, item.due.moment
        if isinstance(moment, Dated) and event.frozen_time != moment.time and has_its_clocks_time(event):
            found[event.sequence] = Freezing(event.sequence, moment.time, moment.estimated)
    return list(found.values())
