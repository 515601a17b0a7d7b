"""A play of the ledger as some forty bytes.

Contract: `packed` and `unpacked` are inverse, for times in whole milliseconds. Texts stand as the numbers that
`play_names` gives them; a session's id, which is never used twice, as its 16 bytes.
Rules: a number takes seven bits a byte, the lowest first; an end stands as its distance from the beginning. Two rows
never mean the same: what is not written just so is refused.
Raises: ValueError for what is no row, KeyError where a name is missing.
Reasons: a year of clips is a million plays, on a card that also holds the media.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from agent.kernel.display import Shown
from agent.kernel.events import Ending
from agent.kernel.play_chain import ms
from agent.kernel.plays import PlayFacts

# The place in these lists is what is written: new ones go to the end.
ENDINGS: Final = (Ending.COMPLETED, Ending.STOPPED, Ending.SKIPPED, Ending.FAILED, Ending.INTERRUPTED)
SHOWN: Final = (Shown.UNKNOWN, Shown.ON, Shown.OFF, Shown.PARTLY)

STARTED, COMPLETE, LEFT_OUT, HAS_ENTRY, HAS_DURATION, SESSION_NAMED = (1 << bit for bit in range(6))

ID_BYTES: Final = 16
LONGEST: Final = 9
"""Bytes of a number; more would not be ours."""


def packed(facts: PlayFacts, number_of: Callable[[str], int]) -> bytes:
    """The row of a play. `number_of` gives a text's number."""
    session = _uuid_bytes(facts.session)
    flags = (
        (STARTED if facts.is_started else 0)
        | (COMPLETE if facts.is_complete else 0)
        | (LEFT_OUT if facts.is_left_out else 0)
        | (HAS_ENTRY if facts.entry_id is not None else 0)
        | (HAS_DURATION if facts.duration is not None else 0)
        | (SESSION_NAMED if session is None else 0)
    )
    row = bytearray((flags, ENDINGS.index(facts.ending) | SHOWN.index(facts.shown) << 4))
    row += session if session is not None else _number(number_of(facts.session))
    row += _number(number_of(facts.item))
    if facts.entry_id is not None:
        row += _number(number_of(facts.entry_id))
    row += _number(number_of(facts.boot_id))
    began = ms(facts.began)
    for each in (began, ms(facts.ended) - began, ms(facts.played), ms(facts.dark_s), facts.last):
        row += _number(each)
    if facts.duration is not None:
        row += _number(ms(facts.duration))
    return bytes(row)


def unpacked(row: bytes, text_of: Callable[[int], str]) -> PlayFacts:
    """The play of a row. `text_of` gives the text of a number."""
    reader = _Reader(row)
    flags, ends = reader.byte(), reader.byte()
    if flags >> 6 or ends & 0x0F >= len(ENDINGS) or ends >> 4 >= len(SHOWN):
        raise ValueError("not a play")
    session = text_of(reader.number()) if flags & SESSION_NAMED else str(UUID(bytes=reader.take(ID_BYTES)))
    item = text_of(reader.number())
    entry_id = text_of(reader.number()) if flags & HAS_ENTRY else None
    boot_id = text_of(reader.number())
    began, lasted, played, dark, last = (reader.number() for _ in range(5))
    duration = reader.number() / 1000 if flags & HAS_DURATION else None
    reader.end()
    return PlayFacts(
        session=session,
        item=item,
        entry_id=entry_id,
        boot_id=boot_id,
        began=began / 1000,
        ended=(began + lasted) / 1000,
        is_started=bool(flags & STARTED),
        played=played / 1000,
        duration=duration,
        is_complete=bool(flags & COMPLETE),
        ending=ENDINGS[ends & 0x0F],
        shown=SHOWN[ends >> 4],
        dark_s=dark / 1000,
        is_left_out=bool(flags & LEFT_OUT),
        last=last,
    )


def _uuid_bytes(text: str) -> bytes | None:
    """The 16 bytes that give the very same text again; None for any other text."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found.bytes if str(found) == text else None


def _number(value: int) -> bytes:
    if not 0 <= value < 1 << 7 * LONGEST:
        raise ValueError(f"{value} has no place in a row")
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)


@dataclass(slots=True)
class _Reader:
    row: bytes
    place: int = 0

    def take(self, size: int) -> bytes:
        found = self.row[self.place : self.place + size]
        if len(found) < size:
            raise ValueError("a row that is cut short")
        self.place += size
        return found

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        value = 0
        for place in range(LONGEST):
            byte = self.byte()
            value |= (byte & 0x7F) << 7 * place
            if byte < 0x80:
                if place and not byte:
                    raise ValueError("a number with a nought in front")
                return value
        raise ValueError("a number that is too long")

    def end(self) -> None:
        if self.place != len(self.row):
            raise ValueError("a row that is too long")
