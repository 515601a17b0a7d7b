"""The broker's documents in the running agent: stored, judged, applied, on trial, and given back.

Contract: a plain object that the main loop steps. `take` is given what came on the topics of documents; `tick` settles,
watches a trial and tries again to write what could not be written; `deadline` says when it is due.
Rules
- Stored durably, then acknowledged, then judged with all the others, then stored as applied with its trial, then
  applied. A crash anywhere finds on the disk what to go on with.
- Documents that come together are judged together: `QUIET_S` after the last of them.
- What is wanted and not applied when the program starts is settled then: the broker had its acknowledgement.
- Only what worked before is judged by whether it comes back, so a change waits until the connections that it concerns
  have shown whether they work, `KNOWN_WITHIN_S` at most: a document often waits at the broker when a device starts.
- While the disk takes nothing, nothing new is acknowledged or applied: the agent goes on as it is.
Reasons: the issue's commit-confirm; agent.remote.desired, settling and trial hold the rules themselves.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import structlog

from agent.config.files import Loaded
from agent.kernel.instants import Instant
from agent.remote import settling
from agent.remote.desired import Desired, Which
from agent.remote.documents import parse
from agent.remote.letters import Arrived
from agent.remote.line import Line
from agent.remote.shelf import Outcome
from agent.remote.topics import Level
from agent.remote.trial import Confirmed, Return, Trial, Waiting
from agent.remote.vault import Stored, Vault
from agent.runtime.reconfigure import renewed
from agent.runtime.steering.health import Health
from agent.runtime.steering.judging import Judge

log = structlog.get_logger()

QUIET_S: Final = 0.5
"""Retained documents of all levels come within milliseconds of each other."""
LONGEST_QUIET_S: Final = 3.0
"""An operator who publishes without end must not keep the others' documents from counting."""
LOOK_EVERY_S: Final = 2.0
WRITE_AGAIN_S: Final = 5.0
KEEP_TRIAL_EVERY_S: Final = 15.0
"""How much of a trial's time a crash may give back to it; a write costs flash."""
PROBE_S: Final = 30.0
"""Probes are asked for so far ahead, again and again while a connection is on trial."""
KNOWN_WITHIN_S: Final = 20.0
"""A probe into a dead network takes about as long."""


