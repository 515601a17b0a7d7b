"""The schema; the committed store of version 1 is opened in test_opening.py."""

from pathlib import Path

from agent.kernel.records import Tombstone
from agent.outbox.connection import connect, harden
from agent.outbox.schema import BESIDE_EVENTS, KEYS, MIGRATIONS, SCHEMA, TABLES, migrate, refuse_strangers
from agent.outbox.tombstones import between
from tests.support.outbox import core_of, open_outbox


def test_the_listed_columns_are_those_of_the_tables(tmp_path: Path) -> None:
    """Salvage copies by this list; a column that is missing from it would be lost silently."""
    outbox = open_outbox(tmp_path)
    database = core_of(outbox).database
    assert set(TABLES) == set(database.table_names())
    for table, columns in TABLES.items():
        assert columns == tuple(database[table].columns_dict)
    assert all("sequence" in TABLES[table] for table in BESIDE_EVENTS)
    for table, key in KEYS.items():
        assert [key] == database.table(table).pks
        assert key == TABLES[table][0]
    outbox.close()


def test_a_migration_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    """The number and the tables change together, or a power cut leaves a schema that nobody knows."""
    database = harden(connect(tmp_path / "store.db"), tmp_path, max_pages=1000)
    database.conn.execute("BEGIN")
    migrate(database, 0)
    database.conn.execute("ROLLBACK")
    assert (refuse_strangers(database.conn), database.table_names()) == (0, [])
    migrate(database, 0)
    assert refuse_strangers(database.conn) == SCHEMA
    database.conn.close()


def test_tombstones_of_the_fourth_schema_stand_for_something_nobody_knows(tmp_path: Path) -> None:
    """They tell no destination of a gap whose reason was not kept; the counters have it."""
    database = harden(connect(tmp_path / "store.db"), tmp_path, max_pages=1000)
    for migration in MIGRATIONS[:4]:
        with database.atomic():
            migration(database)
    database.conn.execute("INSERT INTO tombstones (first, last) VALUES (3, 9)")
    migrate(database, 4)
    assert [Tombstone(3, 9, "", 0.0, 0.0)] == between(database.conn, 0, 10)
    database.conn.close()
