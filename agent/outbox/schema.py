"""The tables, as a list of numbered migrations.

Contract: `migrate` brings a database to `SCHEMA`, one transaction a migration, the number (`PRAGMA user_version`)
changing in the same transaction. A migration that was ever released is never edited; the tests open a store that was
written by version 1.
Rules:
- `events.sequence` is the largest ever used plus one; the newest row is never deleted, so no number returns. That
  costs nothing; AUTOINCREMENT costs 15 to 46 % more bytes (edge.md section 1).
- An event's identity is its sequence in the generation that `generations` names for that range; only retried events
  have a row in `identities`, and only events of an unsynchronised clock one in `frozen_times`. What is rare stands in
  a table of its own, and the kind is a number: that makes three events fit into a page instead of two, and an append
  write 2.1 kB less.
- `trials` has a row for a message that failed with more than silence: how many answered errors it had, whether an
  answer may have been lost and on which road, and whether it was accepted ahead of its turn. It outlives a crash, so
  that the next request is the one that would have been sent; `sinks.backlog_end` does the same for messages whose
  request nobody heard of again.
- `attributions.id` never falls as `sequence` rises, so whatever lies below the oldest event's is not needed any more.
- `tombstones` are ranges of sequences that were dropped and not delivered, each with the reason and with the time of
  the earliest and the latest of its events; whoever delivers what follows can tell what is missing where.
"""

import sqlite3
from collections.abc import Callable

from agent.outbox.connection import Database
from agent.outbox.errors import StoreDamaged, StoreTooNew, StoreUnusable

VERSION_1 = (
    "CREATE TABLE properties (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE generations (first INTEGER PRIMARY KEY, generation TEXT NOT NULL) STRICT",
    """CREATE TABLE attributions (
        id INTEGER PRIMARY KEY, boot_id TEXT NOT NULL, device_id TEXT NOT NULL, session_id TEXT NOT NULL,
        referrer TEXT NOT NULL, partner_id INTEGER NOT NULL, entry_id TEXT, media_uri TEXT NOT NULL, user_id TEXT,
        uiconf_id INTEGER, client_version TEXT) STRICT""",
    """CREATE TABLE events (
        sequence INTEGER PRIMARY KEY, kind INTEGER NOT NULL, priority INTEGER NOT NULL, origin INTEGER NOT NULL,
        attribution INTEGER NOT NULL, boottime REAL NOT NULL, wall REAL NOT NULL, synced INTEGER NOT NULL,
        body TEXT NOT NULL) STRICT""",
    "CREATE TABLE kinds (id INTEGER PRIMARY KEY, kind TEXT NOT NULL) STRICT",
    "CREATE TABLE frozen_times (sequence INTEGER PRIMARY KEY, time REAL NOT NULL) STRICT",
    """CREATE TABLE identities (
        sequence INTEGER PRIMARY KEY, generation TEXT NOT NULL, number INTEGER NOT NULL) STRICT""",
    "CREATE TABLE tombstones (first INTEGER PRIMARY KEY, last INTEGER NOT NULL) STRICT",
    """CREATE TABLE redeliveries (
        sequence INTEGER PRIMARY KEY, sink TEXT NOT NULL, part INTEGER NOT NULL, projection TEXT NOT NULL) STRICT""",
    """CREATE TABLE sinks (
        name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, parts INTEGER NOT NULL, enabled INTEGER NOT NULL,
        projection TEXT NOT NULL, delivered INTEGER NOT NULL, resent INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE counters (
        sink TEXT NOT NULL, tally TEXT NOT NULL, reason TEXT NOT NULL, number INTEGER NOT NULL,
        PRIMARY KEY (sink, tally, reason)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE dead_letters (
        id INTEGER PRIMARY KEY, sink TEXT NOT NULL, part INTEGER NOT NULL, message TEXT NOT NULL, code TEXT NOT NULL,
        answer TEXT NOT NULL, projection TEXT NOT NULL, kind TEXT NOT NULL, priority INTEGER NOT NULL,
        origin INTEGER NOT NULL, attribution TEXT NOT NULL, boot_id TEXT NOT NULL, boottime REAL NOT NULL,
        wall REAL NOT NULL, synced INTEGER NOT NULL, body TEXT NOT NULL, frozen_time REAL,
        generation TEXT NOT NULL, number INTEGER NOT NULL) STRICT""",
    "CREATE TABLE states (name TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT",
)

