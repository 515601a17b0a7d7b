"""Which messages travel together, and on which of the two roads: each alone, or in a batch.

Contract: pure. `choose` says what the next request carries, until when it is worth while to wait for company, or that
a backlog begins.
Rules, the first that fits the head of the queue:
1. what was accepted already, ahead of its turn, is passed over without a request;
2. a message whose answer was lost goes the road again on which it was lost: the service's cache knows an equal request
   for 600 s, and has different names for a call alone and the same call in a batch, but one for it in any batch;
3. the one that the service does not take in a batch goes alone, and any while batches do not get through (`detour`),
   then even one that was lost in a batch;
4. up to the durable end of a backlog, messages go in batches, even the last one alone;
5. the first messages of a process go alone: the process before may have died while sending them, and alone;
6. `BACKLOG` messages due at once are a backlog, and its end is where the log ends now. The end is written before the
   first batch leaves, so that after a crash the same messages go the same road again;
7. a live message waits `coalesce_s` for company; with company it is a backlog as by 6, just a small one;
8. a live message goes alone, at once.
A batch ends before a message that belongs to the other road or cannot be dated yet.
Reasons: kaltura.md section 1 (the response cache, multirequest), decisions 6 and 8.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from agent.delivery.dating import Dated
from agent.delivery.detour import Detour
from agent.delivery.pace import Pace, Window
from agent.delivery.walk import Due
from agent.kernel.instants import Instant
from agent.outbox.trials import UNTRIED, TrialKey, Tried

BACKLOG: Final = 8
"""Messages due at once that make a backlog: more than a moment of play gives (a jump over three quartiles gives five),
and few enough that whoever has lost a minute of network catches up in one request."""

NOTHING_DOUBTFUL: Final[TrialKey] = (0, 0)


@dataclass(frozen=True, slots=True)
class Carried:
    """A message and what is known of its tries."""

    due: Due
    tried: Tried

    @property
    def goes_batched_again(self) -> bool:
        """Whether it was lost in a batch."""
        return self.tried.lost and self.tried.batched

    @property
    def goes_alone_again(self) -> bool:
        """Whether it was lost alone."""
        return self.tried.lost and not self.tried.batched


@dataclass(frozen=True, slots=True)
class Parcel:
    """The next request's messages in order; those `accepted` before lie between them and are not sent."""

    items: Sequence[Carried]
    batched: bool

    @property
    def sent(self) -> Sequence[Carried]:
        """What the request carries; nothing where all was accepted before."""
        return [item for item in self.items if not item.tried.accepted]


@dataclass(frozen=True, slots=True)
class Gathering:
    """The head waits for company until this boot-time second."""

    until: float


@dataclass(frozen=True, slots=True)
class BacklogBegins:
    """What the log holds now is a backlog: its end has to be written down, and then it is looked at as one."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """`backlog_end`: the durable one. `doubtful`: the last message that the process before may have been sending."""

    window: Window
    detour: Detour
    pace: Pace
    backlog_end: int
    doubtful: TrialKey
    now: Instant


def doubtful(found: Sequence[Carried], parcel: Parcel, left_by_the_last: int, *, grouped: int) -> TrialKey:
    """The last message that the process before may have sent: one of the first request, or of the `grouped` live ones
    before it whose settlements waited in memory.

    An event without a time was never sent: the time is frozen before.
    """
    keys = [NOTHING_DOUBTFUL]
    live = [item for item in found if not item.tried.accepted][: grouped + 1]
    for item in parcel.sent if parcel.batched or not grouped else live:
        event = item.due.event
        if event.sequence > left_by_the_last or event.frozen_time is None:
            break
        keys.append(item.due.key)
    return keys[-1]


def carried(dues: Sequence[Due], tried: Mapping[TrialKey, Tried]) -> Sequence[Carried]:
    """Messages with what is known of them."""
    return [Carried(due, tried.get(due.key, UNTRIED)) for due in dues]


def choose(found: Sequence[Carried], by: Conditions) -> Parcel | Gathering | BacklogBegins:
    """What to do about `found`, the messages that are due, of which the first can be dated; at least one."""
    head = found[0]
    if head.tried.accepted:
        return Parcel(list(takewhile(lambda item: item.tried.accepted, found)), batched=False)
    is_off_the_road = by.detour.leads(by.now.boottime, lost=head.goes_batched_again)
    if head.goes_alone_again or by.window.is_culprit_found or is_off_the_road:
        return Parcel([head], batched=False)
    if is_batched(head, by.backlog_end):
        return Parcel(_batch(found, 1 if by.detour.is_suspected else by.window.next, by.backlog_end), batched=True)
    if head.due.key <= by.doubtful or by.window.limit == 1:
        return Parcel([head], batched=False)
    if len(found) >= BACKLOG:
        return BacklogBegins()
    until = _gathered_at(head, by)
    if by.now.boottime < until:
        return Gathering(until)
    if by.pace.coalesce_s and len(found) > 1:
        return BacklogBegins()
    return Parcel([head], batched=False)


def is_batched(item: Carried, backlog_end: int) -> bool:
    """Whether the message belongs to a batch, if only of itself."""
    return item.goes_batched_again or (item.due.event.sequence <= backlog_end and not item.goes_alone_again)


def _batch(found: Sequence[Carried], size: int, backlog_end: int) -> Sequence[Carried]:
    chosen: list[Carried] = []
    left = size
    for item in found:
        if not item.tried.accepted:
            if left == 0 or not is_batched(item, backlog_end) or not isinstance(item.due.moment, Dated):
                break
            left -= 1
        chosen.append(item)
    return chosen


def _gathered_at(head: Carried, by: Conditions) -> float:
    """When the head has waited long enough for company; one of an earlier boot has."""
    instant = head.due.event.instant
    return instant.boottime + by.pace.coalesce_s if instant.boot_id == by.now.boot_id else 0.0
