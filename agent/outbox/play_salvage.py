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

from agent.kernel.play_chain import ORIGIN, Gap, linked, play_text, read_note
from agent.outbox.ledger import WHOLE_LOG, Change, Ledger, Note, Tally
from agent.outbox.play_lines import BLOCK, INSERT_NOTE, LINK_BYTES, PARTS, PLAYS, Chain, has_ends, load, noted, text_of
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
    chain = _Relink(connection, known)
    if not has_start:
        chain.mark()
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
        ledger = Ledger(connection)
        ledger.write(
            connection, Change(counts=Counter({(WHOLE_LOG, Tally.NOTED, Note.PLAYS_LOST.value): chain.missing}))
        )
    return chain.missing


class _Relink:
    """`chain`: up to here. `is_new`: it was made anew, so each line's hash is another one from now on."""

    def __init__(self, connection: sqlite3.Connection, known: Chain) -> None:
        self._connection = connection
        self._after = known.hung_on * PARTS
        self.chain = Chain(known.hung_on, 0, known.anchor, known.hung_on, known.anchor)
        self.is_new = False
        self.missing = 0

    def play(self, number: int, line: bytes, link: bytes) -> None:
        try:
            facts = unpacked(line, lambda name: text_of(self._connection, name))
            text = play_text(number, facts)
        except (ValueError, KeyError):
            self._connection.execute("DELETE FROM plays WHERE id = ?", (number,))
            return
        self.gap(number - 1)
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
        """Take the notes that stand before a play."""
        rows = self._connection.execute(
            "SELECT id, text, link FROM play_notes WHERE id > ? AND id < ? ORDER BY id", (self._after, before * PARTS)
        ).fetchall()
        self._after = before * PARTS - 1
        for identifier, text, link in rows:
            self._note(identifier, text, link)

    def gap(self, last: int) -> None:
        """Nothing behind this place and up to play `last` could be read, if anything is missing there."""
        chain = self.chain
        if last <= chain.number:
            return
        # The notes of plays that are gone have nothing to hang on.
        low, high = chain.number * PARTS + chain.part, last * PARTS + PARTS
        self._connection.execute("DELETE FROM play_notes WHERE id > ? AND id < ?", (low, high))
        if chain.part + 1 == PARTS:
            self._connection.execute("DELETE FROM play_notes WHERE id = ?", (low,))
            chain.part -= 1
        self._connection.execute(INSERT_NOTE, noted(chain, Gap(chain.number + 1, last, WHY)))
        self.missing += last - chain.number
        chain.number, chain.part = last, 0
        self.is_new = True

    def mark(self) -> None:
        """From here on the chain is another one, though no play is missing."""
        chain = self.chain
        if not self.is_new and chain.part + 1 < PARTS:
            self._connection.execute("DELETE FROM play_notes WHERE id = ?", (chain.number * PARTS + chain.part + 1,))
            self._connection.execute(INSERT_NOTE, noted(chain, Gap(chain.number + 1, chain.number, WHY)))
        self.is_new = True

    def _note(self, identifier: int, text: str, link: bytes) -> None:
        chain = self.chain
        number, _ = divmod(identifier, PARTS)
        try:
            _, _, note = read_note(text)
        except ValueError:
            note = None
        fresh = linked(chain.link, text)
        is_kept = not self.is_new and identifier == chain.number * PARTS + chain.part + 1 and fresh == link
        if note is not None and is_kept:
            chain.part, chain.link = chain.part + 1, fresh
            if isinstance(note, Gap) and note.last > chain.number:
                chain.number, chain.part = note.last, 0
            return
        self._connection.execute("DELETE FROM play_notes WHERE id = ?", (identifier,))
        if not self.is_new:
            self.mark()  # a note that is not as it was says nothing
        elif isinstance(note, Gap):
            self.missing -= max(note.last - chain.number, 0)  # counted when it came about
            self.gap(note.last)
        elif note is not None and number == chain.number and chain.part + 1 < PARTS:
            self._connection.execute(INSERT_NOTE, noted(chain, note))