VERSION_2 = (
    """CREATE TABLE trials (
        sequence INTEGER NOT NULL, sink TEXT NOT NULL, part INTEGER NOT NULL, attempt INTEGER NOT NULL,
        lost INTEGER NOT NULL, PRIMARY KEY (sequence, sink, part)) STRICT, WITHOUT ROWID""",
    # A letter of version 1 was refused by an answered error, so its next request must be another one.
    "ALTER TABLE dead_letters ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE sinks ADD COLUMN sent_session TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE sinks ADD COLUMN sent_time REAL NOT NULL DEFAULT 0",
)

VERSION_3 = (
    "ALTER TABLE attributions ADD COLUMN context_id TEXT",
    "ALTER TABLE attributions ADD COLUMN unique_viewer TEXT",
    "ALTER TABLE attributions ADD COLUMN widget_id TEXT",
    # How the message travelled whose answer was lost, since a batch and a single request have different keys in the
    # service's cache; and whether it was accepted while a message before it was not.
    "ALTER TABLE trials ADD COLUMN batched INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE trials ADD COLUMN accepted INTEGER NOT NULL DEFAULT 0",
    # Up to which sequence a sink sends in batches.
    "ALTER TABLE sinks ADD COLUMN backlog_end INTEGER NOT NULL DEFAULT 0",
    # What was refused, in the destination's own words: settings may have changed since.
    "ALTER TABLE dead_letters ADD COLUMN fields TEXT NOT NULL DEFAULT '{}'",
)

BEGIN_ACCOUNTS = (
    # For each destination: produced = newest - origin = settled + passed over while off + dropped + queued.
    """UPDATE sinks SET origin = sequence - settled
        + CASE enabled WHEN 1 THEN
            (SELECT coalesce(sum(last - max(first - 1, sinks.sequence)), 0) FROM tombstones
                WHERE last > sinks.sequence)
            + (SELECT count(*) FROM redeliveries r WHERE r.sequence > sinks.sequence AND r.sink <> sinks.name)
        ELSE 0 END
        - (SELECT coalesce(sum(number), 0) FROM counters c WHERE c.sink = sinks.name AND (
            (c.tally = 'passed' AND c.reason = 'disabled')
            OR (c.tally = 'dropped'
                AND c.reason NOT IN ('dead-letters', 'discarded', 'dead-letter-damage', 'event-gone'))))""",
)
"""Begins the account of each destination so that it is balanced: with a migration, and after damage, when nobody knows
any more what the numbers were."""

VERSION_4 = (
    # Events, not messages, since one may become none or several: how many the cursor was moved over by settlements,
    # and the sequence from which what is produced for the sink counts.
    "ALTER TABLE sinks ADD COLUMN settled INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sinks ADD COLUMN origin INTEGER NOT NULL DEFAULT 0",
    *BEGIN_ACCOUNTS,
    # Refused = kept as a dead letter + sent again by hand + thrown away. How many were sent again was not counted.
    """INSERT INTO counters (sink, tally, reason, number) SELECT name, 'noted', 'retried',
        (SELECT coalesce(sum(number), 0) FROM counters c WHERE c.sink = sinks.name AND c.tally = 'refused')
        - (SELECT count(*) FROM dead_letters d WHERE d.sink = sinks.name)
        - (SELECT coalesce(sum(number), 0) FROM counters c
            WHERE c.sink = sinks.name AND c.tally = 'dropped' AND c.reason IN ('dead-letters', 'discarded'))
        FROM sinks""",
)

VERSION_5 = (
    # Why and of when: "" and 0 in the ranges that were dropped before this was kept.
    "ALTER TABLE tombstones ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE tombstones ADD COLUMN since REAL NOT NULL DEFAULT 0",
    "ALTER TABLE tombstones ADD COLUMN until REAL NOT NULL DEFAULT 0",
)

VERSION_6 = (
    # The ledger of plays (agent.outbox.play_lines): `plays.id` is the number of the play, `play_notes.id` eight times
    # that of the play before it, plus its place. `used`: in which block a name was used last.
    "CREATE TABLE plays (id INTEGER PRIMARY KEY, line BLOB NOT NULL, link BLOB NOT NULL) STRICT",
    "CREATE TABLE play_notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL, link BLOB NOT NULL) STRICT",
    "CREATE TABLE play_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, used INTEGER NOT NULL) STRICT",
    # What a destination was given, and what of it was not delivered (agent.outbox.play_deliveries).
    """CREATE TABLE play_deliveries (
        sink TEXT NOT NULL, after INTEGER NOT NULL, time REAL NOT NULL, passed INTEGER NOT NULL,
        PRIMARY KEY (sink, after)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE play_losses (
        sink TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        PRIMARY KEY (sink, first)) STRICT, WITHOUT ROWID""",
)


