"""One step of delivery: the head of the log to its destination, and what became of it into the store.

Contract: `step` does at most one thing that takes time, a request (two where a hopeless message is weighed against the
next), and says when it wants to be called again. It has no thread and no clock; all calls but `status` come from one
thread. Raises StoreError when the store cannot go on.
Rules: order is strict, the head waits. What was answered is settled before anything else is sent, so a crash repeats
at most the one request that was under way. Silent events are settled together with the next message, or after `QUIET`,
since each commit costs flash. Nothing is written before a request that has not failed yet, but for the end of a new
backlog, so the first request of a process may be a repeat of what the process before was sending when it died, and
its messages are counted so. However long the log is, a step reads a bounded prefix of it.
Where the rest is decided: what goes together and how, `road`; how fast, `pace`; what answers mean, `reckoning`; how
long a failure is waited out, `patience`.
Reasons: house rule 11, decisions 6, 8, 9, 23; edge.md section 2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from agent.delivery.asking import ServiceTime
from agent.delivery.dating import Dated, Unasked, Undated
from agent.delivery.log import Log, Settlement
from agent.delivery.pace import Pace, Window
from agent.delivery.patience import NO_TRIAL, Trial, is_hopeless
from agent.delivery.reckoning import Failure, Reckoning, reckon
from agent.delivery.road import BACKLOG, Carried, Conditions, Gathering, Parcel, carried, choose, is_batched
from agent.delivery.standing import Standing
from agent.delivery.status import News, SinkState, SinkStatus
from agent.delivery.walk import Place, Walk, walk
from agent.kernel.instants import Instant
from agent.kernel.records import StoredEvent
from agent.kernel.release import BUILD_EPOCH
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.outbox.errors import StoreFull
from agent.outbox.freezing import Freezing
from agent.outbox.trials import TrialKey
from agent.sinks.base import Outgoing, Sink

PREFIX: Final = 16
"""Events read at a time while there is no backlog: more than a clip makes between two messages, and little memory."""

SILENT_PART: Final = 2
"""One event in so many is expected to be silent: a backlog's batch reads that many more, so as to become full."""

QUIET: Final = 2.0
"""Seconds that a silent event at the end of the log waits for a message to be settled with."""

DISK_RETRY: Final = 10.0
"""Seconds between tries to settle on a full disk."""

CLOCK_RETRY: Final = 10.0
"""Seconds between looks at a wall clock that is not set or synchronised; looking costs nothing."""

HOPELESS: Final = "HOPELESS"
"""The code of a dead letter that the server never explained (decision 23); ours, not Kaltura's."""

UNANSWERED: Final = Later(Cause.NOT_KALTURA, "a message of a batch was not answered", answered=False, lost=True)
"""For whatever a batch's answer does not mention."""