class Documents:
    """`apply` carries a configuration into the running agent; `listen` has the line subscribe to levels' documents.

    `changed` is called when there is something to report.
    """

    def __init__(
        self,
        vault: Vault,
        stored: Stored,
        judge: Judge,
        *,
        loaded: Loaded,
        line: Line,
        health: Health,
        apply: Callable[[Loaded, Instant], None],
        listen: Callable[[Sequence[Level]], None],
        changed: Callable[[], None],
    ) -> None:
        self._vault = vault
        self._stored = stored
        self._judge = judge
        self._line = line
        self._health = health
        self._apply = apply
        self._listen = listen
        self._changed = changed
        # Their runs, numbers and QoS: a full disk may last, and the broker gives them again on each connection.
        self._unacknowledged: list[tuple[int, int, int]] = []
        self._heard_since: float | None = None
        wanted, applied = stored.desired.documents(Which.WANTED), stored.desired.documents(Which.APPLIED)
        self._settle_at: float | None = None if wanted == applied else 0.0
        self._known_by: float | None = None
        self._write_at: float | None = None
        self._kept_trial_at = 0.0
        self._looked_at = 0.0
        self._losses = 0
        self.loaded = loaded
        self.counters: Counter[str] = Counter()

    @property
    def deadline(self) -> float | None:
        """The boot-time second at which `tick` is due, or None."""
        look = None if self._stored.trial is None else self._looked_at + LOOK_EVERY_S
        return min((at for at in (self._settle_at, self._write_at, look) if at is not None), default=None)

    @property
    def levels(self) -> tuple[Level, ...]:
        """Whose documents are listened to."""
        return self._stored.desired.levels

    @property
    def stored(self) -> Stored:
        """All that is known, for the report."""
        return self._stored

    def take(self, letters: Sequence[tuple[Level, Arrived]], now: Instant) -> None:
        """What came on the topics of levels, in order; all of it is written at once."""
        desired = self._stored.desired
        for level, letter in letters:
            desired, outcome = desired.offer(level, parse(level, letter.payload))
            self.counters[outcome.value] += 1
            if outcome in (Outcome.STALE, Outcome.MALFORMED):
                log.warning("document refused", document=str(level), problems=" ".join(desired.shelf(level).problems))
            elif outcome in (Outcome.TAKEN, Outcome.REMOVED):
                self._heard(now.boottime)
            self._owe(letter)
        self._keep(replace(self._stored, desired=desired), now)
        if self._settle_at is None:
            self._changed()  # else what became of it is told in a moment: a report of now would hold that one up

    def tick(self, now: Instant) -> None:
        """Do what is due."""
        if self._write_at is not None and now.boottime >= self._write_at:
            self._keep(self._stored, now)
        if self._settle_at is not None and now.boottime >= self._settle_at and self._write_at is None:
            self._heard_since = self._settle_at = None
            self._settle(now)
        if self._stored.trial is not None and now.boottime >= self._looked_at + LOOK_EVERY_S:
            self._looked_at = now.boottime
            self._watch(self._stored.trial, now)

    def lost_player(self, losses: int) -> None:
        """So many hosts of the player were lost since the start of the program."""
        trial = self._stored.trial
        if trial is not None:
            for _ in range(max(losses - self._losses, 0)):
                trial = trial.host_lost()
            self._stored = replace(self._stored, trial=trial)
        self._losses = losses

    def end(self, now: Instant) -> None:
        """The program ends in good order: what is on trial goes on being so at the next start, which counts nothing."""
        if self._stored.trial is not None:
            self._keep(replace(self._stored, trial=self._stored.trial.ended()), now)

    def _owe(self, letter: Arrived) -> None:
        """Acknowledge it once it is durable. What an earlier connection brought, the broker gives again."""
        owed = [each for each in self._unacknowledged if each[0] == letter.run]
        self._unacknowledged = [*owed, (letter.run, letter.mid, letter.qos)] if letter.qos else owed

    def _heard(self, now: float) -> None:
        if self._heard_since is None:
            self._heard_since = now
        self._settle_at = min(now + QUIET_S, self._heard_since + LONGEST_QUIET_S)

    def _keep(self, stored: Stored, now: Instant) -> bool:
        """Make it durable, then acknowledge what it holds; whether that went well."""
        self._stored = stored
        try:
            self._vault.save(stored)
        except OSError as error:
            self.counters["unwritten"] += 1
            if self._write_at is None:
                log.error("fleet state cannot be written", error=error.strerror or str(error))
            self._write_at = now.boottime + WRITE_AGAIN_S
            return False
        if self._write_at is not None:
            log.info("fleet state is written again")
        self._write_at = None
        self._kept_trial_at = now.boottime
        for run, mid, qos in self._unacknowledged:
            self._line.acknowledge(run, mid, qos)
        self._unacknowledged.clear()
        return True

    def _settle(self, now: Instant) -> None:
        """Judge what is wanted, and apply what is good of it."""
        before = self._stored
        desired, loaded = settling.settle(before.desired, self._judge)
        if loaded is not None and self._comes_too_soon(loaded, now):
            self._settle_at = now.boottime + QUIET_S
            return
        for level in desired.levels:
            if desired.shelf(level).refused and desired.shelf(level) != before.desired.shelf(level):
                log.warning("document refused", document=str(level), problems=" ".join(desired.shelf(level).refused))
        if loaded is None:
            self._keep(replace(before, desired=desired), now)
        else:
            self._try(desired, loaded, now)
        self._listen(self.levels)
        self._changed()

    def _comes_too_soon(self, loaded: Loaded, now: Instant) -> bool:
        """Whether it is yet to be seen if what would be made anew works as it is."""
        if self._health.knows(renewed(self.loaded.settings, loaded.settings)):
            self._known_by = None
            return False
        if self._known_by is None:
            self._known_by = now.boottime + KNOWN_WITHIN_S
            self._health.probe(self._known_by)
        return now.boottime < self._known_by

    def _try(self, desired: Desired, loaded: Loaded, now: Instant) -> None:
        """Apply on trial. Nothing is applied that a crash would not find on the disk."""
        before = self._stored
        names, worked = renewed(self.loaded.settings, loaded.settings), self._health.worked()
        what = _named(desired, before.desired)
        trial_s = loaded.settings.remote.trial_s
        trial = Trial.begin(what, now.boot_id, changed=names, worked=worked, trial_s=trial_s)
        if before.trial is not None:
            trial = before.trial.joined(trial)
        if not self._keep(replace(before, desired=desired, trial=trial), now):
            # What is wanted stays known; it is settled when the disk takes it.
            self._stored = before
            self._heard(now.boottime)
            return
        log.info("configuration changes", documents=what, on_trial=", ".join(trial.on) or None)
        self._health.begin_trial(names, worked)
        self._go(loaded, now)

    def _go(self, loaded: Loaded, now: Instant) -> None:
        self.loaded = loaded
        self._apply(loaded, now)

    def _watch(self, trial: Trial, now: Instant) -> None:
        """Look whether what is on trial has come back."""
        if trial.on:
            self._health.probe(now.boottime + PROBE_S)
        witness = self._health.witness(trial.on, now.boottime, ran=trial.ran)
        after, verdict = trial.observe(now.boottime, self._health.up(trial.on), witness=witness)
        self._stored = replace(self._stored, trial=after)
        match verdict:
            case Waiting():
                if after.on != trial.on or now.boottime >= self._kept_trial_at + KEEP_TRIAL_EVERY_S:
                    self._keep(self._stored, now)
                if after.on != trial.on:
                    self._changed()
            case Confirmed():
                log.info("configuration has stood its trial", documents=trial.what)
                self._keep(replace(self._stored, desired=self._stored.desired.confirmed(), trial=None), now)
                self._listen(self.levels)
                self._changed()
            case Return(reason):
                self._give_back(reason, now)

    def _give_back(self, reason: str, now: Instant) -> None:
        log.error("configuration given back", reason=reason)
        self.counters["given-back"] += 1
        desired = self._stored.desired.given_back(reason, wall=now.wall)
        desired, loaded = settling.start(desired, self._judge)
        self._keep(replace(self._stored, desired=desired, trial=None), now)
        self._go(loaded, now)
        self._listen(self.levels)
        # What else is wanted was refused beside what is gone now.
        self._heard(now.boottime)
        self._changed()


def _named(desired: Desired, before: Desired) -> str:
    """Which documents are new, for people."""
    new, old = desired.documents(Which.APPLIED), before.documents(Which.APPLIED)
    named = [f"{level} {document.revision}" for level, document in new.items() if old.get(level) != document]
    gone = [f"the removal of {level}" for level in old if level not in new]
    return ", ".join([*named, *gone]) or "the groups"
