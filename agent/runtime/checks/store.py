"""Checks of the store: can it be opened, is it sound, will it survive a power cut.

Contract: findings. A store at rest is opened as the agent opens it, under its lock, and every row is read; one in use
is its agent's, which is asked to read it, part by part, for some seconds.
Rules: either way the books are looked at: what was produced for a destination is what became of it.
Reasons: decisions 28 (the full check) and 30 (volatile storage); edge.md section 1.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agent.outbox.connection import STORE_NAME
from agent.outbox.errors import StoreBusy, StoreError
from agent.outbox.generation import MOVED, moved_id
from agent.outbox.store import Outbox
from agent.outbox.visiting import visit
from agent.outbox.volatility import volatility
from agent.runtime.checks.finding import Finding, fail, ok, warn
from agent.runtime.control import ControlError, ask
from agent.runtime.figures import figures

CHECK_AT_MOST_S: Final = 10.0
"""A million events take a minute from a card, and doctor is typed by people."""

BALANCED: Final = "the books balance"


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


def store(state_dir: Path, *, agent: Mapping[str, Any] | None) -> Finding:
    """Whether the store is sound. `agent`: the status of the one that answers on its control socket, None for none."""
    if agent is not None:
        return _in_use(state_dir, agent)
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


def _in_use(state_dir: Path, agent: Mapping[str, Any]) -> Finding:
    """What the agent says of its books, and what it finds."""
    wrong = _books(agent)
    if wrong is not None:
        return wrong
    moved = (agent.get("queue") or {}).get("moved")
    if moved is not None:
        return _moved(moved)
    text = f"in use by the running agent (pid {agent.get('pid')})"
    after: int | None = 0
    until = time.monotonic() + CHECK_AT_MOST_S
    try:
        while after is not None and time.monotonic() < until:
            found = ask(state_dir, "queue.check", after=after)
            if found.get("problem") is not None:
                remedy = "The agent repairs it at once, by itself; look again in a minute, and at the card."
                return fail("store", f"{text}, and damaged: {found['problem']}", remedy)
            after = found.get("after")
    except ControlError as error:
        return ok("store", f"{text}, which checks it by itself; it could not be asked now: {error}")
    read = "every row was read" if after is None else f"read up to event {after}; kiosk-agent queue check reads all"
    return ok("store", f"sound: {read}; {BALANCED}; {text}")


def _read_all(outbox: Outbox) -> Finding:
    while not outbox.check_slice():
        pass
    account = outbox.statistics()
    wrong = _books(figures(account))
    if wrong is not None:
        return wrong
    if (moved := moved_id(outbox.state(MOVED))) is not None:
        return _moved(moved)
    text = f"sound: every row was read; {BALANCED}; schema {account.schema}, {account.bytes_used // 1024} KiB"
    return ok("store", text)


def _books(status: Mapping[str, Any]) -> Finding | None:
    """What is missing, or too many, by the words of `status`; None where the books balance, or it says nothing."""
    queue, wrong = status.get("queue") or {}, []
    for sink in status.get("sinks") or ():
        account = sink.get("account") or {}
        for key, what in (("difference", "event"), ("letters_difference", "dead letter")):
            number = account.get(key) or 0
            if number:
                state = "missing" if number > 0 else "too many"
                wrong.append(f"{sink.get('name')}: {abs(number)} {what}{'s' * (abs(number) != 1)} {state}")
    if queue.get("unburied"):
        wrong.append(f"{queue['unburied']} left the queue, and nobody knows why")
    if not wrong:
        return None
    return fail(
        "store",
        f"the books do not balance: {'; '.join(wrong)}",
        "kiosk-agent status --long shows the numbers, kiosk-agent queue check reads the whole queue. Please report it; "
        "the agent goes on delivering what it has.",
    )


def _moved(device_id: str) -> Finding:
    return warn(
        "store",
        f"was used as {device_id} on another board: two kiosks may report under one id",
        f"If that board still runs, give one of the two another id (sudo kiosk-agent setup --device-id …). If this one "
        f"takes its place: sudo kiosk-agent setup --replace {device_id}",
    )
