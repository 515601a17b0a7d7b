"""From the head of the log to the messages that are due.

Contract: pure but for the sink's `project`, which is pure. `walk` passes over silent events and stops at the
`wanted`-th message; nothing is sent or written.
Rules: an event that became several messages is done part by part; until its last part is done, the projection's state
from before the event stays, so that after a crash it becomes the same messages. A dead letter on its second way is one
message, made from the state that it was first made from, and changes no state (decision 9).
Reasons: decisions 1, 6, 9; house rule 11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.delivery.dating import Dated, Moment, ServerClock, age, dated, not_before, present
from agent.kernel.boots import NO_BOOTS, Boots
from agent.kernel.instants import Instant
from agent.kernel.records import Cursor, LastSent, StoredEvent
from agent.outbox.trials import TrialKey
from agent.sinks.base import Message, Sink

VANISHED: Final = "vanished"
"""Counted where a dead letter that was asked for again, or the rest of an event of which parts were sent, is no message
any more: a setting has changed, or it has grown too old."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a sink has come, what its projection remembers, and what was passed over on the way, by reason."""

    cursor: Cursor
    projection: str
    passed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is due. `after`: where the sink is once it is done. `origin`: the projection's state that the
    event was projected from. `moment`: whether the event can be dated; while it cannot, the message's time is a guess.
    """

    event: StoredEvent
    part: int
    message: Message
    moment: Moment
    origin: str
    after: Place

    @property
    def key(self) -> TrialKey:
        """The message's name in the store, rising along the log."""
        return self.event.sequence, self.part

    @property
    def sent(self) -> LastSent | None:
        """What the next message of the session may not be earlier than; None for a dead letter, an old story."""
        if self.event.redelivery is not None or not isinstance(self.moment, Dated):
            return None
        return LastSent(self.event.attribution.session_id, self.moment.time)


@dataclass(frozen=True, slots=True)
class Walk:
    """The messages that were found, and where the silent events end that follow the last of them."""

    due: Sequence[Due]
    end: Place


def walk(
    sink: Sink,
    start: Cursor,
    projection: str,
    events: Sequence[StoredEvent],
    *,
    now: Instant,
    wanted: int,
    server: ServerClock | None = None,
    boots: Boots = NO_BOOTS,
    last: LastSent | None = None,
) -> Walk:
    """The first `wanted` messages that `events`, the prefix of the log after `start`, become at `sink`.

    `server`: what is known of the service's clock; `boots`: of this device's. `last`: the message that was sent before
    them.
    """
    passed: Mapping[str, int] = {}
    found: list[Due] = []
    cursor = start
    today = present(now, server, boots)
    for event in events:
        moment = not_before(last, event, dated(event, now, server, boots))
        unfolded = _unfolded(sink, projection, event, moment, age=age(event, moment, now, today))
        done = Cursor(event.sequence)
        count = len(unfolded.messages)
        for index in range(cursor.parts, count):
            is_last = index + 1 == count
            place = Place(
                cursor=done if is_last else Cursor(cursor.sequence, index + 1),
                projection=unfolded.after if is_last else projection,
                passed=passed,
            )
            part = unfolded.first_part + index
            found.append(Due(event, part, unfolded.messages[index], moment, unfolded.origin, place))
            last = found[-1].sent or last
            if len(found) == wanted:
                return Walk(found, place)
        reason = unfolded.reason
        if reason is None and cursor.parts >= count and cursor.parts:
            # Some of its parts were sent, and what is left of it has become nothing meanwhile: by age, by a setting.
            reason = VANISHED
        if reason is not None:
            passed = {**passed, reason: passed.get(reason, 0) + 1}
        cursor, projection = done, unfolded.after
    return Walk(found, Place(cursor, projection, passed))


@dataclass(frozen=True, slots=True)
class _Unfolded:
    messages: Sequence[Message]
    first_part: int
    origin: str
    after: str
    reason: str | None


def _unfolded(sink: Sink, projection: str, event: StoredEvent, moment: Moment, *, age: float | None) -> _Unfolded:
    """What the event is at `sink`; the messages of an event that cannot be dated carry its own wall time for now."""
    time = moment.time if isinstance(moment, Dated) else event.instant.wall
    again = event.redelivery
    if again is None:
        found = sink.project(projection, event, time=time, age=age)
        return _Unfolded(found.messages, 0, projection, found.state, found.passed)
    if again.sink != sink.name:
        return _Unfolded((), 0, projection, projection, None)
    found = sink.project(again.projection, event, time=time, age=age)
    messages = found.messages[again.part : again.part + 1]
    return _Unfolded(messages, again.part, again.projection, projection, None if messages else VANISHED)
