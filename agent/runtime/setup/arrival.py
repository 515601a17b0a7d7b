"""Waits for the first event to be delivered: the proof that a setup works.

Contract: `await_event` answers what came, or what it last saw when its time was over.
Rules: asked over the control socket, as `status` does; an agent that has just been started may not answer yet. What
an earlier process delivered does not count: the time of the last delivery is this process's own.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agent.runtime.control import ControlError, ask

LOOK_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Arrived:
    """`sink` took its first message. `medium`, `entry_id`: what plays at this moment, where anything does."""

    sink: str
    medium: str | None
    entry_id: str | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The agent runs, and nothing was delivered; `why`, in words."""

    why: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Nobody answers on the control socket; `why`, in words."""

    why: str


def await_event(
    state_dir: Path,
    patience_s: float,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Arrived | Waiting | Absent:
    """Wait at most `patience_s` seconds."""
    until = now() + patience_s
    while True:
        found = look(state_dir)
        if isinstance(found, Arrived) or now() >= until:
            return found
        sleep(LOOK_EVERY_S)


def look(state_dir: Path) -> Arrived | Waiting | Absent:
    """How it stands at this moment."""
    try:
        status = ask(state_dir, "status")
    except ControlError as error:
        return Absent(str(error))
    item = status["player"]["item"] or {}
    for sink in status["sinks"]:
        if sink.get("last_delivery_wall") is not None:
            return Arrived(str(sink["name"]), item.get("uri"), item.get("entry_id"))
    return Waiting(_reason(status, item))


def _reason(status: Mapping[str, Any], item: Mapping[str, Any]) -> str:
    for sink in status["sinks"]:
        if sink.get("text"):
            return f"{sink['name']}: {sink['text']}"
    if not item:
        return f"the player is {status['player']['state']}, and no item of the list is on"
    if item.get("entry_id") is None:
        return f"{item['uri']} plays, and has no Kaltura entry: it is not reported"
    return f"{item['uri']} plays; nothing is known to be wrong"
