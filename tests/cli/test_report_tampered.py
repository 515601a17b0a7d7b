"""What `report --verify` finds by itself where somebody was at the ledger, and what only a kept hash tells."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.main import kiosk_agent
from agent.kernel.play_chain import linked, play_text
from agent.outbox.play_lines import BLOCK, LINK_BYTES
from tests.support.outbox import core_of, open_outbox
from tests.support.plays import all_plays, play

PLAYS = 3 * BLOCK


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A store at rest, whose ledger has some blocks."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, PLAYS)
    outbox.close()
    return tmp_path


def verify(state: Path, *more: str) -> Result:
    return CliRunner().invoke(kiosk_agent, ["report", "--verify", *more, "--state-dir", str(state)])


def end_of(state: Path) -> str:
    """The end of the chain, as somebody keeps it."""
    chain = json.loads(verify(state, "--json").stdout)["chain"]
    return f"{chain['number']}:{chain['hash']}"


def at(state: Path, *queries: str) -> None:
    """Somebody is at the file who knows no more than SQL."""
    store = sqlite3.connect(state / "store.db", isolation_level=None)
    for query in queries:
        store.execute(query)
    store.close()


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("DELETE FROM plays WHERE id = 1", 1),
        (f"DELETE FROM plays WHERE id = {PLAYS // 2}", PLAYS // 2),
        (f"DELETE FROM plays WHERE id = {PLAYS}", PLAYS),
        (f"DELETE FROM plays WHERE id > {PLAYS - 20}", PLAYS - 19),
        ("DELETE FROM plays WHERE id <= 64", 1),
        ("UPDATE plays SET line = (SELECT line FROM plays WHERE id = 9) WHERE id = 8", 8),
        (f"UPDATE plays SET id = id + 1000 WHERE id > {PLAYS - 3}", PLAYS - 2),
    ],
    ids=["first", "middle", "last", "tail", "beginning", "changed", "moved"],
)
def test_whoever_changes_lines_alone_is_found_out(state: Path, query: str, line: int) -> None:
    """The first line that is wrong is named, and a script sees it by the exit status."""
    at(state, query)
    found = verify(state)
    assert 1 == found.exit_code
    assert f"from line {line} on" in found.stdout


def test_two_lines_that_changed_places_are_found_out(state: Path) -> None:
    """The order is the time."""
    at(state, *(f"UPDATE plays SET id = {new} WHERE id = {old}" for old, new in ((7, 0), (8, 7), (0, 8))))
    assert "from line 7 on" in verify(state).stdout


def cut(state: Path) -> None:
    """The newest plays are taken off, and the end that the store keeps is written to match."""
    outbox = open_outbox(state)
    notes = dict(core_of(outbox).database.conn.execute("SELECT id, text FROM play_notes").fetchall())
    link = bytes(32)
    for each in all_plays(outbox)[: PLAYS - 20]:
        for identifier in [known for known in sorted(notes) if known < each.number * 8]:
            link = linked(link, notes.pop(identifier))
        link = linked(link, play_text(each.number, each.facts))
    outbox.close()
    ends = json.dumps([[PLAYS - 20, 0, link.hex()], [0, bytes(32).hex()]], separators=(",", ":"))
    at(state, f"DELETE FROM plays WHERE id > {PLAYS - 20}", f"UPDATE states SET text = '{ends}' WHERE name = 'plays'")


def written_anew(state: Path) -> None:
    """One play is another entry's, and every hash behind it is made anew."""
    at(state, "UPDATE play_names SET name = '0_another1' WHERE name = '0_entry001'")
    outbox = open_outbox(state)
    store = core_of(outbox).database.conn
    notes = dict(store.execute("SELECT id, text FROM play_notes").fetchall())
    link = bytes(32)
    for each in all_plays(outbox):
        for identifier in [known for known in sorted(notes) if known < each.number * 8]:
            link = linked(link, notes.pop(identifier))
            store.execute("UPDATE play_notes SET link = ? WHERE id = ?", (link, identifier))
        link = linked(link, play_text(each.number, each.facts))
        whole = not each.number % BLOCK
        store.execute("UPDATE plays SET link = ? WHERE id = ?", (link if whole else link[:LINK_BYTES], each.number))
    outbox.close()
    ends = json.dumps([[PLAYS, 0, link.hex()], [0, bytes(32).hex()]], separators=(",", ":"))
    at(state, f"UPDATE states SET text = '{ends}' WHERE name = 'plays'")


def an_older_copy(state: Path) -> None:
    """The whole store is put back as it was some plays ago."""
    shutil.copy(state / "older.db", state / "store.db")


@pytest.mark.parametrize("meddle", [cut, written_anew, an_older_copy])
def test_whoever_writes_the_whole_chain_anew_is_found_out_by_a_kept_hash_alone(
    tmp_path: Path, meddle: Callable[[Path], None]
) -> None:
    """The page on the ledger says so: the chain by itself cannot know what it once was."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, PLAYS - 30)
    outbox.close()
    shutil.copy(tmp_path / "store.db", tmp_path / "older.db")
    outbox = open_outbox(tmp_path)
    play(outbox, PLAYS - 29, PLAYS)
    outbox.close()
    kept = end_of(tmp_path)
    assert 0 == verify(tmp_path, "--against", kept).exit_code
    meddle(tmp_path)
    assert 0 == verify(tmp_path).exit_code, verify(tmp_path).stdout
    found = verify(tmp_path, "--against", kept)
    assert 1 == found.exit_code
    assert f"line {PLAYS}" in found.stdout


def test_kept_hash_holds_while_the_ledger_grows_and_until_its_line_is_too_old(state: Path) -> None:
    """What the office noted last month is good next month; of a line that is gone nobody can tell."""
    kept = end_of(state)
    outbox = open_outbox(state)
    play(outbox, PLAYS + 1, PLAYS + BLOCK + 5)
    outbox.close()
    held = verify(state, "--against", kept)
    assert (0, True) == (held.exit_code, f"It comes through the hash that was kept of line {PLAYS:,}." in held.stdout)
    number, hashed = kept.split(":")
    told = json.loads(verify(state, "--against", kept, "--json").stdout)["against"]
    assert {"number": int(number), "hash": hashed, "passes": True} == told
    assert "against" not in json.loads(verify(state, "--json").stdout)
    told = json.loads(verify(state, "--against", f"{BLOCK}:{'ab' * 32}", "--json").stdout)
    assert (False, [BLOCK]) == (told["sound"], [fault["number"] for fault in told["faults"]])
    assert (False, True) == (told["against"]["passes"], "this is the ledger of device-001" in told["faults"][0]["what"])
    # What age does, and what somebody could do who wants old plays gone: both leave a sound chain that begins later.
    with closing(sqlite3.connect(state / "store.db")) as store:
        (link,) = store.execute("SELECT link FROM plays WHERE id = 64").fetchone()
        (ends,) = store.execute("SELECT text FROM states WHERE name = 'plays'").fetchone()
    later = json.dumps([json.loads(ends)[0], [BLOCK, bytes(link).hex()]])
    at(
        state,
        "DELETE FROM plays WHERE id <= 64",
        "DELETE FROM play_notes WHERE id <= 512",
        f"UPDATE states SET text = '{later}' WHERE name = 'plays'",
    )
    assert 0 == verify(state, "--against", kept).exit_code
    assert "has left the ledger" in verify(state, "--against", f"{BLOCK}:{'ab' * 32}").stdout
