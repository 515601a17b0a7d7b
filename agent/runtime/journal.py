"""What the main loop writes: events and the state that belongs to them, in one transaction.

Contract: `write` makes events durable with the tracker's and the director's state, and wakes the senders. What an
earlier process left is agent.runtime.recovery's.
Rules: the player's events wait `durability_s` seconds for company at most, and so do the settlements of delivery
(agent.runtime.window); nothing is acknowledged or sent before it is durable, and what an application tells is written
at once, with what waits before it. A store that cannot be written, for whatever reason, costs no play: the events wait
here, in order and bounded, and the write is tried again; what no longer fits is counted, durably once that can be.
After more than a full disk the store is opened anew first, which repairs it (agent.outbox.mending). While a play is
open its playhead is made durable every `CHECKPOINT_EVERY_S`; an idle agent writes nothing. When the clock is seen to be
right for the first time in a boot, or after a step, that is written at once: a power cut in the next moment must not
make estimates of all that happened in this boot.
Reasons: ARCHITECTURE.md; house rule 9; decisions 1 and 22.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from agent.kernel.events import Event
from agent.kernel.instants import Instant
from agent.kernel.records import Record
from agent.kernel.session import SessionTracker
from agent.outbox.core import BOOTS
from agent.outbox.errors import StoreError, StoreFull, StoreTrouble
from agent.outbox.owing import GROUP
from agent.outbox.store import Outbox
from agent.player.conductor import Conductor
from agent.runtime.reboots import ANCHOR, boots_at_start
from agent.runtime.recorder import Recorder
from agent.runtime.window import Window
from agent.runtime.words import opening_text

log = structlog.get_logger()

# The playhead's position is made durable this often while a play is open and nothing else is written, so that a power
# cut loses at most this much of it. Clips of 30 seconds need none, their events are closer. Measured (x86-64, ext4):
# three blocks of 4 KiB and its part of the log's checkpoints, 15 KiB, so 42 MiB a day of films without an event.
CHECKPOINT_EVERY_S: Final = 30.0
# Events that wait in memory for a disk without room: some hours of playback, about 5 MB.
PENDING_AT_MOST: Final = 10_000
RETRY_WRITE_S: Final = 5.0
# A dying card may keep each try waiting for half a minute, and the main loop with it: such tries become rarer.
RETRY_MENDING_AT_MOST_S: Final = 60.0
# What one transaction takes: a quarter of a megabyte, which the smallest store has room for. All that waits may not.
WRITE_AT_ONCE: Final = 500
# Bounds are kept, and a slice of the file checked, this often.
MAINTAIN_EVERY_S: Final = 60.0

TRACKER: Final = "tracker"
PLAY: Final = "play"
DIRECTOR: Final = "director"


@dataclass(slots=True)
class Outage:
    """The store cannot be written since the boot-time second `since`; `tries` writes have failed."""

    since: float
    tries: int
    retry_at: float


class Journal:
    """Writes for the main loop. `recovered`: records that go first. `counters`: what went wrong, by reason.
    `kinds`: what was written since the start, by kind."""

    def __init__(
        self,
        outbox: Outbox,
        recorder: Recorder,
        tracker: SessionTracker,
        director: Conductor,
        *,
        wake: Callable[[], None],
        now: Instant,
        recovered: Sequence[Record] = (),
        durability_s: float = 0.0,
    ) -> None:
        self._outbox = outbox
        self._recorder = recorder
        self._tracker = tracker
        self._director = director
        self._wake = wake
        self._waiting = list(recovered)
        self._window = Window(durability_s, waiting=bool(recovered), now=now.boottime)
        outbox.owing.unwritten = len(self._waiting)
        outbox.owing.allow(GROUP if durability_s else 0)
        self._saved: dict[str, str] = {}
        self._told = outbox.boots
        self._boots = boots_at_start(outbox, now)
        self._written_at = now.boottime
        self._maintain_at = now.boottime + MAINTAIN_EVERY_S
        self._outage: Outage | None = None
        self._tried = 0
        self._lost = self._lost_plays = 0
        self.counters: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()

    @property
    def pending(self) -> int:
        """Events that wait in memory because the store cannot be written."""
        return 0 if self._outage is None else len(self._waiting)

    @property
    def deadline(self) -> float | None:
        """The boot-time second at which `write` must be called again, or None."""
        return self._window.deadline if self._outage is None else self._outage.retry_at

    def write(
        self,
        events: Sequence[Event],
        now: Instant,
        *,
        urgent: bool = False,
        followed: bool = False,
        last: bool = False,
        context: str | None = None,
    ) -> bool:
        """Make `events` durable, in good time; True when with them everything is that was heard so far.

        `context`: the visit that goes on. `urgent`: somebody waits for the answer, so a change of state alone is
        written too. `followed`: what is written next happened later, so no event may wait. `last`: the process ends in
        good order.
        """
        self._outbox.tell_time(now)
        self._waiting += self._recorder.records(events, now, context=context)
        self._boots = self._boots.seen(now)
        is_written = self._write(now, urgent=urgent or (followed and bool(self._waiting)), last=last)
        self._outbox.owing.unwritten = len(self._waiting)
        return is_written

    def _write(self, now: Instant, *, urgent: bool, last: bool) -> bool:
        if not self._is_due(now, urgent=urgent, last=last):
            self._bound()
            self._settle(now)
            return False
        try:
            self._mend(now)
            if self._outage is not None:
                self._keep_bounds(now)  # what lets the store grow again
            self._append(self._states(now, last=last), now)
            self._maintain(now)
        except StoreError as error:
            self._cannot_write(error, now, last=last)
            return False
        return True

    def submit(self, records: Sequence[Record], states: Mapping[str, str]) -> int | None:
        """Make what an application told durable, at once; the first sequence, None while the disk has no room.

        Nothing of it is kept in memory: the application is told, and can try again.
        """
        if self._outage is not None:
            return None
        try:
            ticket = self._outbox.append(records, states=states)
        except StoreTrouble as error:
            self.counters[_failure(error)] += 1
            return None
        if records:
            self.kinds.update(record.kind for record in records)
            self._wake()
        return ticket.first

    def _is_due(self, now: Instant, *, urgent: bool, last: bool) -> bool:
        if last:
            return True
        if self._outage is not None:
            return now.boottime >= self._outage.retry_at
        if self._outbox.trouble is not None:
            return True
        if self._boots is not self._told:
            return True
        if self._window.is_over(now.boottime, waiting=bool(self._waiting)):
            return True
        return urgent or now.boottime - self._written_at >= CHECKPOINT_EVERY_S

    def _settle(self, now: Instant) -> None:
        """Write the settlements that have waited long enough for company."""
        if self._outage is None and self._window.is_owed_long(now.boottime, self._outbox.owing.messages):
            try:
                self._outbox.owing.flush()
            except StoreError as error:
                self._cannot_write(error, now, last=False)

    def _states(self, now: Instant, *, last: bool) -> dict[str, str]:
        states = {TRACKER: self._tracker.checkpoint(), DIRECTOR: json.dumps(self._director.state(orderly=last))}
        states[PLAY] = self._recorder.play
        if self._boots is not self._told:
            states[BOOTS] = self._boots.text()
        anchor = self._recorder.state(now, told=self._saved.get(ANCHOR) if self._waiting else None)
        return states if anchor is None else {**states, ANCHOR: anchor}

    def _append(self, states: dict[str, str], now: Instant) -> None:
        written = 0
        # The newest state goes with the first batch: a crash between two loses what was in memory anyway, and doubles
        # nothing.
        while self._waiting or self._has_changed(states):
            # The store tells whether a batch in doubt was written if it gets the same one again.
            batch = self._waiting[: self._tried or WRITE_AT_ONCE]
            self._tried = len(batch)
            # Only what is new: the others lie on another page, and each page is written whole.
            news = {name: text for name, text in states.items() if self._saved.get(name) != text}
            self._outbox.append(batch, states=news)
            self._tried = 0
            del self._waiting[: len(batch)]
            self._saved = {**self._saved, **states}
            written += len(batch)
            self.kinds.update(record.kind for record in batch)
            if batch:
                self._wake()
        if self._lost:
            self._outbox.lose(self._lost, plays=self._lost_plays)
            self._lost = self._lost_plays = 0
        if self._outage is not None:
            seconds = round(now.boottime - self._outage.since, 1)
            log.info("store writes again", events=written, tries=self._outage.tries, seconds=seconds)
        self._outage, self._written_at = None, now.boottime
        self._told = self._boots
        self._window.close()

    def _has_changed(self, states: dict[str, str]) -> bool:
        """Whether more than the time has changed since the last write; with a play open, time counts too."""
        if self._saved.get(DIRECTOR) != states[DIRECTOR]:
            return True
        if BOOTS in states and self._saved.get(BOOTS) != states[BOOTS]:
            return True
        return self._tracker.is_open and self._saved.get(TRACKER) != states[TRACKER]

    def _mend(self, now: Instant) -> None:
        """Open a store anew that is in trouble. Raises StoreError."""
        if self._outbox.trouble is None:
            return
        news = opening_text(self._outbox.mend())
        self._saved = {}  # what could be read of it may be older
        log.warning("store opened anew", news=news)

    def _cannot_write(self, error: StoreError, now: Instant, *, last: bool) -> None:
        if self._outage is None:
            log.error("store cannot write", error=str(error), remedy=error.remedy)
            self._outage = Outage(now.boottime, 0, now.boottime)
        self._outage.tries += 1
        patience = 1 if isinstance(error, StoreFull) else self._outage.tries
        self._outage.retry_at = now.boottime + min(RETRY_WRITE_S * patience, RETRY_MENDING_AT_MOST_S)
        self.counters[_failure(error)] += 1
        self._bound()
        if last and self._waiting:
            log.error("events lost, the store could not write to the end", events=len(self._waiting))

    def _bound(self) -> None:
        excess = len(self._waiting) - PENDING_AT_MOST
        if excess > 0:
            # Not the batch that may have been written: nobody could say any more that it was.
            going = slice(self._tried, self._tried + excess)
            self._lost_plays += sum(record.play is not None for record in self._waiting[going])
            del self._waiting[going]
            self._lost += excess
            self.counters["dropped-unwritten"] += excess

    def _maintain(self, now: Instant) -> None:
        if now.boottime >= self._maintain_at:
            self._maintain_at = now.boottime + MAINTAIN_EVERY_S
            self._outbox.check_slice()
            self._keep_bounds(now)

    def _keep_bounds(self, now: Instant) -> None:
        dropped = self._outbox.enforce(now)
        if dropped:
            reasons = {reason.value: number for reason, number in dropped.items()}
            log.warning("events dropped to keep the bounds", **reasons)


def _failure(error: StoreError) -> str:
    """The name under which a write that failed is counted."""
    return "disk-full-writes" if isinstance(error, StoreFull) else "store-failed-writes"
