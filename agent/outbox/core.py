"""What the parts of the open store share: the connection, the ledger, and the numbers of the log's two ends.

Contract: values in memory always describe the last committed state; whoever writes changes them after the commit.
Rules: used under the store's lock only.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from agent.kernel.boots import NO_BOOTS, Boots
from agent.kernel.instants import Instant
from agent.kernel.records import Priority
from agent.outbox import givenup, play_lines, play_origin
from agent.outbox.connection import Database
from agent.outbox.givenup import Account
from agent.outbox.ledger import Ledger, Position
from agent.outbox.packing import unpacked
from agent.outbox.play_lines import Chain
from agent.outbox.rows import Owner, Reader
from agent.outbox.transaction import Transactions
from agent.outbox.wear import written_bytes

BOOTS = "boots"
"""The named text that tells what is known of this device's boots, as `agent.kernel.boots` writes it."""

NOTHING_CHANGED: Mapping[str, Position] = MappingProxyType({})


@dataclass(slots=True)
class Core:
    """The open store's memory.

    `newest` is the largest sequence ever used, 0 in a new store; `oldest` the smallest in the log, 0 when it is empty.
    `owner_id` and `owner` are the newest attribution row, `kinds` the numbers of the kinds of event. `handed_out`: for
    each sink the last event that delivery has been given and may be sending at this moment; up to it nothing is
    dropped. `used_up`: for each class the sequence up to which nothing is left to drop; `age_unknown_to`: the same
    for age. `growth_stopped`: the disk was full, and the file may not grow until there is room again. `boots`: what the
    log was last told of this device's boots. `unburied`: what the last pass of the full check missed in the log.
    `newest_first`: the newest events make way, not the oldest; then `emptied` says for each class between which
    sequences, the second included, none is left. `given_up`: the account of what made way.
    `newest_before`, `written_before`: the newest sequence, and the bytes written by this process, when it was opened.
    `group`: how many settled messages may wait in memory for a transaction. The ledger is ahead of the disk by them,
    and whoever writes writes all of it.
    `chain`: where the ledger of plays ends; `copied`: up to which line it is another device's. `now`: the moment
    that the store was told last, None where nobody does.
    `kept_from` and `kept_to`: what was exported and stays for the file to be written again; 0 where nothing does.
    """

    folder: Path
    database: Database
    transactions: Transactions
    ledger: Ledger
    reader: Reader
    newest: int
    oldest: int
    owner_id: int
    owner: Owner | None
    kinds: dict[str, int]
    handed_out: dict[str, int] = field(default_factory=dict)
    used_up: dict[Priority, int] = field(default_factory=dict)
    age_unknown_to: int = 0
    growth_stopped: bool = False
    kept_from: int = 0
    kept_to: int = 0
    boots: Boots = NO_BOOTS
    group: int = 0
    newest_first: bool = False
    emptied: dict[Priority, tuple[int, int]] = field(default_factory=dict)
    given_up: Account = field(default_factory=dict)
    newest_before: int = 0
    written_before: int | None = None
    unburied: int = 0
    chain: Chain = field(default_factory=Chain)
    copied: int = 0
    now: Instant | None = None


def load(folder: Path, database: Database, transactions: Transactions) -> Core:
    """Read what the store needs in memory. Raises sqlite3.Error and StoreDamaged."""
    connection = database.conn
    generations = connection.execute("SELECT first, generation FROM generations ORDER BY first").fetchall()
    reader = Reader(connection, generations)
    # Two subqueries: asked for both ends at once, SQLite reads the whole table.
    ends = "SELECT (SELECT max(sequence) FROM events), (SELECT min(sequence) FROM events)"
    newest, oldest = connection.execute(ends).fetchone()
    (owner_id,) = connection.execute("SELECT max(id) FROM attributions").fetchone()
    return Core(
        folder=folder,
        database=database,
        transactions=transactions,
        ledger=Ledger(connection),
        reader=reader,
        newest=newest or 0,
        oldest=oldest or 0,
        owner_id=owner_id or 0,
        owner=None if owner_id is None else reader.owner(owner_id),
        kinds={kind: number for number, kind in connection.execute("SELECT id, kind FROM kinds").fetchall()},
        boots=_boots(connection),
        given_up=_given_up(connection),
        newest_before=newest or 0,
        written_before=written_bytes(),
        chain=play_lines.load(connection),
        copied=play_origin.copied(connection),
    )


def _boots(connection: sqlite3.Connection) -> Boots:
    row = connection.execute("SELECT text FROM states WHERE name = ?", (BOOTS,)).fetchone()
    try:
        return NO_BOOTS if row is None else Boots.read(unpacked(row[0]))
    except ValueError:
        # Without it times are estimated that need not be; the events themselves are whole.
        return NO_BOOTS


def _given_up(connection: sqlite3.Connection) -> Account:
    row = connection.execute("SELECT text FROM states WHERE name = ?", (givenup.STATE_NAME,)).fetchone()
    return {} if row is None else givenup.read(row[0])


def passed_by_all(core: Core, changed: Mapping[str, Position] = NOTHING_CHANGED) -> int:
    """The largest sequence that no sink waits for any more and that may be deleted; the newest row always stays.

    `changed`: positions that the open transaction is about to give. A log that never had a sink waits for its first.
    """
    positions = {**core.ledger.sinks, **changed}
    if not positions:
        return 0
    waiting = [position.cursor.sequence for position in positions.values() if position.enabled]
    kept = [core.kept_from - 1] if core.kept_from else []
    return min([*waiting, *kept, core.newest - 1])