@dataclass(frozen=True, slots=True)
class Step:
    """`next_due`: the boot-time second for the next step; None: only a new event or a kick makes one worth while."""

    next_due: float | None
    news: tuple[News, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """What a step sees: where the sink is, the prefix of the log, and the messages in it that are due."""

    start: Place
    events: Sequence[StoredEvent]
    is_full: bool
    walk: Walk
    found: Sequence[Carried]


class Pump:
    """Delivery to one sink. `chance` gives numbers from 0 up to, but not including, 1."""

    def __init__(self, log: Log, sink: Sink, *, chance: Callable[[], float], pace: Pace = Pace()) -> None:  # noqa: B008
        self._log = log
        self._sink = sink
        self._chance = chance
        self._pace = pace
        limit = max(min(sink.batch, pace.batch_size), 1)
        self._window = Window(limit, size=limit)
        self._standing = Standing(sink.name)
        self._time = ServiceTime()
        self._trial = NO_TRIAL
        self._doubtful: TrialKey | None = None
        self._next_batch = 0.0
        self._quiet_until: float | None = None
        self._unwritten: Settlement | None = None

    def status(self) -> SinkStatus:
        """How the sink stands; may be called from any thread."""
        return self._standing.status

    def kick(self) -> None:
        """Try at once: a setting, a session or the network has changed."""
        self._standing.kick()

    def step(self, now: Instant) -> Step:
        """Do what is due at `now`."""
        until = self._standing.waits(now)
        if until is not None:
            return Step(until)
        try:
            if self._unwritten is not None:
                return self._settled(self._unwritten, now)
            look = self._look(now)
            return self._attempt(look, now) if look.found else self._rest(look, now)
        except StoreFull as error:
            return self._disk_full(error, now)

    def _look(self, now: Instant) -> _Look:
        name, limit = self._sink.name, self._window.limit
        cursor, projection = self._log.position(name)
        is_backlog = cursor.sequence < self._log.backlog_end(name)
        wanted = max(BACKLOG, limit) if is_backlog else BACKLOG
        amount = max(PREFIX, limit + limit // SILENT_PART) if is_backlog else PREFIX
        events = self._log.peek(name, amount)
        found = walk(
            self._sink,
            cursor,
            projection,
            events,
            now=now,
            wanted=wanted,
            server=self._time.server,
            last=self._log.last_sent(name),
        )
        due = found.due
        tried = self._log.trials(name, due[0].event.sequence, due[-1].event.sequence) if due else {}
        return _Look(Place(cursor, projection, {}), events, len(events) == amount, found, carried(due, tried))

    def _rest(self, look: _Look, now: Instant) -> Step:
        """No message is due: settle the silent events, in good time."""
        end = look.walk.end
        if end.cursor == look.start.cursor:
            self._quiet_until = None
            self._standing.be(SinkState.IDLE, now)
            return Step(None)
        if self._quiet_until is None:
            self._quiet_until = now.boottime + QUIET
        if not look.is_full and now.boottime < self._quiet_until:
            return Step(self._quiet_until)
        return self._settled(Settlement(end.cursor, end.projection, passed=end.passed), now)

    def _attempt(self, look: _Look, now: Instant) -> Step:
        """Send what is due, if it is time."""
        head = look.found[0].due
        if self._trial.token != head.message.token:
            self._trial = Trial(head.message.token)
        if isinstance(head.moment, Undated):
            text = f"the wall clock of this device is not {'set' if now.wall < BUILD_EPOCH else 'synchronised yet'}"
            pause = _until_dated(head.moment, now)
            return self._wait(Later(Cause.CLOCK, text, answered=False), now, pause=pause, tries=0)
        if isinstance(head.moment, Unasked):
            failure = self._time.ask(self._sink, now)
            return Step(now.boottime) if failure is None else self._failed(failure, now)
        parcel = choose(look.found, self._conditions(look, now))
        if isinstance(parcel, Gathering):
            return Step(parcel.until)
        if parcel.batched and now.boottime < self._next_batch:
            return Step(self._next_batch)
        if parcel.begins_backlog:
            start = look.start
            Settlement(start.cursor, start.projection, backlog_end=self._log.newest).write(self._log, self._sink.name)
        answers = self._ship(parcel, now)
        if isinstance(answers, Refused):
            self._window = self._window.refused(len(parcel.sent))
            return Step(now.boottime)
        return self._answered(look, parcel, answers, now)

    def _conditions(self, look: _Look, now: Instant) -> Conditions:
        end = self._log.backlog_end(self._sink.name)
        if self._doubtful is None:
            first = Conditions(self._window, self._pace, end, look.found[0].due.key, now)
            parcel = choose(look.found, first)
            self._doubtful = _doubtful(parcel, self._log.left_by_the_last) if isinstance(parcel, Parcel) else (0, 0)
        return Conditions(self._window, self._pace, end, self._doubtful, now)

    def _ship(self, parcel: Parcel, now: Instant) -> Sequence[Verdict] | Refused:
        """Send a parcel's messages, their times frozen; an answer for each, or `Refused` where none takes the batch."""
        sent = parcel.sent
        freezings: dict[int, Freezing] = {}
        for item in sent:
            event, moment = item.due.event, item.due.moment
            if isinstance(moment, Dated) and event.frozen_time != moment.time:
                freezings[event.sequence] = Freezing(event.sequence, moment.time, moment.estimated)
        if freezings:
            self._log.freeze(list(freezings.values()))
        if not parcel.batched:
            self._standing.rest()
            return [self._sink.send(item.due.message, attempt=item.tried.attempt) for item in sent]
        self._standing.batch(now)
        self._next_batch = now.boottime + self._pace.pause(len(sent), chance=self._chance())
        answer = self._sink.send_all([Outgoing(item.due.message, item.tried.attempt) for item in sent])
        match answer:
            case Refused():
                return answer
            case Later() | Held():
                return [answer] * len(sent)
            case _:
                return [*answer, *[UNANSWERED] * len(sent)][: len(sent)]

    def _answered(self, look: _Look, parcel: Parcel, answers: Sequence[Verdict], now: Instant) -> Step:
        """Settle what was answered, and wait with what was not."""
        doubtful = self._doubtful or (0, 0)
        found = reckon(parcel, answers, look.start, doubtful=doubtful)
        given_up: tuple[Parcel, Sequence[Verdict]] | None = None
        if found.failure is not None and self._is_hopeless(found.failure, now):
            given_up = self._given_up(look, parcel, answers, found, now)
        if given_up is not None:
            found = reckon(*given_up, look.start, doubtful=doubtful)
        return self._reckoned(found, answers, now, is_drain=parcel.batched)

    def _reckoned(self, found: Reckoning, answers: Sequence[Verdict], now: Instant, *, is_drain: bool) -> Step:
        news: list[News] = []
        for item, refusal in found.refused:
            news += self._standing.refused(item, refusal)
        if found.delivered:
            self._standing.accepted(now)
            times = (answer.server_time for answer in answers if isinstance(answer, Delivered))
            self._time.heard(next(times, None), now)
        if is_drain:
            self._standing.drained(found.done)
        if found.done:
            self._window = self._window.passed(found.done)
        if found.settlement is not None:
            step = self._settled(found.settlement, now, tuple(news))
            if self._unwritten is not None or found.failure is None:
                return step
            news = list(step.news)
        if found.failure is None:
            return Step(now.boottime, tuple(news))
        head = found.failure.item.due.message.token
        if self._trial.token != head:
            self._trial = Trial(head)
        step = self._failed(found.failure.verdict, now, is_light=found.ahead > 0)
        return Step(step.next_due, (*news, *step.news))

    def _is_hopeless(self, failure: Failure, now: Instant) -> bool:
        age = self._time.present(now) - failure.item.due.message.time
        return is_hopeless(failure.item.tried.attempt, failure.verdict, age=age)
