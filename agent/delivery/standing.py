"""How a sink stands: what it waits for, what is worth a log line, and the figures of a drain.

Contract: kept by the pump, one call for each thing that happens; `status` may be read from any thread.
Rules: a wait begins with the first step after the failure: a send that took its whole timeout must not use up the
pause after it. One outage is one run of failures; a failure that was mended at once is none. A drain's rate counts
from its first request to the start of the last, so that it is the rate at which the service is really called.
Reasons: house rule 5; `kiosk-agent status`.
"""

from dataclasses import replace

from agent.delivery.road import Carried
from agent.delivery.status import MessageRefused, News, Outage, SinkState, SinkStatus
from agent.kernel.instants import Instant
from agent.kernel.verdict import Held, Later, Refused


class Standing:
    """One sink's."""

    def __init__(self, sink: str) -> None:
        self.status = SinkStatus(sink, SinkState.IDLE, None, "", None, None, None, 0)
        self._outage: Outage | None = None
        self._pause: float | None = None
        self._due: float | None = None
        self._refused_code: str | None = None
        self._drain_began: float | None = None
        self._drained = 0

    def kick(self) -> None:
        """Forget what is waited for."""
        self._pause = self._due = None

    def renew(self) -> None:
        """The connection is a new one: what goes wrong with it is news, though the outage may be the old one."""
        self.kick()
        self._refused_code = None
        if self._outage is not None:
            self._outage = replace(self._outage, told=frozenset())

    def end(self, now: Instant) -> None:
        """The sink is switched off: nothing is waited for any more."""
        self.kick()
        self._outage = None
        self.be(SinkState.IDLE, now)

    def waits(self, now: Instant) -> float | None:
        """Until which boot-time second a failure is waited out; None: not, or not any more."""
        if self._pause is not None:
            self._due, self._pause = now.boottime + self._pause, None
            self.status = replace(self.status, next_try=self._due)
        if self._due is not None and now.boottime < self._due:
            return self._due
        self._due = None
        return None

    def failed(self, verdict: Later | Held, now: Instant, *, pause: float, tries: int) -> tuple[News, ...]:
        """Wait for `pause` seconds, from the next step on."""
        is_held = isinstance(verdict, Held)
        outage = self._outage or Outage(since=now)
        self._outage, news = outage.failed(verdict.cause, verdict.text, is_held=is_held)
        self._pause = pause
        self.status = replace(
            self.status,
            state=SinkState.HELD if is_held else SinkState.WAITING,
            cause=verdict.cause,
            text=verdict.text,
            since=self._outage.since,
            tries=tries,
        )
        return () if news is None else (news,)

    def answered(self, now: Instant) -> tuple[News, ...]:
        """The service has accepted or refused a message: an outage is over."""
        outage, self._outage = self._outage, None
        return () if outage is None else (outage.ended(now),)

    def accepted(self, now: Instant, *, is_last: bool) -> None:
        """Messages got through. `is_last`: none of the same request was refused."""
        if is_last:
            self._refused_code = None
        self.status = replace(self.status, last_delivery=now)

    def refused(self, item: Carried, verdict: Refused) -> tuple[News, ...]:
        """What is to be said about a refusal; nothing about the second of the same code in a row."""
        if verdict.code == self._refused_code:
            return ()
        self._refused_code = verdict.code
        message = item.due.message
        return (MessageRefused(message.name, message.token, verdict.code, verdict.answer),)

    def be(self, state: SinkState, now: Instant) -> None:
        """Nothing is in the way."""
        if self.status.state is not state:
            self.status = replace(self.status, state=state, cause=None, text="", since=now, next_try=None, tries=0)
        if state is SinkState.IDLE:
            self.rest()

    def drain(self, now: Instant, *, batched: bool) -> None:
        """A part of a backlog is about to leave, in a batch or alone."""
        if self._drain_began is None:
            self._drain_began, self._drained = now.boottime, 0
        seconds = now.boottime - self._drain_began
        rate = self._drained / seconds if seconds > 0.0 else None
        batches = self.status.batches + int(batched)
        self.status = replace(self.status, draining=True, batches=batches, is_batched=batched, rate=rate)

    def drained(self, number: int) -> None:
        """So many messages of a backlog were settled."""
        self._drained += number

    def rest(self) -> None:
        """What goes now is no backlog."""
        self._drain_began = None
        if self.status.draining:
            self.status = replace(self.status, draining=False, rate=None)
