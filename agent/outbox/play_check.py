"""Going through the ledger's chain: is each line as it was written?

Contract: `check` goes on from where it was for a slice, and ends with all that was found; it changes nothing. `recent`
says where to begin for the newest lines alone.
Rules: a line is wrong when its text and the hash before it do not give the hash that is kept, when it does not read, or
when a number is missing that no note accounts for. Behind a wrong line the chain is taken up where the next whole hash
is kept, at the next block at the latest: a block has one fault. The chain's end must be the one that the store says.
"""

import sqlite3
from typing import Final

from agent.kernel.play_chain import Gap, linked, play_text, read_note
from agent.kernel.plays import ChainFault, Verified
from agent.outbox.core import Core
from agent.outbox.play_lines import BLOCK, LINK_BYTES, PARTS, Chain, text_of
from agent.outbox.play_rows import packed, unpacked

SLICE: Final = 128
"""Plays a slice: ten milliseconds (measured on x86-64), for which a running agent's main loop waits."""

FAULTS: Final = 100
"""What is kept of a list that nobody reads to its end."""


def check(core: Core, seen: Verified) -> Verified:
    """The next slice behind `seen`."""
    chain, connection = core.chain, core.database.conn
    if not seen.hash or seen.number < chain.hung_on:
        seen = Verified(chain.hung_on, chain.anchor.hex(), seen.faults)
    walk = _Walk(connection, chain, seen)
    rows = connection.execute(
        "SELECT id, line, link FROM plays WHERE id > ? ORDER BY id LIMIT ?", (seen.number, SLICE)
    ).fetchall()
    last = rows[-1][0] if len(rows) == SLICE else chain.number
    notes = connection.execute(
        "SELECT id, text, link FROM play_notes WHERE id > ? AND id < ? ORDER BY id",
        (seen.number * PARTS, (last if len(rows) == SLICE else last + 1) * PARTS),
    ).fetchall()
    for number, line, link in rows:
        while notes and notes[0][0] < number * PARTS:
            walk.note(*notes.pop(0))
        walk.play(number, line, link)
    for note in notes:
        walk.note(*note)
    if len(rows) < SLICE:
        walk.end()
    known = "?" if walk.link is None else walk.link.hex()
    return Verified(walk.number, known, tuple(walk.faults[:FAULTS]), is_over=len(rows) < SLICE)


def recent(core: Core, plays: int) -> Verified:
    """Where to begin so that at least the newest `plays` are gone through."""
    number = (core.chain.number - plays) // BLOCK * BLOCK
    if number <= core.chain.hung_on:
        return Verified()
    row = core.database.conn.execute("SELECT link FROM plays WHERE id = ?", (number,)).fetchone()
    return Verified() if row is None else Verified(number, bytes(row[0]).hex())


def passes(core: Core, number: int, chained: str) -> bool:
    """Whether the chain comes through that hash (hex) at play `number`, by the lines of now. False for what is gone."""
    if not core.chain.hung_on < number <= core.chain.number:
        return False
    begin = (number - 1) // BLOCK * BLOCK
    row = core.database.conn.execute("SELECT link FROM plays WHERE id = ?", (begin,)).fetchone()
    seen = Verified() if row is None or begin <= core.chain.hung_on else Verified(begin, bytes(row[0]).hex())
    if not seen.hash:
        seen = Verified(core.chain.hung_on, core.chain.anchor.hex())
    walk = _Walk(core.database.conn, core.chain, seen)
    return chained in walk.through(number)


class _Walk:
    """`link`: the hash up to here, None where that is not known; `number`, `part`: the place of the newest line."""

    def __init__(self, connection: sqlite3.Connection, chain: Chain, seen: Verified) -> None:
        self._connection = connection
        self._chain = chain
        self._texts: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self.number, self.part = seen.number, 0
        self.link = None if seen.hash == "?" else bytes.fromhex(seen.hash)
        self.faults = list(seen.faults)

    def play(self, number: int, line: bytes, link: bytes) -> None:
        if number > self.number + 1 and self.link is not None:
            self._fault(self.number + 1, _missing(self.number + 1, number - 1))
        self.number, self.part = number, 0
        whole = not number % BLOCK
        try:
            facts = unpacked(line, self._text_of)
            text = play_text(number, facts)
            if len(link) != (32 if whole else LINK_BYTES) or packed(facts, self._numbers.__getitem__) != line:
                raise ValueError("not a line as we write them")
        except (ValueError, KeyError, OverflowError):
            self._fault(number, f"play {number} cannot be read")
        else:
            self._hang(number, f"play {number}", text, bytes(link))
        if self.link is None and whole:
            self.link = bytes(link)

    def note(self, identifier: int, text: str, link: bytes) -> None:
        number, part = divmod(identifier, PARTS)
        at = self.number + 1
        try:
            told, told_part, note = read_note(text)
            if (told, told_part, len(link)) != (number, part, 32):
                raise ValueError("not where it belongs")
        except ValueError:
            self._fault(at, f"a note behind play {number} cannot be read")
            return
        if self.link is not None and (number != self.number or part != self.part + 1):
            self._fault(at, f"a note behind play {self.number} is missing")
        self._hang(at, f"a note behind play {number}", text, bytes(link))
        self.link = bytes(link)
        self.number, self.part = max(self.number, number), part
        if isinstance(note, Gap) and note.last > self.number:
            self.number, self.part = note.last, 0

    def through(self, last: int) -> set[str]:
        """Walk up to play `last` and the notes behind it; the hashes there."""
        execute = self._connection.execute
        found: set[str] = set()
        plays = "SELECT id * ?, line, link, 1 FROM plays WHERE id > ? AND id <= ?"
        notes = "SELECT id, text, link, 0 FROM play_notes WHERE id > ? AND id < ?"
        query = f"{plays} UNION ALL {notes} ORDER BY 1"
        bounds = (PARTS, self.number, last, self.number * PARTS, (last + 1) * PARTS)
        for identifier, said, link, is_play in execute(query, bounds).fetchall():
            if is_play:
                self.play(identifier // PARTS, said, link)
            else:
                self.note(identifier, said, link)
            if identifier >= last * PARTS and self.link is not None:
                found.add(self.link.hex())
        return set() if self.faults else found

    def end(self) -> None:
        chain = self._chain
        if self.number < chain.number:
            self._fault(self.number + 1, _missing(self.number + 1, chain.number))
        elif self.link is not None and self.link != chain.link:
            self._fault(max(chain.number, 1), f"the lines do not end with play {chain.number} as it was written")
        self.number = chain.number

    def _hang(self, at: int, what: str, text: str, link: bytes) -> None:
        if self.link is None:
            return
        self.link = linked(self.link, text)
        if self.link[: len(link)] != link:
            self._fault(at, f"{what} is not as it was written, or not where it was")

    def _fault(self, number: int, what: str) -> None:
        if self.link is not None:
            self.faults.append(ChainFault(number, what))
        self.link = None

    def _text_of(self, number: int) -> str:
        if number not in self._texts:
            self._texts[number] = text_of(self._connection, number)
            self._numbers[self._texts[number]] = number
        return self._texts[number]


def _missing(first: int, last: int) -> str:
    return f"play {first} is missing" if first == last else f"plays {first} to {last} are missing"
