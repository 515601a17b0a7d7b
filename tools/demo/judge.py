"""Whether what the collector logged is what one pass of the playlist has to give.

Contract: pure. `judge(events, expected)` compares the logged events with the list, and says in sentences what differs;
`table(...)` shows the same as a table, for a person who wants to see where.

Rules
- An item gives 1, 2, 3, 4, 5, 6, 7 (the guide, 5.1: loaded, played, four quarters), each once and in that order, under
  one session id that no other play has, with its own entry id and the device's referrer.
- Stalls, seeks and full screen may occur on a real machine: they are no fault, and are not looked at.
- Items come in the list's order, and none begins to report before the one before it is through.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tools.standin.console import NAMES
from tools.standin.event import Event

LIFECYCLE = (1, 2, 3, 4, 5, 6, 7)
_CELL = 4


@dataclass(frozen=True, slots=True)
class Expected:
    """What one pass has to show: the entries in the list's order, and the device's referrer."""

    entries: tuple[str, ...]
    referrer: str


@dataclass(frozen=True, slots=True)
class Play:
    """One session as it arrived: its lifecycle events in order, and all of its events' places in the log."""

    session: str
    entry: str
    numbers: tuple[int, ...]
    first: int
    last: int


def plays(events: Sequence[Event]) -> list[Play]:
    """The sessions of the log, in the order of their first events."""
    places: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        places.setdefault(event.get("sessionId", ""), []).append(place)
    return [
        Play(
            session=session,
            entry=events[found[0]].get("entryId", ""),
            numbers=tuple(n for p in found if (n := events[p].get("eventType")) in LIFECYCLE),
            first=found[0],
            last=found[-1],
        )
        for session, found in places.items()
    ]


def pair(found: Sequence[Play], expected: Expected) -> tuple[list[Play | None], list[Play]]:
    """For each entry of the list the play that belongs to it, None where there is none; and the plays left over."""
    left = list(found)
    paired: list[Play | None] = []
    for entry in expected.entries:
        play = next((play for play in left if play.entry == entry), None)
        paired.append(play)
        if play is not None:
            left.remove(play)
    return paired, left


def judge(events: Sequence[Event], expected: Expected) -> list[str]:
    """What is wrong, a sentence each; nothing if every expected event arrived in order."""
    paired, left = pair(plays(events), expected)
    problems = [
        problem
        for entry, play in zip(expected.entries, paired, strict=True)
        for problem in ([f"{entry}: nothing arrived."] if play is None else _of_play(play))
    ]
    here = [play for play in paired if play is not None]
    for before, after in pairwise(here):
        if after.first < before.last:
            problems.append(f"{after.entry} began to report before {before.entry} was through.")
    problems += [f"{play.entry or '(no entry id)'}: an unexpected session {play.session or '(none)'}." for play in left]
    problems += _of_fields(events, expected)
    return problems


def is_complete(events: Sequence[Event], expected: Expected) -> bool:
    """Whether the last event that is waited for has arrived, whatever else is wrong."""
    paired, _ = pair(plays(events), expected)
    return all(play is not None and LIFECYCLE[-1] in play.numbers for play in paired)


def table(events: Sequence[Event], expected: Expected) -> list[str]:
    """One line an item: which of its events arrived, as a number where that is not one."""
    width = max((len(entry) for entry in expected.entries), default=0)
    head = "".join(f"{number:>{_CELL}}" for number in LIFECYCLE)
    lines = [f"{'entry':<{width}}{head}"]
    paired, _ = pair(plays(events), expected)
    for entry, play in zip(expected.entries, paired, strict=True):
        counts = Counter(play.numbers if play else ())
        cells = "".join(f"{_mark(counts[number]):>{_CELL}}" for number in LIFECYCLE)
        lines.append(f"{entry:<{width}}{cells}")
    return lines


def _of_play(play: Play) -> list[str]:
    counts = Counter(play.numbers)
    missing = ", ".join(NAMES[n - 1] for n in LIFECYCLE if not counts[n])
    problems = [f"{play.entry}: missing: {missing}."] if missing else []
    problems += [f"{play.entry}: {NAMES[n - 1]} arrived {counts[n]} times." for n in LIFECYCLE if counts[n] > 1]
    if list(play.numbers) != sorted(play.numbers):
        problems.append(f"{play.entry}: out of order: {', '.join(NAMES[n - 1] for n in play.numbers)}.")
    return problems


def _of_fields(events: Sequence[Event], expected: Expected) -> list[str]:
    problems = []
    entries: dict[str, set[str]] = {}
    for event in events:
        entries.setdefault(event.get("sessionId", ""), set()).add(event.get("entryId", ""))
    if "" in entries:
        problems.append("Some events have no session id.")
    for session, names in entries.items():
        if len(names) > 1:
            problems.append(f"Session {session} has several entries: {', '.join(sorted(names))}.")
    for referrer in sorted({event.get("referrer", "") for event in events} - {expected.referrer}):
        problems.append(f"The referrer is {referrer or '(none)'!r}, not {expected.referrer!r}.")
    return problems


def _mark(count: int) -> str:
    return "✓" if count == 1 else str(count) if count else "–"
