"""Writing the ledger: a line for each play, in the transaction of its last event.

Contract: `Chain` is where the ledger ends, as memory has it; `load` reads it and never fails for what it finds. `Lines`
writes into the open transaction, and its `chain` is what memory knows once that is committed.
Rules
- Of each line the first 8 bytes of its hash are kept beside it, which is enough to find a line that is not as it was,
  and all 32 of every 64th play and of every note: there a verification can begin. The newest hash stands in the named
  text `PLAYS`, with the one that the oldest line hangs on.
- 64 plays are a block. Each says again what it needs: which names it uses (`play_names.used`) and what is known of the
  clocks of its boots, so that the blocks before it can be deleted.
- A boot's clocks are told before its first play of a block, when they turn out otherwise, and when the next boot's
  plays begin, with how far it came.
- A line that cannot be written costs no event.
Reasons: agent.kernel.play_chain; edge.md section 2: bytes are flash.
"""

import json
import sqlite3
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from agent.kernel.boots import Boots
from agent.kernel.play_chain import ORIGIN, Clock, Note, linked, ms, note_text, play_text
from agent.kernel.plays import PlayFacts
from agent.outbox.connection import PAGE_BYTES
from agent.outbox.play_rows import packed, unpacked
from agent.outbox.rows import WRITE_STATE

PLAYS: Final = "plays"
"""The named text with both ends of the chain."""

BLOCK: Final = 64
LINK_BYTES: Final = 8
PARTS: Final = 8
"""Room for notes behind a play, from 1 on. The last place is for what a salvage has to say."""

MOST_PARTS: Final = 6
"""What finds no place is told behind the next play."""

OVERHEAD: Final = 15
"""Bytes of a line's row beside the line and its link, and its part of the page and of the tree above it."""

NAME_OVERHEAD: Final = 48
LONG_NAME: Final = 200
LONG_OVERHEAD: Final = 193
"""A name stands in its table and in the table's index; one that is longer has pages of its own there (measured)."""

SAMPLE: Final = 256
"""Lines by which their size is estimated at a start."""

INSERT_PLAY = "INSERT INTO plays (id, line, link) VALUES (?, ?, ?)"
INSERT_NOTE = "INSERT INTO play_notes (id, text, link) VALUES (?, ?, ?)"
INSERT_NAME = "INSERT INTO play_names (id, name, used) VALUES (?, ?, ?)"
SUM_NAMES = (
    f"SELECT coalesce(sum(CASE WHEN bytes <= {LONG_NAME} THEN 2 * bytes + {NAME_OVERHEAD}"
    f" ELSE bytes + {LONG_OVERHEAD} + (bytes / {PAGE_BYTES} + 1) * {PAGE_BYTES} END), 0)"
    " FROM (SELECT length(CAST(name AS BLOB)) AS bytes FROM play_names WHERE used >= ?)"
)
"""What the names take that were used since a block."""

USE_NAME = "UPDATE play_names SET used = ? WHERE id = ?"

Word = tuple[float | None, float | None]
"""What was told of a boot: began, claimed."""


@dataclass(slots=True)
class Chain:
    """`number`, `part`: the newest play, and how many notes came behind it; `link`: the hash up to there.

    `hung_on`: the play behind which the oldest kept line stands (0: nothing was ever deleted), `anchor` the hash up to
    it. `boot_id`, `ended`: of the newest play. `told`, `names`: what the present block has said.
    `line_bytes`: what a line takes, about; `name_bytes`: what all names take. `clocks`: what the notes say of each
    boot, once somebody has asked. `thinned`: the day on which what is known of deliveries was coarsened last.
    """

    number: int = 0
    part: int = 0
    link: bytes = ORIGIN
    hung_on: int = 0
    anchor: bytes = ORIGIN
    boot_id: str = ""
    ended: float = 0.0
    line_bytes: float = 45.0
    name_bytes: int = 0
    told: dict[str, Word] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    clocks: dict[str, Clock] | None = None
    thinned: int = 0

    @property
    def kept(self) -> int:
        """How many plays there are, unless some are missing."""
        return self.number - self.hung_on

    @property
    def bytes_used(self) -> int:
        """What the ledger takes of the file, about: what is not its own is the queue's."""
        return round(self.kept * (self.line_bytes + OVERHEAD)) + self.name_bytes

    @property
    def text(self) -> str:
        """Both ends, for the named text `PLAYS`."""
        head = [self.number, self.part, self.link.hex()]
        return json.dumps([head, [self.hung_on, self.anchor.hex()]], separators=(",", ":"))


