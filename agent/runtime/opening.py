"""Opens the agent's store at the start.

Contract: `open_outbox` returns the open store within the bounds of the settings, or raises StoreError.
Rules: a store that another process has is waited for a few seconds, with one line of the log: a `kiosk-agent queue`
that looks into a store at rest holds it for a moment, and must not make a boot fail. A second agent is refused then.
"""

import time
from pathlib import Path

import structlog

from agent.config.identity import derived_id, read_machine
from agent.config.model import MIB, GiveUp, Settings
from agent.outbox.bounds import Bounds, default_bounds
from agent.outbox.errors import StoreBusy
from agent.outbox.store import Outbox

log = structlog.get_logger()

DAY_S = 86_400.0
# A look into the largest store takes about a second on a Pi's card; a person who waits for a refusal waits no longer.
BUSY_FOR_S = 5.0
BUSY_POLL_S = 0.1


def open_outbox(
    state_dir: Path, settings: Settings, *, patience_s: float = BUSY_FOR_S, bounds: Bounds | None = None
) -> Outbox:
    """The store in `state_dir`; waits at most `patience_s` seconds for whoever has it. Raises StoreError, OSError.

    `bounds`: others than those of the settings.
    """
    bounds = bounds or _bounds(state_dir, settings)
    hardware = derived_id(read_machine()) or ""
    tries = round(patience_s / BUSY_POLL_S)
    for left in range(tries, -1, -1):
        try:
            return Outbox.open(state_dir, device_id=settings.device.id, hardware_key=hardware, bounds=bounds)
        except StoreBusy as error:
            if not left:
                raise
            if left == tries:
                log.info("store is in use, waiting", by_process=error.pid, at_most_s=patience_s)
            time.sleep(BUSY_POLL_S)
    raise AssertionError("the last try returns or raises")


def _bounds(state_dir: Path, settings: Settings) -> Bounds:
    existing = next(folder for folder in (state_dir, *state_dir.absolute().parents) if folder.exists())
    usual = default_bounds(existing)
    size = settings.queue.max_bytes or usual.total_bytes
    newest_first = settings.queue.give_up is GiveUp.NEWEST
    ledger = settings.ledger
    return Bounds(
        size,
        settings.queue.max_age_days * DAY_S,
        newest_first=newest_first,
        plays_bytes=usual.plays_bytes if ledger.max_mib is None else int(ledger.max_mib * MIB),
        plays_age=ledger.max_age_days * DAY_S,
    )