def _version_1(database: Database) -> None:
    database.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for statement in VERSION_1:
        database.conn.execute(statement)


def _running(statements: tuple[str, ...]) -> Callable[[Database], None]:
    def migration(database: Database) -> None:
        for statement in statements:
            database.conn.execute(statement)

    return migration


MIGRATIONS: tuple[Callable[[Database], None], ...] = (
    _version_1,
    *map(_running, (VERSION_2, VERSION_3, VERSION_4, VERSION_5, VERSION_6)),
)
SCHEMA = len(MIGRATIONS)

APPLICATION_ID = 0x6B696F73
"""In the file's header, so that somebody else's database is never migrated; the letters are "kios"."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "properties": ("name", "value"),
    "generations": ("first", "generation"),
    "attributions": (
        "id",
        "boot_id",
        "device_id",
        "session_id",
        "referrer",
        "partner_id",
        "entry_id",
        "media_uri",
        "user_id",
        "uiconf_id",
        "client_version",
        "context_id",
        "unique_viewer",
        "widget_id",
    ),
    "events": (
        "sequence",
        "kind",
        "priority",
        "origin",
        "attribution",
        "boottime",
        "wall",
        "synced",
        "body",
    ),
    "kinds": ("id", "kind"),
    "frozen_times": ("sequence", "time"),
    "identities": ("sequence", "generation", "number"),
    "tombstones": ("first", "last", "reason", "since", "until"),
    "redeliveries": ("sequence", "sink", "part", "projection"),
    "trials": ("sequence", "sink", "part", "attempt", "lost", "batched", "accepted"),
    "sinks": (
        "name",
        "sequence",
        "parts",
        "enabled",
        "projection",
        "delivered",
        "resent",
        "sent_session",
        "sent_time",
        "backlog_end",
        "settled",
        "origin",
    ),
    "counters": ("sink", "tally", "reason", "number"),
    "dead_letters": (
        "id",
        "sink",
        "part",
        "message",
        "code",
        "answer",
        "projection",
        "kind",
        "priority",
        "origin",
        "attribution",
        "boot_id",
        "boottime",
        "wall",
        "synced",
        "body",
        "frozen_time",
        "generation",
        "number",
        "attempt",
        "fields",
    ),
    "states": ("name", "text"),
}
"""Every table of the queue in the newest schema, with its columns in the order in which they are read and written."""

PLAY_COLUMNS: dict[str, tuple[str, ...]] = {
    "plays": ("id", "line", "link"),
    "play_notes": ("id", "text", "link"),
    "play_names": ("id", "name", "used"),
    "play_deliveries": ("sink", "after", "time", "passed"),
    "play_losses": ("sink", "first", "last"),
}
"""The same of the ledger of plays, which never leaves its device."""

TABLES = COLUMNS | PLAY_COLUMNS

KEYS = {
    "generations": "first",
    "attributions": "id",
    "events": "sequence",
    "kinds": "id",
    "frozen_times": "sequence",
    "identities": "sequence",
    "tombstones": "first",
    "redeliveries": "sequence",
    "dead_letters": "id",
    "plays": "id",
    "play_notes": "id",
    "play_names": "id",
}
"""The tables whose rows are numbered, with the number's column, which is the first."""

BESIDE_EVENTS = ("frozen_times", "identities", "redeliveries", "trials")
"""What some events have; a row goes with its event."""


def refuse_strangers(connection: sqlite3.Connection) -> int:
    """The schema number of the file, before anything is written to it; 0 for an empty one.

    Raises StoreTooNew for a number that only a later program knows, StoreUnusable for somebody else's database,
    StoreDamaged where SQLite's own complaint of the schema quotes what is no text.
    """
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    try:
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except UnicodeDecodeError as error:
        text = "The names of the store's tables are no text."
        raise StoreDamaged(text, remedy="Start again: it is set aside.") from error
    if tables and owner != APPLICATION_ID:
        raise StoreUnusable("The store's file is another program's database.", remedy="Choose another state folder.")
    if found > SCHEMA:
        raise StoreTooNew(found, SCHEMA)
    return int(found)


def migrate(database: Database, found: int) -> None:
    """Bring a file of schema `found` up to date. Raises StoreDamaged when tables are missing."""
    for number, migration in enumerate(MIGRATIONS[found:], start=found + 1):
        with database.atomic():
            migration(database)
            database.conn.execute(f"PRAGMA user_version = {number}")
    missing = set(TABLES) - set(database.table_names())
    if missing:
        raise StoreDamaged(f"The store lacks the tables {sorted(missing)}.", remedy="Start again: it is set aside.")
