"""The hardened open."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from agent.outbox.connection import CHECKPOINT_PAGES, PAGE_BYTES, connect, harden, page_counts


def test_every_setting_that_durability_rests_on_is_in_force(tmp_path: Path) -> None:
    """One pragma that did not take, and acknowledged events are lost in a power cut (edge.md section 1)."""
    path = tmp_path / "odd name ? #.db"
    database = harden(connect(path), tmp_path, max_pages=5000)
    found = {
        name: database.conn.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "wal_autocheckpoint", "page_size", "max_page_count")
    }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 3,
        "wal_autocheckpoint": CHECKPOINT_PAGES,
        "page_size": PAGE_BYTES,
        "max_page_count": 5000,
    }
    assert page_counts(database.conn) == (1, 0)
    assert (tmp_path / "odd name ? #.db-wal").stat().st_size > 0
    # psow=0 shows in that a commit of one page is padded to a sector of 4 KiB.
    assert (tmp_path / "odd name ? #.db-wal").stat().st_size >= 4096
    database.conn.close()


def test_the_file_is_ours_alone_and_has_no_index_beside_it(tmp_path: Path) -> None:
    """A mapped index would be written to the card every few seconds, and a second writer can damage the file."""
    path = tmp_path / "store.db"
    database = harden(connect(path), tmp_path, max_pages=5000)
    assert ["store.db", "store.db-wal"] == sorted(each.name for each in tmp_path.iterdir())
    with closing(sqlite3.connect(path, timeout=0.0)) as stranger, pytest.raises(sqlite3.OperationalError, match="lock"):
        stranger.execute("SELECT count(*) FROM sqlite_master")
    database.conn.close()


def test_the_command_lines_parts_of_sqlite_utils_stay_out() -> None:
    """dateutil would cost 1.3 MiB of the 45 that the daemon may use."""
    program = "import sys, agent.outbox.store; print('dateutil' in sys.modules, 'sqlite_utils.cli' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


def test_only_one_module_imports_sqlite_utils() -> None:
    """One door per library."""
    room = Path(__file__).parents[2] / "agent"
    found = [path.name for path in room.rglob("*.py") if "import sqlite_utils" in path.read_text("utf-8")]
    found += [path.name for path in room.rglob("*.py") if "from sqlite_utils" in path.read_text("utf-8")]
    assert found == ["connection.py"]
