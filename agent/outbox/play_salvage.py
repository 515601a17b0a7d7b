"""The ledger after damage: what could be read hangs together again, and says what is missing.

Contract: `relink` works inside the open transaction, on rows that were copied as far as they could be read. Its answer
is how many plays are missing; they are counted too.
Rules: up to the first line that is not as it was, the chain stays the very same, so that whoever knows an earlier hash
of it can still verify. From there on it is made anew: a note says from which play to which nothing could be read, and
why, and the lines behind it are chained to that. Numbers stay, and none is given twice.
"""

import sqlite3
from collections import Counter
from dataclasses import replace
from typing import Final

from agent.kernel.play_chain import ORIGIN, Clock, Gap, Note, linked, play_text, read_note
from agent.outbox import ledger as books
from agent.outbox.play_lines import (
    BLOCK,
    INSERT_NOTE,
    LINK_BYTES,
    MOST_PARTS,
    PARTS,
    PLAYS,
    Chain,
    has_ends,
    load,
    noted,
    text_of,
)
from agent.outbox.play_rows import unpacked
from agent.outbox.rows import WRITE_STATE

WHY: Final = "damage"


def relink(connection: sqlite3.Connection) -> int:
    """Make one chain of the plays that are there."""
    known = load(connection)
    has_start = has_ends(connection)
    if not has_start:
        (first,) = connection.execute("SELECT min(id) FROM plays").fetchone()
        known = replace(known, hung_on=0 if first is None else first - 1, anchor=ORIGIN)
    connection.execute("DELETE FROM play_notes WHERE id <= ?", (known.hung_on * PARTS,))
    connection.execute("DELETE FROM plays WHERE id <= ?", (known.hung_on,))
    if not known.number:
        return 0
    chain = _Relink(connection, known, is_new=not has_start)
    after = known.hung_on
    while rows := connection.execute(
        "SELECT id, line, link FROM plays WHERE id > ? ORDER BY id LIMIT ?", (after, BLOCK)
    ).fetchall():
        for number, line, link in rows:
            chain.notes(number)
            chain.play(number, line, link)
        after = rows[-1][0]
    chain.notes(known.number + 1)
    chain.gap(known.number)
    connection.execute(WRITE_STATE, (PLAYS, chain.chain.text))
    if chain.missing:
        ledger = books.Ledger(connection)
        counts = Counter({(books.WHOLE_LOG, books.Tally.NOTED, books.Note.PLAYS_LOST.value): chain.missing})
        ledger.write(connection, books.Change(counts=counts))
    return chain.missing


class _Relink:
    """`chain`: up to here. `is_new`: it was made anew, so each line's hash is another one from now on, and `is_said`
    that a note says so."""

    def __init__(self, connection: sqlite3.Connection, known: Chain, *, is_new: bool) -> None:
        self._connection = connection
        self._after = known.hung_on * PARTS
        self.chain = Chain(known.hung_on, 0, known.anchor, known.hung_on, known.anchor)
        self.is_new = is_new
        self.is_said = not is_new
        self.missing = 0

    def play(self, number: int, line: bytes, link: bytes) -> None:
        """Chain a play, or give it up."""
        try:
            facts = unpacked(line, lambda name: text_of(self._connection, name))
            text = play_text(number, facts)
        except (ValueError, KeyError):
            self._connection.execute("DELETE FROM plays WHERE id = ?", (number,))
            return
        self.gap(number - 1)
        self._say()
        chain = self.chain
        fresh = linked(chain.link, text)
        if not self.is_new and fresh[: len(link)] != link:
            # Which of the lines is the wrong one nobody knows; this one is what can be seen of it.
            self._connection.execute("DELETE FROM plays WHERE id = ?", (number,))
            return
        chain.number, chain.part, chain.link = number, 0, fresh
        if self.is_new:
            kept = fresh if not number % BLOCK else fresh[:LINK_BYTES]
            self._connection.execute("UPDATE plays SET link = ? WHERE id = ?", (kept, number))

    def notes(self, before: int) -> None:
        """Take the notes that stand before a play: as they are, or, behind anything that is wrong, chained anew."""
        rows = self._connection.execute(
            "SELECT id, text, link FROM play_notes WHERE id > ? AND id < ? ORDER BY id", (self._after, before * PARTS)
        ).fetchall()
        self._after = before * PARTS - 1
        while rows and self._stays(*rows[0]):
            rows.pop(0)
        if rows:
            self.is_said = self.is_said and self.is_new
            self.is_new = True
        self._connection.executemany("DELETE FROM play_notes WHERE id = ?", [(row[0],) for row in rows])
        for _, text, _ in rows:
            self._say()
            self._again(text)

    def gap(self, last: int) -> None:
        """Nothing behind this place and up to play `last` could be read, if anything is missing there."""
        chain = self.chain
        if last > chain.number:
            self._connection.execute(INSERT_NOTE, noted(chain, Gap(chain.number + 1, last, WHY)))
            self.missing += last - chain.number
            chain.number, chain.part = last, 0
            self.is_new = self.is_said = True

    def _stays(self, identifier: int, text: str, link: bytes) -> bool:
        """Whether the next note is as it was; the chain is moved on then."""
        chain = self.chain
        note, fresh = _read(text), linked(chain.link, text)
        is_next = identifier == chain.number * PARTS + chain.part + 1
        if self.is_new or note is None or not is_next or fresh != link:
            return False
        chain.part, chain.link = chain.part + 1, fresh
        if isinstance(note, Gap) and note.last > chain.number:
            chain.number, chain.part = note.last, 0
        return True

    def _again(self, text: str) -> None:
        note, chain = _read(text), self.chain
        if isinstance(note, Gap) and note.last > chain.number:
            self.missing -= 1 + note.last - note.first  # counted when it came about
            self.gap(note.last)
        elif isinstance(note, Clock) and chain.part < MOST_PARTS:
            self._connection.execute(INSERT_NOTE, noted(chain, note))

    def _say(self) -> None:
        """Say that from here on the chain is another one, though perhaps no play is missing."""
        if not self.is_said and self.chain.part < MOST_PARTS:
            number = self.chain.number
            self._connection.execute(INSERT_NOTE, noted(self.chain, Gap(number + 1, number, WHY)))
        self.is_said = True


def _read(text: str) -> Note | None:
    try:
        return read_note(text)[2]
    except ValueError:
        return None
