"""One step of delivery: the head of the log to its destination, and what became of it into the store.

Contract: `step` does at most one thing that takes time, a request (two where a hopeless message is weighed against the
next), and says when it wants to be called again. It has no clock, and no thread that outlives a step (`ahead`); all
calls but `status` come from one thread. Raises StoreError when the store cannot go on.
`connect` and `go_at` change it between two steps.
Rules: order is strict, the head waits. What was answered is settled before anything else is sent, so a crash repeats
at most the one request that was under way, and the few messages whose settlements the store groups. Silent events are
settled together with the next message, or after `QUIET`, since each commit costs flash. Nothing is written before a
request that has not failed yet, but for the end of a new backlog, so the first messages of a process may be repeats of
what the process before was sending when it died, and are counted so. A step reads a bounded prefix of the log.
Where the rest is decided: what goes together and how, `road`; how fast, `pace`; what answers mean, `reckoning`; how
long a failure is waited out, `patience`.
Reasons: house rule 11, decisions 6, 8, 9, 23; edge.md section 2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.delivery import weighing
from agent.delivery.ahead import Ahead
from agent.delivery.asking import ServiceTime
from agent.delivery.carrier import Carrier
from agent.delivery.dating import Unasked, Undated
from agent.delivery.detour import STRAIGHT, Detour
from agent.delivery.log import Log, Settlement
from agent.delivery.look import Look, look, start_behind, start_of
from agent.delivery.pace import NO_PORTION, Pace, Portion
from agent.delivery.patience import NO_TRIAL, Trial, is_hopeless
from agent.delivery.reckoning import Failure, Reckoning, reckon
from agent.delivery.road import (
    BACKLOG,
    NOTHING_DOUBTFUL,
    BacklogBegins,
    Conditions,
    Gathering,
    Parcel,
    choose,
    doubtful,
    is_batched,
)
from agent.delivery.standing import Standing
from agent.delivery.status import BatchesNotTaken, News, SinkState, SinkStatus
from agent.kernel.instants import Instant
from agent.kernel.release import BUILD_EPOCH
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, Verdict
from agent.outbox.errors import StoreTrouble
from agent.outbox.trials import TrialKey
from agent.sinks.base import Sink

QUIET: Final = 2.0
"""Seconds that a silent event at the end of the log waits for a message to be settled with."""

DISK_RETRY: Final = 10.0
"""Seconds between tries to settle on a full disk."""

AS_CONFIGURED_BY_DEFAULT: Final = Pace()


@dataclass(frozen=True, slots=True)
class Step:
    """`next_due`: the boot-time second for the next step; None: only a new event or a kick makes one worth while."""

    next_due: float | None
    news: tuple[News, ...] = ()


class Pump:
    """Delivery to one sink. `chance` gives numbers from 0 up to, but not including, 1."""

    def __init__(
        self, log: Log, sink: Sink, *, chance: Callable[[], float], pace: Pace = AS_CONFIGURED_BY_DEFAULT
    ) -> None:
        self._log = log
        self._chance = chance
        self._standing = Standing(sink.name)
        self._doubtful: TrialKey | None = None
        self._portion = NO_PORTION
        self._quiet_until: float | None = None
        self._unwritten: Settlement | None = None
        self._connect(sink, pace)

    def _connect(self, sink: Sink, pace: Pace) -> None:
        self._sink = sink
        self._pace = pace
        self._window = pace.window(sink.batch)
        self._detour = STRAIGHT
        self._carrier = Carrier(self._log, sink)
        self._ahead = Ahead(f"look ahead {sink.name}")
        self._time = ServiceTime()
        self._trial = NO_TRIAL

    def status(self) -> SinkStatus:
        """How the sink stands; may be called from any thread."""
        return self._standing.status

    def kick(self) -> None:
        """Try at once: a setting, a session or the network has changed."""
        self._standing.kick()

    def connect(self, sink: Sink, pace: Pace) -> None:
        """Go on with another sink of that name. What was learnt of the old one's road, and seen ahead, is forgotten."""
        self._connect(sink, pace)
        self._standing.renew()

    def go_at(self, pace: Pace) -> None:
        """Send at another pace from the next request on."""
        self._pace = pace
        self._window = self._window.limited(pace.window(self._sink.batch).limit)

    @property
    def owes(self) -> bool:
        """Whether an answer waits to be written, on a full disk; `step` then does nothing else."""
        return self._unwritten is not None

    def end(self, now: Instant) -> None:
        """The sink is switched off; not to be called while it `owes`."""
        self._standing.end(now)

    def step(self, now: Instant) -> Step:
        """Do what is due at `now`."""
        until = self._standing.waits(now)
        if until is not None:
            return Step(until)
        try:
            if self._unwritten is not None:
                return self._settled(self._unwritten, now)
            start = start_of(self._log, self._sink, self._time.server)
            seen = self._ahead.taken(start) or look(self._log, self._sink, self._window.limit, start=start, now=now)
            return self._attempt(seen, now) if seen.found else self._rest(seen, now)
        except StoreTrouble as error:
            return self._disk_full(error, now)

    def _rest(self, seen: Look, now: Instant) -> Step:
        """No message is due: settle the silent events, in good time."""
        end = seen.end
        if end.cursor == seen.start.cursor:
            self._quiet_until = None
            self._standing.be(SinkState.IDLE, now)
            return Step(None)
        if self._quiet_until is None:
            self._quiet_until = now.boottime + QUIET
        if not seen.is_full and now.boottime < self._quiet_until:
            return Step(self._quiet_until)
        return self._settled(Settlement(end.cursor, end.projection, passed=end.passed), now)

    def _attempt(self, seen: Look, now: Instant) -> Step:
        """Send what is due, if it is time."""
        head = seen.found[0].due
        if self._trial.token != head.message.token:
            self._trial = Trial(head.message.token)
        if isinstance(head.moment, Undated):
            text = f"the wall clock of this device is not {'set' if now.wall < BUILD_EPOCH else 'synchronised yet'}"
            return self._wait(Later(Cause.CLOCK, text, answered=False), now, pause=head.moment.look_after(now), tries=0)
        if isinstance(head.moment, Unasked):
            failure = self._time.ask(self._sink, now)
            return Step(now.boottime) if failure is None else self._failed(failure, now)
        parcel = self._chosen(seen, now)
        if isinstance(parcel, Gathering):
            return Step(parcel.until)
        if isinstance(parcel, BacklogBegins):
            start = seen.start
            return self._settled(Settlement(start.cursor, start.projection, backlog_end=self._log.newest), now)
        is_backlog = parcel.batched or (bool(parcel.sent) and len(seen.found) >= BACKLOG)
        if is_backlog and now.boottime < self._portion.next_at(self._pace):
            return Step(self._portion.next_at(self._pace))
        if not self._carrier.dates(parcel):
            return Step(now.boottime)
        if is_backlog:
            self._standing.drain(now, batched=parcel.batched)
            self._portion = Portion(now.boottime, len(parcel.sent), self._chance())
        elif parcel.sent:
            self._standing.rest()
        answers = self._shipped(seen, parcel, now)
        if isinstance(answers, Refused):
            self._window = self._window.refused(len(parcel.sent))
            return Step(now.boottime)
        return self._answered(seen, parcel, answers, now)

    def _shipped(self, seen: Look, parcel: Parcel, now: Instant) -> Sequence[Verdict] | Refused:
        """Send; and while a batch is under way, look at what comes behind it if it is accepted."""
        if not (parcel.batched and seen.is_full):
            return self._carrier.ship(parcel)
        start = start_behind(seen.begun, parcel)
        with self._ahead.meanwhile(lambda: look(self._log, self._sink, self._window.limit, start=start, now=now)):
            return self._carrier.ship(parcel)

    def _chosen(self, seen: Look, now: Instant) -> Parcel | Gathering | BacklogBegins:
        """What goes next. The first time it is also found out what the process before may have been sending."""
        known = self._doubtful or seen.found[0].due.key
        by = Conditions(self._window, self._detour, self._pace, seen.backlog_end, known, now)
        parcel = choose(seen.found, by)
        if self._doubtful is None and isinstance(parcel, Parcel) and parcel.sent:
            self._doubtful = doubtful(seen.found, parcel, self._log.left_by_the_last, grouped=self._log.grouped)
            parcel = choose(seen.found, replace(by, doubtful=self._doubtful))
        return parcel

    def _answered(self, seen: Look, parcel: Parcel, answers: Sequence[Verdict], now: Instant) -> Step:
        """Work out what was answered; a hopeless message makes way if another one was accepted in its stead."""
        known = self._doubtful or NOTHING_DOUBTFUL
        found = reckon(parcel, answers, seen.start, doubtful=known)
        if found.failure is not None and self._is_hopeless(found.failure, now):
            if found.ahead:
                found = reckon(parcel, weighing.without(answers, found.failure), seen.start, doubtful=known)
            elif isinstance(answers[-1], Later | Held) and found.done == len(answers) - 1:
                found = self._weighed(seen, found, parcel, answers)
        return self._reckoned(found, parcel, answers, now)

    def _is_hopeless(self, failure: Failure, now: Instant) -> bool:
        age = self._time.present(now, self._log.boots) - failure.item.due.message.time
        return is_hopeless(failure.item.tried.attempt, failure.verdict, age=age)

    def _weighed(self, seen: Look, found: Reckoning, parcel: Parcel, answers: Sequence[Verdict]) -> Reckoning:
        """Send the next message in the hopeless one's stead."""
        failure = found.failure
        assert failure is not None
        place = weighing.following(seen.found, failure)
        if place is None:
            return found
        alone = Parcel([seen.found[place]], is_batched(seen.found[place], seen.backlog_end))
        if not self._carrier.dates(alone):
            return found
        verdict = self._carrier.ship(alone)
        if not isinstance(verdict, Refused) and isinstance(verdict[0], Delivered):
            both = Parcel(seen.found[: place + 1], parcel.batched)
            answered = [*weighing.without(answers, failure), *verdict]
            return reckon(both, answered, seen.start, doubtful=self._doubtful or NOTHING_DOUBTFUL)
        return weighing.remembering(found, alone, verdict)

    def _reckoned(self, found: Reckoning, parcel: Parcel, answers: Sequence[Verdict], now: Instant) -> Step:
        """Write down what was found, and wait with what was not settled."""
        news: tuple[News, ...] = ()
        for item, refused in found.refused:
            news += self._standing.refused(item, refused)
        if found.delivered:
            self._standing.accepted(now, is_last=not found.refused)
            times = [answer.server_time for answer in answers if isinstance(answer, Delivered)]
            self._time.heard(times[0] if times else None, now)
        if found.done:
            self._window = self._window.passed(found.done)
            self._trial = NO_TRIAL
            self._standing.drained(found.done)
        if found.settlement is not None:
            step = self._settled(found.settlement, now, news)
            if self._unwritten is not None:
                return step
            news = step.news
        before, self._detour = self._detour, self._detour_after(found, parcel, now)
        if before.run == 1 and self._detour.run > 1:
            news += (BatchesNotTaken(),)
        if found.failure is None:
            return Step(now.boottime, news)
        is_lost = found.failure.item.goes_batched_again
        if parcel.batched and before.is_suspected and self._detour.leads(now.boottime, lost=is_lost):
            self._window = self._window.failed()
            return Step(now.boottime, news)
        token = found.failure.item.due.message.token
        if self._trial.token != token:
            self._trial = Trial(token)
        step = self._failed(found.failure.verdict, now, is_torn=found.ahead > 0)
        return Step(step.next_due, (*news, *step.news))

    def _detour_after(self, found: Reckoning, parcel: Parcel, now: Instant) -> Detour:
        """What is known of batches after an answer."""
        if not parcel.batched:
            return self._detour.passed_alone() if found.done else self._detour
        if found.done or found.ahead or found.failure is None:
            return STRAIGHT
        return self._detour.failed(found.failure.verdict, now.boottime)

    def _settled(self, settlement: Settlement, now: Instant, news: tuple[News, ...] = ()) -> Step:
        """Write what was answered. While the disk is full it is kept, and nothing else is sent."""
        try:
            settlement.write(self._log, self._sink.name)
        except StoreTrouble as error:
            self._unwritten = settlement
            step = self._disk_full(error, now)
            return Step(step.next_due, (*news, *step.news))
        self._unwritten = self._quiet_until = None
        if settlement.delivered or settlement.refusals:
            news = (*self._standing.answered(now), *news)
            self._standing.be(SinkState.SENDING, now)
        return Step(now.boottime, news)

    def _failed(self, verdict: Later | Held, now: Instant, *, is_torn: bool = False) -> Step:
        """The head waits. What is mended already does not count as an outage. `is_torn`: some behind it got through."""
        self._trial = self._trial.after(verdict, jitter=self._chance())
        is_mended = self._trial.wait == 0.0
        if is_torn or not is_mended:
            self._window = self._window.failed()
        if is_mended:
            return Step(now.boottime)
        return self._wait(verdict, now, pause=self._trial.wait, tries=self._trial.failures)

    def _disk_full(self, error: StoreTrouble, now: Instant) -> Step:
        return self._wait(Later(Cause.DISK, str(error), answered=False), now, pause=DISK_RETRY, tries=0)

    def _wait(self, verdict: Later | Held, now: Instant, *, pause: float, tries: int) -> Step:
        return Step(now.boottime, self._standing.failed(verdict, now, pause=pause, tries=tries))
