"""Asks devices for their ledgers, slice by slice.

Contract: `collect` answers how it ended at each device, once each has told all, failed, or not answered; what came is
in the progress by then, and `keep` was told of each slice that counts, before the next is asked for.
Rules: at most `at_once` devices are asked at a time, each for one slice. Each question has an id of its own, so a late
answer to an earlier one is passed over. What is not answered in time, failed (a device that restarts, or that was away
and has no clock, refuses once), or was lost on the way, is asked for again, with the cursor of what has come. A device
that tells nonsense costs its own part.
"""

import json
import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from agent.fleet import fields
from agent.fleet.desk import Desk
from agent.fleet.report_progress import Progress
from agent.fleet.words import plain
from agent.remote.commands import Report
from agent.remote.line import Outgoing
from agent.remote.slices import Slice, slice_of
from agent.remote.topics import Device, Topics

# A device makes a slice in 13 s, and one at a time; more lie behind a slow line.
WAIT_S = 60.0
AT_ONCE = 50
# How often the same slice is asked for.
TRIES = 3
# Before asking again what failed: a device that was away takes a command as fresh when none came for 10 s.
PAUSE_S = 15.0
# The clocks of the operator's machine and of a device may differ by this much.
_CLOCK_S = 60.0
# 50 million lines: a device that tells more tells nonsense, and would fill the operator's memory.
_MOST_SLICES = 10_000
_TELL_EVERY_S = 10.0


class Ending(Enum):
    """How it ended at a device; the worst first. MISSING: the inventory has it, and nobody has ever heard of it."""

    FAILED = "failed"
    SILENT = "silent"
    MISSING = "missing"
    OFFLINE = "offline"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Ended:
    """How, and why."""

    ending: Ending
    reason: str | None = None


@dataclass(slots=True)
class _Asked:
    """A question that is under way, or the next one. `tries`: of this slice."""

    device: str
    id: str = ""
    until: float = 0.0
    tries: int = 0
    slices: int = 0


class Collector:
    """`asked`: the arguments of the command, without the cursor. `on_progress` is told how many devices are through."""

    def __init__(
        self,
        desk: Desk,
        topics: Topics,
        progress: Progress,
        asked: Mapping[str, Any],
        *,
        keep: Callable[[str, Slice], None],
        on_progress: Callable[[int], None] = lambda _: None,
        wait_s: float = WAIT_S,
        at_once: int = AT_ONCE,
    ) -> None:
        self._desk = desk
        self._topics = topics
        self._progress = progress
        self._asked = asked
        self._keep = keep
        self._on_progress = on_progress
        self._wait_s = wait_s
        self._at_once = at_once
        self._under_way: dict[str, _Asked] = {}
        self._ended: dict[str, Ended] = {}

    def collect(self, devices: Sequence[str]) -> dict[str, Ended]:
        """Everything that these devices have to tell."""
        self._ended = {each: Ended(Ending.COMPLETE) for each in devices if self._progress.part(each).is_done}
        waiting = deque(_Asked(each) for each in devices if each not in self._ended)
        if not waiting:
            return self._ended
        self._desk.subscribe([f"{self._topics.root}/device/+/result"])
        tell_at = self._desk.now() + _TELL_EVERY_S
        while waiting or self._under_way:
            self._ask([waiting.popleft() for _ in range(min(len(waiting), self._at_once - len(self._under_way)))])
            arrived = self._desk.receive(self._patience())
            if arrived is not None:
                self._take(arrived.topic, arrived.payload)
            self._again([each for each in self._under_way.values() if each.until <= self._desk.now()])
            if self._desk.now() >= tell_at:
                tell_at = self._desk.now() + _TELL_EVERY_S
                self._on_progress(len(self._ended))
        return self._ended

    def _patience(self) -> float:
        return max(0.0, min(each.until for each in self._under_way.values()) - self._desk.now())

    def _ask(self, questions: Sequence[_Asked]) -> None:
        """Ask each for its next slice."""
        messages = []
        for each in questions:
            each.id, each.until, each.tries = secrets.token_hex(8), self._desk.now() + self._wait_s, each.tries + 1
            cursor = self._progress.part(each.device).cursor
            arguments = {**self._asked, **({} if cursor is None else {"cursor": cursor})}
            expires = round(self._desk.wall() + self._wait_s + _CLOCK_S, 3)
            order = {"id": each.id, "command": Report.word, "arguments": arguments, "expires": expires}
            self._under_way[each.device] = each
            messages.append(
                Outgoing(
                    self._topics.command(each.device),
                    json.dumps(order).encode(),
                    correlation=each.id.encode(),
                    expiry_s=max(1, round(self._wait_s)),
                    response_topic=self._topics.result(each.device),
                )
            )
        if messages:
            self._desk.publish(*messages)

    def _take(self, topic: str, payload: bytes) -> None:
        match self._topics.parse(topic):
            case (Device(device), "result"):
                asked = self._under_way.get(device)
            case _:
                return
        told = fields.table_of(payload)
        if asked is None or told is None or fields.text(told, "id") != asked.id:
            return
        match fields.text(told, "status"):
            case "failed":
                self._failed(asked, plain(fields.text(told, "reason") or "no reason given"))
            case "done":
                self._slice(asked, fields.table(told, "data"))

    def _slice(self, asked: _Asked, data: fields.Table) -> None:
        if not data:
            self._again([asked])  # the answer was lost on its way, and what came is that there was one
            return
        try:
            found = slice_of(data)
        except ValueError as error:
            self._end(asked, Ending.FAILED, f"its answer makes no sense: {error}")
            return
        if self._progress.take(asked.device, found):
            self._keep(asked.device, found)
            asked.tries, asked.slices = 0, asked.slices + 1
        elif asked.tries >= TRIES:
            self._end(asked, Ending.FAILED, "its answers do not follow each other")
            return
        if self._progress.part(asked.device).is_done:
            self._end(asked, Ending.COMPLETE)
        elif asked.slices >= _MOST_SLICES or (found.to == found.after and asked.tries == 0):
            self._end(asked, Ending.FAILED, "its answers come to no end")
        else:
            self._ask([asked])

    def _failed(self, asked: _Asked, reason: str) -> None:
        """Ask again after a while; what fails each time has failed."""
        if asked.tries >= TRIES:
            self._end(asked, Ending.FAILED, reason)
            return
        asked.id = secrets.token_hex(8)  # nobody was asked with it, so nothing answers it
        asked.until = self._desk.now() + min(PAUSE_S, self._wait_s)

    def _again(self, questions: Sequence[_Asked]) -> None:
        """Ask once more where that has a point."""
        for each in questions:
            if each.tries >= TRIES:
                self._end(each, Ending.SILENT, f"did not answer within {self._wait_s:g} s, {TRIES} times")
        self._ask([each for each in questions if each.tries < TRIES])

    def _end(self, asked: _Asked, ending: Ending, reason: str | None = None) -> None:
        self._under_way.pop(asked.device, None)
        self._ended[asked.device] = Ended(ending, reason)
