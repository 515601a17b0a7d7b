"""Keeping the store within its bounds, and finding room when the disk has none.

Contract: `enforce` is called now and then and says what it dropped; `make_room` is called by a write that failed for
lack of space and says whether another try makes sense.
Rules: the hard bound is `max_page_count`, under which deleting still works. On a full disk the ballast is given up, a
part of it goes into the file, which then stops growing, and old events make way for new ones inside it; when the disk
has room again, both are undone. After a long outage, once the log has drained, the file is made small again.
One call does a bounded number of small transactions, since the main loop waits for it.
Reasons: decision 29; edge.md section 1, "A real full disk".
"""

import sqlite3
from collections import Counter
from contextlib import suppress

from agent.kernel.instants import Instant
from agent.outbox import ballast, play_pruning
from agent.outbox.bounds import HIGH_WATER, LOW_WATER, Bounds
from agent.outbox.connection import PAGE_BYTES, limit_pages, page_counts
from agent.outbox.core import Core, passed_by_all
from agent.outbox.ledger import Change, Drop
from agent.outbox.retention import aged, drop, trim, victims

ROUNDS = 20
"""Batches that one `enforce` drops at most: 1,000 events, some tenths of a second on a slow card."""

TAKEN_BYTES = 256 * 1024
"""What of the ballast goes into the file: some 300 events, where the file had no free page. The rest is for the WAL."""

SHRINK_FROM = 8 * 1024 * 1024
"""Free bytes in the file from which it is made small again; a day of play offline leaves less, and comes again."""

SHRINK_TO = 1024 * 1024
"""Bytes that may be left in it then: so much is written, three times, and held in memory. It costs nothing to wait
until the log is empty; pages that SQLite gives back bit by bit (auto_vacuum) would cost each append a page more."""

NO_CHANGE = Change()

# A row of the states, under a name that nobody asks for; hex() doubles the bytes. A crash between the two statements
# leaves the row to the next full disk.
_OCCUPY = "INSERT OR REPLACE INTO states (name, text) VALUES ('room', hex(zeroblob(?)))"
_VACATE = "DELETE FROM states WHERE name = 'room'"


def pages(bounds: Bounds) -> int:
    """The hard bound in pages."""
    return (bounds.total_bytes + bounds.plays_bytes) // PAGE_BYTES


def bytes_used(core: Core) -> int:
    """Bytes of the database file that hold something, the ledger of plays apart."""
    total, free = page_counts(core.database.conn)
    return max((total - free) * PAGE_BYTES - core.chain.bytes_used, 0)


def enforce(core: Core, bounds: Bounds, now: Instant) -> dict[Drop, int]:
    """Drop what is too old or too much; the numbers by reason. Raises StoreError."""
    play_pruning.enforce(core, bounds, now)
    dropped: Counter[Drop] = Counter()
    for _ in range(ROUNDS):
        # What was exported is not delivered from here and cannot be too old for it.
        found, core.age_unknown_to = aged(core, now, bounds.age, max(core.age_unknown_to, core.kept_to))
        if not found:
            break
        drop(core, found, Drop.AGE)
        dropped[Drop.AGE] += len(found)
    if bytes_used(core) > bounds.total_bytes * HIGH_WATER:
        core.kept_from = core.kept_to = 0
        for _ in range(ROUNDS):
            if _delete_passed(core):
                continue
            if bytes_used(core) <= bounds.total_bytes * LOW_WATER:
                break
            found = victims(core, core.used_up, is_thorough=False)
            if found:
                drop(core, found, Drop.BYTES)
                dropped[Drop.BYTES] += len(found)
    if is_worth_shrinking(core):
        _shrink(core)
    if ballast.keep(core.folder) and core.growth_stopped:
        limit_pages(core.database.conn, pages(bounds))
        core.growth_stopped = False
    return dict(dropped)


def is_worth_shrinking(core: Core) -> bool:
    """Whether an outage is over that made the file large: next to nothing is left in it."""
    total, free = page_counts(core.database.conn)
    return free * PAGE_BYTES >= SHRINK_FROM and (total - free) * PAGE_BYTES <= SHRINK_TO


def _shrink(core: Core) -> None:
    """Give the free pages back to the file system. Where the disk is full they stay: the store needs them then."""
    connection = core.database.conn
    connection.execute("PRAGMA temp_store = MEMORY")
    with suppress(sqlite3.OperationalError):
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def make_room(core: Core) -> bool:
    """Free space inside the file after SQLITE_FULL. False: there is nothing more to give."""
    connection = core.database.conn
    gave_up = False
    reason = Drop.BYTES
    if core.growth_stopped or ballast.is_disk_full(core.folder):
        reason = Drop.DISK
        gave_up = ballast.give_up(core.folder)
        if gave_up:
            _take_pages(core)
        total, _ = page_counts(connection)
        limit_pages(connection, total)
        core.growth_stopped = True
    try:
        return gave_up or _free_a_batch(core, reason)
    except sqlite3.Error:
        return False


def _take_pages(core: Core) -> None:
    """Write free pages into the file while there is room for them; within the hard bound, and as far as that goes.

    Written and checkpointed at once, so that no later checkpoint needs a block that somebody else may have by then.
    """
    with suppress(sqlite3.Error):
        core.transactions.once(lambda connection: connection.execute(_OCCUPY, (TAKEN_BYTES // 2,)))
        core.database.conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    with suppress(sqlite3.Error):
        core.transactions.once(lambda connection: connection.execute(_VACATE))


def _free_a_batch(core: Core, reason: Drop) -> bool:
    """Delete passed events if there are any, what was exported too, else the oldest plays of the ledger, which may cost
    no event, else drop a batch. Raises sqlite3.Error.
    """
    core.kept_from = core.kept_to = 0
    if _delete_passed(core):
        return True
    if play_pruning.make_room(core):
        return True
    found = victims(core, core.used_up)
    if not found:
        return False
    drop(core, found, reason, durably=False)
    return True


def _delete_passed(core: Core) -> bool:
    """Delete some of what nobody waits for; False: there is nothing. Raises sqlite3.Error."""
    passed = passed_by_all(core)
    if not core.oldest or passed < core.oldest:
        return False
    oldest = core.oldest

    def work(connection: sqlite3.Connection) -> None:
        nonlocal oldest
        oldest = trim(connection, core, passed, least=1)
        core.ledger.write(connection, NO_CHANGE)

    core.transactions.once(work)
    core.oldest = oldest
    core.ledger.accept(NO_CHANGE)
    return True
