"""The life of the agent's process.

Contract: `run(config_path, state_dir)` lives until SIGTERM or SIGINT; its answer is the exit status. Raises
ConfigurationError before anything has started.
Rules: what cannot start says why and what to do, on one line of the log, and ends with status 1; systemd tries again.
"""

from contextlib import closing
from pathlib import Path

import structlog

from agent.outbox.errors import StoreError
from agent.player.link import LinkPathError
from agent.runtime import logs
from agent.runtime.again import start_again
from agent.runtime.app import Agent
from agent.runtime.clock import SystemClock
from agent.runtime.shelter import open_home
from agent.runtime.steering.begin import begin

log = structlog.get_logger()


def run(config_path: Path, state_dir: Path) -> int:
    """Live until SIGTERM or SIGINT; the exit status: 0 when asked to end, 1 after a failure.

    Does not return where a change of the configuration needs all of it started again (agent.runtime.again).
    """
    logs.configure(level="info", form="auto")
    clock = SystemClock()
    begun = begin(config_path, state_dir, clock.now())
    loaded = begun.loaded
    logs.configure(level=loaded.settings.log.level.value, form=loaded.settings.log.format.value)
    for warning in loaded.warnings:
        log.warning("configuration", doubt=str(warning))
    try:
        home = open_home(state_dir, loaded.settings)
    except (StoreError, OSError) as error:
        log.error("store cannot be opened", state_dir=str(state_dir), error=str(error), remedy=_remedy(error))
        return 1
    with closing(home.outbox):
        begun.keep()
        try:
            agent = Agent(config_path, home, begun, clock)
        except (StoreError, LinkPathError, OSError) as error:
            log.error("agent cannot start", error=str(error), remedy=_remedy(error))
            return 1
        try:
            status = agent.live()
        except StoreError as error:
            log.critical("agent ends", error=str(error), remedy=error.remedy)
            return 1
    if agent.begins_again and status == 0:
        start_again(clock.now().boottime)
        return 1
    return status


def _remedy(error: Exception) -> str:
    return error.remedy if isinstance(error, StoreError) else "Check the state folder, its owner and its permissions."
