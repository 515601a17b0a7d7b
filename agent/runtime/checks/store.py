"""Checks of the store: can it be opened, is it sound, will it survive a power cut.

Contract: findings. A store at rest is opened as the agent opens it, under its lock, and every row is read; one in use
is its agent's, which checks it itself.
Reasons: decisions 28 (the full check) and 30 (volatile storage); edge.md section 1.
"""

from pathlib import Path

from agent.outbox.connection import STORE_NAME
from agent.outbox.errors import StoreBusy, StoreError
from agent.outbox.generation import MOVED, moved_id
from agent.outbox.store import Outbox
from agent.outbox.visiting import visit
from agent.outbox.volatility import volatility
from agent.runtime.checks.finding import Finding, fail, ok, warn


def keeps(state_dir: Path) -> Finding | None:
    """Whether what is stored outlives a power cut; None where that cannot be found out."""
    try:
        reason = volatility(state_dir)
    except OSError:
        return None
    if reason is None:
        return ok("storage", "stays over a power cut")
    return warn(
        "storage",
        f"{reason}: a power cut loses every event that was not delivered yet",
        "Put the state folder on a partition of its own that is writable (see systemd/README.md).",
    )


def store(state_dir: Path, *, agent_pid: int | None, moved: str | None = None) -> Finding:
    """Whether the store is sound. `agent_pid`: the agent that answers on its control socket, None for none.

    `moved`: the device id that, as that agent says, another board may have too.
    """
    if moved is not None:
        return _moved(moved)
    if agent_pid is not None:
        return ok("store", f"in use by the running agent (pid {agent_pid}), which checks it itself")
    try:
        (state_dir / STORE_NAME).stat()
    except FileNotFoundError:
        return ok("store", "none yet; the first start makes it")
    except OSError as error:
        text = f"cannot be looked at: {(error.strerror or str(error)).lower()}"
        return warn("store", text, "Run this as the agent's user or with sudo.")
    try:
        outbox = visit(state_dir)
    except StoreBusy as error:
        remedy = "Look whether an agent is starting or hangs (systemctl status kiosk-agent); then try again."
        return warn("store", f"{error} It does not answer on the control socket.", remedy)
    except StoreError as error:
        return fail("store", str(error), error.remedy)
    try:
        return _read_all(outbox)
    except StoreError as error:
        return fail("store", str(error), error.remedy)
    finally:
        outbox.close()


def _read_all(outbox: Outbox) -> Finding:
    while not outbox.check_slice():
        pass
    if (moved := moved_id(outbox.state(MOVED))) is not None:
        return _moved(moved)
    account = outbox.statistics()
    return ok("store", f"sound: every row was read; schema {account.schema}, {account.bytes_used // 1024} KiB")


def _moved(device_id: str) -> Finding:
    return warn(
        "store",
        f"was used as {device_id} on another board: two kiosks may report under one id",
        f"If that board still runs, give one of the two another id (sudo kiosk-agent setup --device-id …). If this one "
        f"takes its place: sudo kiosk-agent setup --replace {device_id}",
    )
