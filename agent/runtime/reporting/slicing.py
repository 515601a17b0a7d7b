"""Adds up a part of the ledger, a few lines at a time.

Contract: `Slicing.step` reads at most `LINES_A_STEP` lines and answers the slice once it is whole, else None.
`question` reads what was asked from arguments that came from anywhere; raises ValueError.
Rules: the main loop steps it, between two steps of the player's rules, so a step takes milliseconds. A slice ends
after so many lines, or where its rows take so many bytes; one line it has in any case.
Reasons: what waits meanwhile is the player's word; a broker takes 512 KiB at once, a slow line takes longer than that.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.kernel.periods import ALWAYS, Period, period_of
from agent.kernel.plays import Play
from agent.kernel.totals import COLUMNS, By, Grouped, key_of
from agent.remote.slices import Slice, by_of
from agent.runtime.reporting import zone
from agent.runtime.reporting.lines import Ledger, reach, span_of

LINES_A_STEP = 100
LINES_A_SLICE = 5_000
LARGEST_BYTES = 128 * 1024
# Of a row beside its key and its destinations: no count has more digits than `LINES_A_SLICE`, no time more than a year.
_ROW_BYTES = 8 * len(COLUMNS) + 32
_SINK_BYTES = 16
_LARGEST_NUMBER = 1 << 53


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `after`: go on behind this line. `through`: up to this one, as an earlier slice's span had it."""

    by: tuple[By, ...] = (By.ENTRY,)
    period: Period = ALWAYS
    after: int | None = None
    through: int | None = None


def question(arguments: Mapping[str, Any]) -> Question:
    """What the arguments `by`, `from`, `to`, `after` and `through` ask; each may be missing."""
    by = arguments.get("by")
    return Question(
        by=(By.ENTRY,) if by is None else by_of(by),
        period=period_of(arguments.get("from"), arguments.get("to")),
        after=_line(arguments.get("after"), "after"),
        through=_line(arguments.get("through"), "through"),
    )


class Slicing:
    """One slice in the making. `lines`: at most so many of the ledger."""

    def __init__(self, ledger: Ledger, asked: Question, *, lines: int = LINES_A_SLICE) -> None:
        self._ledger = ledger
        self._asked = asked
        self._left = lines
        self._reach = reach(asked.period)
        self._grouped = Grouped(asked.by)
        self._days = zone.Days()
        self._bytes = 0
        self._span: tuple[int, int] | None = None
        self._after = self._to = self._read = 0
        self._has_begun = False

    def step(self) -> Slice | None:
        """Go on; the slice, once it is whole."""
        if not self._has_begun:
            self._begin()
        last = self._to if self._span is None else self._span[1]
        wanted = min(LINES_A_STEP, self._left)
        plays = self._ledger.plays(self._to, wanted) if self._to < last else []
        is_full = False
        for play in plays:
            if play.number > last:
                self._to = last
                break
            if not self._take(play):
                is_full = True
                break
            self._to, self._read, self._left = play.number, self._read + 1, self._left - 1
        else:
            if len(plays) < wanted:
                self._to = max(self._to, last)  # what is missing at the end comes no more
        is_done = self._to >= last
        return self._slice(done=is_done) if is_done or is_full or self._left == 0 else None

    def _begin(self) -> None:
        self._has_begun = True
        asked = self._asked
        if asked.after is not None and asked.through is not None:
            self._span = (asked.after + 1, asked.through) if asked.after < asked.through else None
        else:
            self._span = span_of(self._ledger, self._reach)
        first = asked.after or 0 if self._span is None else self._span[0] - 1
        self._after = self._to = max(first, asked.after or 0)

    def _take(self, play: Play) -> bool:
        """Count it; False where the slice has no room for it."""
        if not self._reach.holds(play.began):
            return True
        key = key_of(play, self._asked.by, self._days.of(play.began))
        if key not in self._grouped:
            size = len(json.dumps(key)) + _ROW_BYTES
            size += sum(len(json.dumps(each.sink)) + _SINK_BYTES for each in play.delivered)
            if self._grouped and self._bytes + size > LARGEST_BYTES:
                return False
            self._bytes += size
        self._grouped.add_play(key, play)
        return True

    def _slice(self, *, done: bool) -> Slice:
        return Slice(
            ledger=self._ledger.generation,
            zone=zone.zone(),
            offset_s=zone.offset_s(),
            chain=self._ledger.play_chain(),
            span=self._span,
            after=self._after,
            to=self._to,
            read=self._read,
            done=done,
            grouped=self._grouped,
        )


def _line(value: Any, name: str) -> int | None:
    if value is not None and (type(value) is not int or not 0 <= value <= _LARGEST_NUMBER):
        raise ValueError(f"{name} must be the number of a line")
    return value
