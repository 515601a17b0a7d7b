"""The life of the agent's process.

Contract: `run(config_path, state_dir)` lives until SIGTERM or SIGINT; its answer is the exit status. Raises
ConfigurationError before anything has started, where there is no last good configuration either.
Rules: what cannot start says why and what to do, on one line of the log, and ends with status 1; systemd tries again.
An end in good order is one that was asked for, or one to begin again; any other counts (agent.runtime.starts).
"""

import os
from contextlib import closing
from enum import Enum
from pathlib import Path

import structlog

from agent.outbox.errors import StoreError
from agent.player.link import LinkPathError
from agent.runtime import logs
from agent.runtime.again import start_again
from agent.runtime.app import Agent
from agent.runtime.clock import SystemClock
from agent.runtime.readiness import starting
from agent.runtime.safe_mode import Footing, digest, wait
from agent.runtime.shelter import open_home
from agent.runtime.starts import Ledger, Safe
from agent.runtime.steering.begin import Begun
from agent.service.notify import Notifier

log = structlog.get_logger()


def run(config_path: Path, state_dir: Path) -> int:
    """Live until SIGTERM or SIGINT; the exit status: 0 when asked to end, 1 after a failure.

    Does not return where a change of the configuration needs all of it started again (agent.runtime.again).
    """
    logs.configure(level="info", form="auto")
    clock = SystemClock()
    now = clock.now()
    ledger = Ledger.found(os.environ)
    mode = ledger.start(now.boot_id, digest(config_path), now.boottime)
    notifier = Notifier.found(os.environ)
    starting(notifier)
    if isinstance(mode, Safe):
        wait(mode.pause_s, lambda words: starting(notifier, words))
    footing = Footing(config_path, state_dir, ledger, mode, began=clock.now().boottime)
    begun = footing.begin(clock.now())
    footing.work()
    status = _live(config_path, state_dir, begun, footing, clock)
    if status is Ended.AGAIN:
        footing.end()
        start_again(clock.now().boottime)
        footing.work()  # It may not any more, which is a fault like any other.
        return 1
    if status is Ended.WELL:
        footing.end()
    return 0 if status is Ended.WELL else 1


class Ended(Enum):
    """How it came to its end. AGAIN: in good order, to begin again."""

    WELL = "well"
    AGAIN = "again"
    BADLY = "badly"


def _live(config_path: Path, state_dir: Path, begun: Begun, footing: Footing, clock: SystemClock) -> Ended:
    loaded = begun.loaded
    logs.configure(level=loaded.settings.log.level.value, form=loaded.settings.log.format.value)
    for warning in loaded.warnings:
        log.warning("configuration", doubt=str(warning))
    try:
        home = open_home(state_dir, loaded.settings)
    except (StoreError, OSError) as error:
        log.error("store cannot be opened", state_dir=str(state_dir), error=str(error), remedy=_remedy(error))
        return Ended.BADLY
    with closing(home.outbox):
        begun.keep()
        try:
            agent = Agent(config_path, home, begun, clock, footing)
        except (StoreError, LinkPathError, OSError) as error:
            log.error("agent cannot start", error=str(error), remedy=_remedy(error))
            return Ended.BADLY
        try:
            status = agent.live()
        except StoreError as error:
            log.critical("agent ends", error=str(error), remedy=error.remedy)
            return Ended.BADLY
    if status != 0:
        return Ended.BADLY
    return Ended.AGAIN if agent.begins_again else Ended.WELL


def _remedy(error: Exception) -> str:
    return error.remedy if isinstance(error, StoreError) else "Check the state folder, its owner and its permissions."
