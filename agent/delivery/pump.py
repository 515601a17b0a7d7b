"""One step of delivery: the head of the log to its destination, and what became of it into the store.

Contract: `step` does at most one thing that takes time, a send (two where a hopeless message is weighed against the
next), and says when it wants to be called again. It has no thread and no clock; all calls but `status` come from one
thread. Raises StoreError when the store cannot go on.
Rules: order is strict, the head waits. What was answered is settled before anything else is sent, so a crash repeats
at most the one message that was under way. Silent events are settled together with the next message, or after `QUIET`,
since each commit costs flash. What a failure changes of the next request, or of how an acceptance must be counted, is
kept before anything else is sent; nothing is written before a send that has not failed yet, so the first message of a
process may be a repeat of what the process before was sending when it died, and is counted so. A wait begins with the
first step after the failure: a send that took its whole timeout must not use up the pause after it.
Reasons: house rule 11, decisions 6, 8, 9, 23; edge.md section 2.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from agent.delivery.dating import Dated, ServerClock, Unasked, Undated, heard, present
from agent.delivery.log import Log, Settlement
from agent.delivery.patience import Trial, is_hopeless
from agent.delivery.status import MessageRefused, News, Outage, SinkState, SinkStatus
from agent.delivery.walk import Due, Place, Walk, walk
from agent.kernel.instants import Instant
from agent.kernel.records import Cursor, StoredEvent
from agent.kernel.release import BUILD_EPOCH
from agent.kernel.verdict import Cause, Delivered, Held, Later, Refused, ServerTime
from agent.outbox.errors import StoreFull
from agent.outbox.ledger import Note
from agent.outbox.letters import Refusal
from agent.sinks.base import Sink

PREFIX: Final = 16
"""Events read at a time: more than a clip makes between two messages, and little memory."""

QUIET: Final = 2.0
"""Seconds that a silent event at the end of the log waits for a message to be settled with."""

DISK_RETRY: Final = 10.0
"""Seconds between tries to settle on a full disk."""

CLOCK_RETRY: Final = 10.0
"""Seconds between looks at a wall clock that is not set or synchronised; looking costs nothing."""

ASK_AT_MOST: Final = 3
"""A service that took the question for its time this often and never answered will not; then our own clock dates."""

NO_TRIAL: Final = Trial(token="")

HOPELESS: Final = "HOPELESS"
"""The code of a dead letter that the server never explained (decision 23); ours, not Kaltura's."""


@dataclass(frozen=True, slots=True)
class Step:
    """`next_due`: the boot-time second for the next step; None: only a new event or a kick makes one worth while."""

    next_due: float | None
    news: tuple[News, ...] = ()


