"""The chain of the ledger: what each line says, as the one text that is hashed, and how the lines hang together.

Contract: pure. `Play`s are facts; a `Clock` is what was learnt of a boot's clocks, a `Gap` says that lines are missing
and why. `play_text` and `note_text` give canonical texts, `read_note` reads a note's; `linked` gives the hash of all up
to a line.
Rules: a line's text holds its place and all that it says, in whole milliseconds, so that whoever has the lines and the
hash before them can tell whether one was changed, removed, inserted or moved. The first line hangs on `ORIGIN`.
Reasons: a report that somebody signs must not be a matter of belief.
"""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from agent.kernel.boots import Boot
from agent.kernel.plays import PlayFacts

ORIGIN: Final = bytes(32)
"""What the very first line hangs on."""


@dataclass(frozen=True, slots=True)
class Clock:
    """What is known of a boot: see `Boot`, whose fields these are."""

    boot_id: str
    began: float | None
    claimed: float | None
    until: float

    @property
    def boot(self) -> Boot:
        """The same for agent.kernel.bounding."""
        return Boot(self.boot_id, self.began, self.until, self.claimed)


@dataclass(frozen=True, slots=True)
class Gap:
    """The plays `first` to `last` are missing, and the chain was made anew behind them. `why`: a word."""

    first: int
    last: int
    why: str


Note = Clock | Gap


def ms(seconds: float) -> int:
    """Whole milliseconds."""
    return round(seconds * 1000)


def play_text(number: int, facts: PlayFacts) -> str:
    """The text of the play `number`."""
    return _json(
        [
            "play",
            number,
            facts.session,
            facts.item,
            facts.entry_id,
            facts.boot_id,
            ms(facts.began),
            ms(facts.ended),
            facts.is_started,
            ms(facts.played),
            None if facts.duration is None else ms(facts.duration),
            facts.is_complete,
            facts.ending.value,
            facts.shown.value,
            ms(facts.dark_s),
            facts.is_left_out,
            facts.last,
        ]
    )


def note_text(number: int, part: int, note: Note) -> str:
    """The text of the `part`-th note behind the play `number`."""
    if isinstance(note, Gap):
        return _json(["gap", number, part, note.first, note.last, note.why])
    times = [None if each is None else ms(each) for each in (note.began, note.claimed)]
    return _json(["clock", number, part, note.boot_id, *times, ms(note.until)])


def read_note(text: str) -> tuple[int, int, Note]:
    """Number, part and note of a text. Raises ValueError where it is none, or not written as we do."""
    try:
        kind, number, part, *rest = json.loads(text)
        note = _read(kind, rest)
        whole = note_text(number, part, note)
    except (TypeError, ValueError, OverflowError, AttributeError) as error:
        raise ValueError(f"not a note: {error}") from error
    if whole != text or type(number) is not int or type(part) is not int:
        raise ValueError("not a note as we write them")
    return number, part, note


def linked(before: bytes, text: str) -> bytes:
    """The hash of a line with all before it."""
    return sha256(before + text.encode()).digest()


def _read(kind: str, rest: list[object]) -> Note:
    match kind, rest:
        case "gap", [int(first), int(last), str(why)]:
            return Gap(first, last, why)
        case "clock", [str(boot_id), int() | None as began, int() | None as claimed, int(until)]:
            return Clock(boot_id, _seconds(began), _seconds(claimed), until / 1000)
        case _:
            raise ValueError("not a note")


def _seconds(number: int | None) -> float | None:
    return None if number is None else number / 1000


def _json(values: list[object]) -> str:
    return json.dumps(values, separators=(",", ":"))
