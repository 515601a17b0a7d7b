"""What the agent begins with: the machine's file, and over it what the broker said before.

Contract: `begin` reads and judges, and writes nothing, for another agent may have the state folder; `Begun.keep` makes
the count of this start durable once the store is ours. Raises ConfigurationError where the machine's file alone is bad.
Rules: without a broker in the machine's file no document counts. An open trial is asked first whether this start is one
too many: what ends the agent again and again is given back before it is applied once more.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from agent.config.files import Loaded
from agent.kernel.instants import Instant
from agent.remote import settling
from agent.remote.presence import next_start
from agent.remote.trial import Return
from agent.remote.vault import Stored, Vault
from agent.runtime.steering.judging import Judge

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Begun:
    """`loaded`: what is in force. `stored`, `vault`: None without a broker. `rebooted`: since a trial was begun."""

    judge: Judge
    loaded: Loaded
    vault: Vault | None = None
    stored: Stored | None = None
    rebooted: bool = False

    def keep(self) -> None:
        """Make this start known to the next one; where that cannot be, say so and go on: the screen comes first."""
        if self.vault is None or self.stored is None:
            return
        try:
            self.vault.save(self.stored)
        except OSError as error:
            log.error("fleet state cannot be written", error=error.strerror or str(error))


def begin(config_path: Path, state_dir: Path, now: Instant, *, judge: Judge | None = None) -> Begun:
    """What counts at this start. `judge`: of another file than the one at `config_path`."""
    judge = judge or Judge.of(config_path)
    if judge.alone.settings.remote.url is None:
        return Begun(judge, judge.alone)
    vault = Vault(state_dir)
    stored = vault.load()
    if stored.broken is not None:
        log.error("fleet state damaged", problem=stored.broken)
    desired, trial = stored.desired.moved(judge.home), stored.trial
    rebooted = trial is not None and trial.boot_id != now.boot_id
    if trial is not None:
        trial, verdict = trial.started(now.boot_id)
        if isinstance(verdict, Return):
            log.error("configuration given back", reason=verdict.reason)
            desired, trial = desired.given_back(verdict.reason, wall=now.wall), None
    desired, loaded = settling.start(desired, judge)
    starts = next_start(stored.starts, now.wall)
    return Begun(judge, loaded, vault, replace(stored, desired=desired, trial=trial, starts=starts), rebooted)