class Pump:
    """Delivery to one sink. `chance` gives numbers from 0 up to, but not including, 1."""

    def __init__(self, log: Log, sink: Sink, *, chance: Callable[[], float]) -> None:
        self._log = log
        self._sink = sink
        self._chance = chance
        self._trial = NO_TRIAL
        self._is_first = True
        self._server: ServerClock | None = None
        self._unanswered = 0
        self._outage: Outage | None = None
        self._pause: float | None = None
        self._due: float | None = None
        self._quiet_until: float | None = None
        self._unwritten: Settlement | None = None
        self._refused_code: str | None = None
        self._status = SinkStatus(sink.name, SinkState.IDLE, None, "", None, None, None, 0)

    def status(self) -> SinkStatus:
        """How the sink stands; may be called from any thread."""
        return self._status

    def kick(self) -> None:
        """Try at once: a setting, a session or the network has changed."""
        self._pause = self._due = None

    def step(self, now: Instant) -> Step:
        """Do what is due at `now`."""
        if self._pause is not None:
            self._due, self._pause = now.boottime + self._pause, None
            self._status = replace(self._status, next_try=self._due)
        if self._due is not None and now.boottime < self._due:
            return Step(self._due)
        self._due = None
        try:
            if self._unwritten is not None:
                return self._settled(self._unwritten, now)
            cursor, _ = self._log.position(self._sink.name)
            events = self._log.peek(self._sink.name, PREFIX)
            found = self._walk(events, now, wanted=1)
            if found.due:
                return self._attempt(found.due[0], now)
            return self._rest(cursor, found.end, now, is_full=len(events) == PREFIX)
        except StoreFull as error:
            return self._failed(Later(Cause.DISK, str(error), answered=False), now, pause=DISK_RETRY, tries=0)

    def _walk(self, events: Sequence[StoredEvent], now: Instant, *, wanted: int) -> Walk:
        cursor, projection = self._log.position(self._sink.name)
        last = self._log.last_sent(self._sink.name)
        return walk(self._sink, cursor, projection, events, now=now, wanted=wanted, server=self._server, last=last)

    def _rest(self, cursor: Cursor, end: Place, now: Instant, *, is_full: bool) -> Step:
        """No message is due: settle the silent events, in good time."""
        if end.cursor == cursor:
            self._quiet_until = None
            self._be(SinkState.IDLE, now)
            return Step(None)
        if self._quiet_until is None:
            self._quiet_until = now.boottime + QUIET
        if not is_full and now.boottime < self._quiet_until:
            return Step(self._quiet_until)
        return self._settled(Settlement(end.cursor, end.projection, passed=end.passed), now)

    def _attempt(self, due: Due, now: Instant) -> Step:
        """Send one message."""
        moment = due.moment
        if isinstance(moment, Undated):
            text = f"the wall clock of this device is not {'set' if now.wall < BUILD_EPOCH else 'synchronised yet'}"
            return self._failed(Later(Cause.CLOCK, text, answered=False), now, pause=_until_dated(moment, now), tries=0)
        if self._trial.token != due.message.token:
            self._trial = self._begun(due)
        if isinstance(moment, Unasked):
            return self._ask(now)
        self._freeze(due, moment)
        verdict = self._sink.send(due.message, attempt=self._trial.attempt)
        match verdict:
            case Delivered() | Refused():
                return self._done(due, verdict, now)
            case Later() | Held():
                before = self._trial
                self._trial = before.after(verdict, jitter=self._chance())
                if (before.attempt, before.lost) != (self._trial.attempt, self._trial.lost):
                    self._keep(due, attempt=self._trial.attempt, lost=self._trial.lost)
                hopeless = is_hopeless(self._trial, verdict, age=self._present(now) - due.message.time)
                if hopeless and (given_up := self._given_up(verdict, now)) is not None:
                    return given_up
                return self._failed(verdict, now, pause=self._trial.wait, tries=self._trial.failures)
            case _:
                assert_never(verdict)

    def _ask(self, now: Instant) -> Step:
        """Ask the service for its time; the message waits for the answer as it would for its own."""
        answer = self._sink.ask_time()
        match answer:
            case ServerTime(time=time):
                self._server = heard(self._server, time, now)
                return Step(now.boottime)
            case Later() | Held():
                # Nothing of the message was in that request, so none of its answers can be lost.
                harmless = replace(answer, lost=False) if isinstance(answer, Later) else answer
                self._unanswered += isinstance(answer, Later) and answer.lost
                if self._unanswered >= ASK_AT_MOST:
                    self._server = heard(self._server, None, now)
                self._trial = self._trial.after(harmless, jitter=self._chance())
                return self._failed(answer, now, pause=self._trial.wait, tries=self._trial.failures)
            case _:
                assert_never(answer)

    def _present(self, now: Instant) -> float:
        moment = present(now, self._server)
        return moment.time if isinstance(moment, Dated) else now.wall

    def _begun(self, due: Due) -> Trial:
        """What is known of a message's tries, by this process and those before."""
        attempt, lost = self._log.trial(self._sink.name, due.event.sequence, due.part)
        was_there = due.event.sequence <= self._log.left_by_the_last
        # An event without a time was never sent: the time is frozen before.
        inherited = self._is_first and was_there and due.event.frozen_time is not None
        self._is_first = False
        return Trial(due.message.token, attempt=attempt, lost=lost, inherited=inherited)

    def _keep(self, due: Due, *, attempt: int, lost: bool) -> None:
        self._log.keep_trial(self._sink.name, due.event.sequence, due.part, attempt=attempt, lost=lost)

    def _freeze(self, due: Due, moment: Dated) -> None:
        if due.event.frozen_time != moment.time:
            self._log.freeze(due.event.sequence, moment.time, estimated=moment.estimated)

    def _done(self, due: Due, verdict: Delivered | Refused, now: Instant) -> Step:
        """The message needs no further try: settle it."""
        trial, self._trial = self._trial, NO_TRIAL
        settlement = Settlement(due.after.cursor, due.after.projection, passed=due.after.passed, sent=due.sent)
        match verdict:
            case Delivered(server_time=time):
                self._refused_code = None
                self._server = heard(self._server, time, now)
                self._status = replace(self._status, last_delivery=now)
                noted = {Note.PERHAPS_REPEATED: 1} if trial.inherited and not trial.lost else {}
                return self._settled(replace(settlement, delivered=1, resent=int(trial.lost), noted=noted), now)
            case Refused(code=code, answer=answer):
                news = self._refused(due, code, answer)
                refusal = _refusal(due, code, answer, attempt=trial.attempt + 1)
                return self._settled(replace(settlement, refusals=(refusal,)), now, news)

    def _given_up(self, verdict: Later | Held, now: Instant) -> Step | None:
        """Send the next message in the hopeless one's stead; None where that did not get through either."""
        due = self._walk(self._log.peek(self._sink.name, PREFIX), now, wanted=2).due
        if len(due) < 2:
            return None
        hopeless, following = due
        if not isinstance(following.moment, Dated):
            return None
        self._freeze(following, following.moment)
        # The attempt does not rise here: a repeat of a message that got through unheard must be recognised.
        attempt, lost = self._log.trial(self._sink.name, following.event.sequence, following.part)
        answer = self._sink.send(following.message, attempt=attempt)
        if isinstance(answer, Later) and answer.lost and not lost:
            self._keep(following, attempt=attempt, lost=True)
        if not isinstance(answer, Delivered):
            return None
        self._status = replace(self._status, last_delivery=now)
        news = self._refused(hopeless, HOPELESS, verdict.text)
        refusal = _refusal(hopeless, HOPELESS, verdict.text, attempt=self._trial.attempt)
        after = following.after
        settlement = Settlement(after.cursor, after.projection, delivered=1, resent=int(lost), passed=after.passed)
        return self._settled(replace(settlement, refusals=(refusal,), sent=following.sent), now, news)

    def _refused(self, due: Due, code: str, answer: str) -> tuple[News, ...]:
        """What is to be said about a refusal; nothing about the second of the same code in a row."""
        if code == self._refused_code:
            return ()
        self._refused_code = code
        return (MessageRefused(due.message.name, due.message.token, code, answer),)

    def _settled(self, settlement: Settlement, now: Instant, news: tuple[News, ...] = ()) -> Step:
        """Write what was answered. While the disk is full it is kept, and nothing else is sent."""
        try:
            settlement.write(self._log, self._sink.name)
        except StoreFull as error:
            self._unwritten = settlement
            failed = self._failed(Later(Cause.DISK, str(error), answered=False), now, pause=DISK_RETRY, tries=0)
            return Step(failed.next_due, (*news, *failed.news))
        self._unwritten = self._quiet_until = None
        if (settlement.delivered or settlement.refusals) and self._outage is not None:
            news = (self._outage.ended(now), *news)
            self._outage = None
        self._be(SinkState.SENDING, now)
        return Step(now.boottime, news)

    def _failed(self, verdict: Later | Held, now: Instant, *, pause: float, tries: int) -> Step:
        """Wait for `pause` seconds, from the next step on."""
        is_held = isinstance(verdict, Held)
        outage = self._outage or Outage(since=now)
        self._outage, news = outage.failed(verdict.cause, verdict.text, is_held=is_held)
        self._pause = pause
        self._status = replace(
            self._status,
            state=SinkState.HELD if is_held else SinkState.WAITING,
            cause=verdict.cause,
            text=verdict.text,
            since=self._outage.since,
            tries=tries,
        )
        return Step(now.boottime, () if news is None else (news,))

    def _be(self, state: SinkState, now: Instant) -> None:
        """Nothing is in the way."""
        if self._status.state is not state:
            self._status = replace(self._status, state=state, cause=None, text="", since=now, next_try=None, tries=0)


def _until_dated(moment: Undated, now: Instant) -> float:
    return CLOCK_RETRY if moment.until is None else min(max(moment.until - now.boottime, 0.0), CLOCK_RETRY)


def _refusal(due: Due, code: str, answer: str, *, attempt: int) -> Refusal:
    return Refusal(
        sequence=due.event.sequence,
        part=due.part,
        message=due.message.name,
        code=code,
        answer=answer,
        projection=due.origin,
        attempt=attempt,
    )
