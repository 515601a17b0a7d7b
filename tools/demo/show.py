"""The show: what happens between the start of collector and agent and their end.

Contract: `Show(...).run_once(...)` plays one pass and judges it; `run_for_ever` plays until somebody ends it, with
keys. Both give the exit status: 0 if everything that was produced was counted (and, once, expected).

Rules: nothing waits for ever: one pass is bounded by the list's length, the last delivery by `_DRAIN_WITHIN_S`. A
process of ours that dies by itself ends the show. Ctrl-C ends the playing, a second one the waiting for the queue.
"""

import time
from typing import Any

from tools.demo import judge
from tools.demo.books import SINK, Counted, Produced, balance, is_settled
from tools.demo.collector import Collector
from tools.demo.judge import Expected
from tools.demo.keys import Keys
from tools.demo.kiosk import Kiosk
from tools.demo.screen import Screen
from tools.standin.event import Event

_TICK_S = 0.1
_STATUS_EVERY_S = 0.5
# The agent tries again after 1, 2 and 4 s, then at growing distances: this covers a short absence of the collector.
_DRAIN_WITHIN_S = 40.0
# How long an idle player and an empty queue are watched before what is missing counts as missing.
_QUIET_S = 3.0
# A shorter wait needs no word. The agent takes two seconds to note an event that this destination does not hear of.
_TELL_AFTER_S = 4.0
# Beyond the clips' own length: the player's start, and the opening of each item, on a slow machine.
_MARGIN_S = 30.0
_ITEM_MARGIN_S = 5.0
KEYS = "o collector away or back · k kill the agent · n next item · q end"


class Show:
    """One run of the demo."""

    def __init__(self, screen: Screen, collector: Collector, kiosk: Kiosk) -> None:
        self._screen = screen
        self._collector = collector
        self._kiosk = kiosk
        self._events: list[Event] = []
        self._status: dict[str, Any] | None = None
        self._asked_at = 0.0
        self._answers = False

    def run_once(self, expected: Expected, length_s: float) -> int:
        """Play one pass; the exit status."""
        self._await_agent()
        deadline = time.monotonic() + length_s + _MARGIN_S + _ITEM_MARGIN_S * len(expected.entries)
        quiet_since: float | None = None
        try:
            while not judge.is_complete(self._events, expected):
                now = time.monotonic()
                if now > deadline:
                    self._screen.note(f"the pass is not through after {length_s + _MARGIN_S:.0f} s and more: given up")
                    break
                self._tick()
                time.sleep(_TICK_S)
                quiet_since = (quiet_since or now) if self._is_idle() else None
                if quiet_since is not None and now - quiet_since > _QUIET_S:
                    break
        except KeyboardInterrupt:
            self._screen.note("interrupted")
        is_balanced = self._close()
        problems = judge.judge(self._events, expected)
        if problems:
            for line in ["", *judge.table(self._events, expected), ""]:
                self._screen.text(line)
            for problem in problems:
                self._screen.bad(problem)
            return 1
        count = len(expected.entries) * len(judge.LIFECYCLE)
        self._screen.good(f"✓ All {count} expected events of {len(expected.entries)} items arrived, in order.")
        return 0 if is_balanced else 1

    def run_for_ever(self, keys: Keys) -> int:
        """Play until `q` or Ctrl-C; the exit status."""
        self._await_agent()
        try:
            while (key := keys.wait(_TICK_S)) != "q":
                self._obey(key)
                self._tick()
                if keys.are_there:
                    self._screen.foot(f"{self._figures()} · {self._keys()}")
        except KeyboardInterrupt:
            pass
        return 0 if self._close() else 1

    def _obey(self, key: str) -> None:
        match key:
            case "o" if self._collector.is_away:
                self._collector.bring_back()
                self._screen.note("collector is back; the agent sends what has waited at its next try")
            case "o":
                self._collector.take_away()
                self._screen.note("collector taken away: the agent goes on playing and keeps the events")
            case "k":
                pid = self._kiosk.process.pid
                self._kiosk.kill_and_restart()
                self._screen.note(f"agent killed (SIGKILL, process {pid}) and started again")
                self._answers = False
            case "n":
                problem = self._kiosk.command("player.next")
                self._screen.note(f"next item: {problem or 'asked for'}")
            case _:
                pass

    def _await_agent(self) -> None:
        self._status = self._kiosk.await_ready()
        self._answers = True

    def _tick(self) -> None:
        """Show what has arrived; look after the processes and, now and then, the agent's figures."""
        for event in self._collector.news():
            self._events.append(event)
            self._screen.event(event)
        self._collector.process.check()
        self._kiosk.process.check()
        if time.monotonic() - self._asked_at >= _STATUS_EVERY_S:
            self._look()

    def _look(self) -> None:
        """Ask the agent how it is; one that was started again is announced when it answers."""
        self._asked_at = time.monotonic()
        status = self._kiosk.status()
        if status is None:
            self._answers = False
            return
        if not self._answers:
            self._screen.note(f"agent is back, process {self._kiosk.process.pid}")
        self._status, self._answers = status, True

    def _close(self) -> bool:
        """Wait until the queue is empty, end the agent, and tell the account; whether it is balanced."""
        try:
            self._drain()
        except KeyboardInterrupt:
            self._screen.note("not waited for")
        self._screen.foot("")
        produced = self._produced()
        self._kiosk.stop()
        if produced is None:
            self._screen.bad(f"The agent gave no figures for {SINK}: {len(self._events)} events were counted.")
            return False
        good, line = balance(produced, Counted.of(self._events))
        (self._screen.good if good else self._screen.bad)(line)
        return good

    def _drain(self) -> None:
        """Stop the playing, so that nothing more is produced, and wait until all that was has been counted."""
        begun = quiet_since = time.monotonic()
        is_stopped = is_told = False
        while (now := time.monotonic()) - begun < _DRAIN_WITHIN_S and now - quiet_since < _QUIET_S:
            if self._answers and not is_stopped:
                self._kiosk.command("player.stop")
                is_stopped = True
            self._tick()
            self._look()
            if is_stopped and (self._collector.is_away or self._is_settled()):
                return
            if not is_stopped or self._waiting():
                quiet_since = now  # an empty queue and a wrong sum will not come right by waiting
            if not is_told and now - begun > _TELL_AFTER_S:
                is_told = True
                self._screen.note("waiting until the agent's queue is empty (Ctrl-C: do not wait)")
            self._screen.foot(self._figures())
            time.sleep(_TICK_S)

    def _is_settled(self) -> bool:
        produced = self._produced()
        return self._answers and produced is not None and is_settled(produced, Counted.of(self._events))

    def _produced(self) -> Produced | None:
        return None if self._status is None else Produced.of(self._status)

    def _is_idle(self) -> bool:
        """Whether the player has come to the end of its list and nothing waits to be sent."""
        player = (self._status or {}).get("player") or {}
        return player.get("state") == "idle" and not self._waiting()

    def _waiting(self) -> int:
        produced = self._produced()
        return produced.queued if produced else 0

    def _figures(self) -> str:
        """How many were sent and wait; with the keys beside it, it fits into 80 columns."""
        produced = self._produced()
        if produced is None or not self._answers:
            return "agent starting"
        line = f"{produced.delivered} sent, {produced.queued} waiting"
        return f"{line}, try in {produced.next_try_s:.0f} s" if produced.queued and produced.next_try_s else line

    def _keys(self) -> str:
        return f"o collector {'back' if self._collector.is_away else 'away'} · k kill · n next · q end"
