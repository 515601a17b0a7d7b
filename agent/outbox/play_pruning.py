"""Keeping the ledger within its bounds: the oldest plays go first, in whole blocks.

Contract: `enforce` deletes what is too old or too much, a bounded number of blocks a call; `make_room` gives up some
for a write that has no room. Both count what went.
Rules: the hash up to the newest deleted line is kept, so that the rest of the chain can still be verified. Plays of a
boot that never saw the time have no age, and go by size alone. What no line needs any more goes with them: names, what
was delivered before, and all but one row a day of what was delivered `FINE_S` ago.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from agent.kernel.instants import Instant
from agent.outbox.bounds import Bounds
from agent.outbox.core import Core
from agent.outbox.ledger import WHOLE_LOG, Change, Note, Tally
from agent.outbox.play_deliveries import DAY_S, thinned
from agent.outbox.play_lines import BLOCK, PARTS, PLAYS, SUM_NAMES, text_of
from agent.outbox.play_rows import unpacked
from agent.outbox.rows import WRITE_STATE
from agent.outbox.transaction import Work

STEP: Final = 8 * BLOCK
"""Plays that go together: one transaction in some hours of clips. So many more than the bounds allow may be there."""

STEPS: Final = 20
"""Transactions a call at most."""

FINE_S: Final = 30 * 86_400.0

_FORGET = (
    # What was settled before the oldest play that is left.
    "DELETE FROM play_deliveries WHERE EXISTS (SELECT 1 FROM play_deliveries d WHERE d.sink = play_deliveries.sink"
    " AND d.after > play_deliveries.after AND d.after <= ?)"
)


def enforce(core: Core, bounds: Bounds, now: Instant) -> int:
    """Delete what is too old or too much; how many plays went."""
    gone = 0
    for _ in range(STEPS):
        upto = core.chain.hung_on // BLOCK * BLOCK + STEP
        if upto > core.chain.number or not (_is_large(core, bounds) or _is_old(core, upto, bounds, now)):
            break
        gone += _prune(core, upto, core.transactions.run)
    _thin(core, core.boots.corrected(now))
    return gone


def _thin(core: Core, today: Instant) -> None:
    """Once a day, coarsen what was delivered long ago."""
    day = int(today.wall // DAY_S)
    if not today.synced or core.chain.thinned == day:
        return
    core.chain.thinned = day
    rows = thinned(core.database.conn, today.wall - FINE_S)
    if rows:
        query = "DELETE FROM play_deliveries WHERE sink = ? AND after = ?"
        core.transactions.run(lambda connection: connection.executemany(query, rows))


def make_room(core: Core) -> bool:
    """Give up the oldest plays; False: there is no whole block. Raises sqlite3.Error."""
    upto = min(core.chain.hung_on // BLOCK * BLOCK + STEP, core.chain.number // BLOCK * BLOCK)
    return upto > core.chain.hung_on and bool(_prune(core, upto, core.transactions.once))


def _is_large(core: Core, bounds: Bounds) -> bool:
    return core.chain.bytes_used > bounds.plays_bytes


def _is_old(core: Core, upto: int, bounds: Bounds, now: Instant) -> bool:
    """Whether the play `upto` is older than plays may become."""
    today = core.boots.corrected(now)
    if not today.synced:
        return False
    connection = core.database.conn
    row = connection.execute("SELECT line FROM plays WHERE id >= ? ORDER BY id LIMIT 1", (upto,)).fetchone()
    try:
        facts = unpacked(row[0], lambda number: text_of(connection, number))
    except (TypeError, ValueError, KeyError):
        return False
    began = _began(connection, facts.boot_id)
    return began is not None and today.wall - (began + facts.ended) > bounds.plays_age


def _began(connection: sqlite3.Connection, boot_id: str) -> float | None:
    # The text of a note holds the boot's id in quotes; what it says last counts.
    row = connection.execute(
        "SELECT json_extract(text, '$[4]') FROM play_notes WHERE json_extract(text, '$[0]') = 'clock'"
        " AND json_extract(text, '$[3]') = ? ORDER BY id DESC LIMIT 1",
        (boot_id,),
    ).fetchone()
    return None if row is None or row[0] is None else float(row[0]) / 1000


def _prune(core: Core, upto: int, run: Callable[[Work], None]) -> int:
    """Delete the plays up to `upto`, or a little more where its own line is missing; how many."""
    connection = core.database.conn
    row = connection.execute(
        "SELECT id, link FROM plays WHERE id >= ? AND id % ? = 0 ORDER BY id LIMIT 1", (upto, BLOCK)
    ).fetchone()
    if row is None:
        return 0
    upto, link = int(row[0]), bytes(row[1])
    (gone,) = connection.execute("SELECT count(*) FROM plays WHERE id <= ?", (upto,)).fetchone()
    chain = replace(core.chain, hung_on=upto, anchor=link, clocks=None)
    (chain.name_bytes,) = connection.execute(SUM_NAMES, (upto // BLOCK,)).fetchone()
    if upto == chain.number:  # notes may stand behind it
        chain.told = {}
    change = Change(counts=Counter({(WHOLE_LOG, Tally.NOTED, Note.PLAYS_PRUNED.value): gone}))
    oldest = _last_event(connection, upto)

    def work(connection: sqlite3.Connection) -> None:
        if core.chain.hung_on >= upto:
            return  # A try before this one had no room, and what made room for it were these very plays.
        connection.execute("DELETE FROM plays WHERE id <= ?", (upto,))
        connection.execute("DELETE FROM play_notes WHERE id <= ?", (upto * PARTS,))
        connection.execute("DELETE FROM play_names WHERE used < ?", (upto // BLOCK,))
        connection.execute("DELETE FROM play_losses WHERE last <= ?", (oldest,))
        connection.execute(_FORGET, (oldest,))
        connection.execute(WRITE_STATE, (PLAYS, chain.text))
        core.ledger.write(connection, change)

    run(work)
    if core.chain.hung_on < upto:
        core.chain = chain
        core.ledger.accept(change)
    return int(gone)


def _last_event(connection: sqlite3.Connection, number: int) -> int:
    """The last event of a play; 0 where that cannot be read."""
    row = connection.execute("SELECT line FROM plays WHERE id = ?", (number,)).fetchone()
    try:
        return unpacked(row[0], lambda name: text_of(connection, name)).last
    except (TypeError, ValueError, KeyError):
        return 0