def load(connection: sqlite3.Connection) -> Chain:
    """Where the ledger ends. What is missing or makes no sense is for a verification to find."""
    chain = Chain()
    row = connection.execute("SELECT text FROM states WHERE name = ?", (PLAYS,)).fetchone()
    with suppress(ValueError, TypeError):
        (number, part, link), (hung_on, anchor) = json.loads(row[0] if row else "")
        found = replace(chain, hung_on=int(hung_on), anchor=bytes.fromhex(anchor))
        chain = replace(found, number=int(number), part=int(part), link=bytes.fromhex(link))
    # No number is given twice, whoever put a line there.
    newest = connection.execute("SELECT id, line FROM plays ORDER BY id DESC LIMIT 1").fetchone()
    (note,) = connection.execute("SELECT coalesce(max(id), 0) FROM play_notes").fetchone()
    end = max(chain.number, newest[0] if newest else 0, note // PARTS)
    if end > chain.number:
        chain = replace(chain, number=end, part=0)
    if note // PARTS == end:
        chain.part = max(chain.part, note % PARTS)
    if newest is not None:
        with suppress(ValueError, KeyError):
            facts = unpacked(newest[1], lambda name: text_of(connection, name))
            chain.boot_id, chain.ended = facts.boot_id, facts.ended
        (mean,) = connection.execute(
            "SELECT avg(length(line) + length(link)) FROM plays WHERE id > ?", (newest[0] - SAMPLE,)
        ).fetchone()
        chain.line_bytes = float(mean)
    (chain.name_bytes,) = connection.execute(SUM_NAMES, (0,)).fetchone()
    return chain


def has_ends(connection: sqlite3.Connection) -> bool:
    """Whether the ends of the chain can be read."""
    row = connection.execute("SELECT text FROM states WHERE name = ?", (PLAYS,)).fetchone()
    try:
        (number, part, link), (hung_on, anchor) = json.loads(row[0] if row else "")
        return isinstance(number + part + hung_on, int) and len(bytes.fromhex(link) + bytes.fromhex(anchor)) == 64
    except (ValueError, TypeError):
        return False


def text_of(connection: sqlite3.Connection, number: int) -> str:
    """The text that a number stands for. Raises KeyError."""
    row = connection.execute("SELECT name FROM play_names WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise KeyError(number)
    return str(row[0])


class Lines:
    """Writes into the open transaction. `missing`: plays whose line cannot be written."""

    def __init__(self, connection: sqlite3.Connection, chain: Chain, boots: Boots) -> None:
        self._connection = connection
        self._boots = boots
        clocks = None if chain.clocks is None else dict(chain.clocks)
        self.chain = replace(chain, told=dict(chain.told), names=dict(chain.names), clocks=clocks)
        self._is_news = False
        self.missing = 0

    def finish(self) -> None:
        """Write the chain's new end, if it has one."""
        if self._is_news:
            self._do(WRITE_STATE, (PLAYS, self.chain.text))

    def play(self, facts: PlayFacts) -> None:
        """Add a play's line."""
        chain = self.chain
        if not chain.number % BLOCK:
            chain.told, chain.names = {}, {}
        try:
            text, line = play_text(chain.number + 1, facts), packed(facts, self._number_of)
        except (ValueError, OverflowError):
            self.missing += 1
            return
        if facts.boot_id != chain.boot_id:
            if chain.boot_id:
                self._note(self._known_of(chain.boot_id, chain.ended))
            chain.boot_id, chain.ended = facts.boot_id, facts.ended
        self._tell_if_news(facts.boot_id)
        chain.number, chain.part, chain.link = chain.number + 1, 0, linked(chain.link, text)
        chain.ended = facts.ended
        link = chain.link if not chain.number % BLOCK else chain.link[:LINK_BYTES]
        self._do(INSERT_PLAY, (chain.number, line, link))

    def clocks(self) -> None:
        """Add what is newly known of the clocks of the boot whose plays came last."""
        if self.chain.boot_id:
            self._tell_if_news(self.chain.boot_id)

    def _tell_if_news(self, boot_id: str) -> None:
        known = self._known_of(boot_id, self.chain.ended)
        if self.chain.told.get(boot_id) != (known.began, known.claimed):
            self._note(known)

    def _known_of(self, boot_id: str, ended: float) -> Clock:
        boot = self._boots.of(boot_id)
        if boot is None:
            return Clock(boot_id, None, None, ended)
        began, claimed = (None if each is None else ms(each) / 1000 for each in (boot.began, boot.claimed))
        return Clock(boot_id, began, None if began is not None else claimed, max(boot.until, ended))

    def _note(self, note: Clock) -> None:
        chain = self.chain
        if chain.part >= MOST_PARTS:
            return
        put = noted(chain, note)
        chain.told[note.boot_id] = (note.began, note.claimed)
        self._do(INSERT_NOTE, put)
        if chain.clocks is not None:
            chain.clocks[note.boot_id] = note

    def _do(self, statement: str, values: tuple[Any, ...]) -> None:
        self._connection.execute(statement, values)
        self._is_news = True

    def _number_of(self, name: str) -> int:
        chain = self.chain
        known = chain.names.get(name)
        if known is not None:
            return known
        block = chain.number // BLOCK
        row = self._connection.execute("SELECT id, used FROM play_names WHERE name = ?", (name,)).fetchone()
        if row is None:
            (newest,) = self._connection.execute("SELECT coalesce(max(id), 0) FROM play_names").fetchone()
            number = int(newest) + 1
            self._do(INSERT_NAME, (number, name, block))
            chain.name_bytes += _name_bytes(name)
        else:
            number = int(row[0])
            if row[1] != block:
                self._do(USE_NAME, (block, number))
        chain.names[name] = number
        return number


def _name_bytes(name: str) -> int:
    size = len(name.encode())
    if size <= LONG_NAME:
        return 2 * size + NAME_OVERHEAD
    return size + LONG_OVERHEAD + (size // PAGE_BYTES + 1) * PAGE_BYTES


def noted(chain: Chain, note: Note) -> tuple[int, str, bytes]:
    """The row of a note that comes next; `chain` is moved on."""
    text = note_text(chain.number, chain.part + 1, note)
    chain.part, chain.link = chain.part + 1, linked(chain.link, text)
    return chain.number * PARTS + chain.part, text, chain.link
