"""Tells systemd that the agent is ready, and in one line what it does.

Contract: `look` is called by the main loop after each step: the first one is READY, since the store is open and the
loop steps then. `in_words` makes the line of a status. `starting` asks for time before that, `stopping` says the end.
Rules: the line is told when it has changed, every `EVERY_S` at most; no address is in it. An agent that starts itself
again says nothing of it: for systemd the process goes on.
Reasons: house rule 10; `systemctl status` is what is looked at first.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from agent.service.notify import Notifier

EVERY_S: Final = 5.0
START_WITHIN_S: Final = 900.0
"""A damaged store is salvaged before the first step: 256 MiB, read and written anew on a card of 2 MB/s. Also longer
than the longest pause of the safe mode."""

_SINKS: Final = {"idle": "delivering", "sending": "delivering", "waiting": "waiting", "held": "held", "off": "off"}


class Readiness:
    """`status`: what `kiosk-agent status` says; asked only where somebody listens."""

    def __init__(self, notifier: Notifier, status: Callable[[], Mapping[str, Any]]) -> None:
        self._notifier = notifier
        self._status = status
        self._is_ready = False
        self._due = 0.0
        self._told = ""

    def look(self, now: float) -> None:
        """The main loop has stepped, at `now` (boot-time s)."""
        if self._notifier.address is None or now < self._due:
            return
        self._due = now + EVERY_S
        words = in_words(self._status())
        if not self._is_ready:
            self._is_ready = True
            self._notifier.tell(READY="1", STATUS=words)
        elif words != self._told:
            self._notifier.tell(STATUS=words)
        self._told = words


def starting(notifier: Notifier, words: str = "starting") -> None:
    """It is not ready yet and says what it does; also a sign of life, where it was ready before it started again."""
    notifier.tell(STATUS=words, EXTEND_TIMEOUT_USEC=str(round(START_WITHIN_S * 1e6)), WATCHDOG="1")


def stopping(notifier: Notifier) -> None:
    """The end has begun."""
    notifier.tell(STOPPING="1", STATUS="ending")


def in_words(status: Mapping[str, Any]) -> str:
    """One line: the player and the destinations."""
    player = status["player"]
    item = player["item"]
    what = player["state"]
    if item is not None:
        name = item["entry_id"] or "an item without an entry"
        what = f"{what} {name} ({item['index']} of {item['count']})"
    sinks = [
        f"{sink['name']} {_SINKS.get(sink.get('state', 'off'), 'off')}, {sink['depth']} waiting"
        for sink in status["sinks"]
        if sink.get("state") is not None
    ]
    safe = status.get("safe_mode") or {}
    return "; ".join([*(["safe mode"] if safe.get("on") else []), what, *sinks])
