"""Opening the store of an agent that is not running."""

import os
import sqlite3
from pathlib import Path

import pytest

from agent.outbox.errors import StoreBusy, StoreDamaged, StoreTooNew, StoreUnusable
from agent.outbox.generation import NewGeneration
from agent.outbox.transaction import MARK_NAME
from agent.outbox.visiting import visit
from tests.support.stores import open_store, store_with_story


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_visit_finds_the_store_as_the_agent_left_it_and_begins_no_generation(tmp_path: Path) -> None:
    """A visitor does not know the device's id; a new generation for each look would tear the identities apart."""
    store_with_story(tmp_path).close()
    outbox = visit(tmp_path)
    generation = outbox.generation
    assert [1, 2, 3, 4] == [event.sequence for event in outbox.events()]
    outbox.close()
    again = open_store(tmp_path)
    assert (generation, None) == (again.generation, again.opening.new_generation)
    again.close()


def test_store_in_use_is_not_opened(tmp_path: Path) -> None:
    """Two connections that write can corrupt a WAL database."""
    outbox = store_with_story(tmp_path)
    with pytest.raises(StoreBusy):
        visit(tmp_path)
    outbox.close()


def test_visitor_lets_the_agent_in_after_itself(tmp_path: Path) -> None:
    """`queue stats` in a cron job must not keep an agent from starting for longer than it takes."""
    store_with_story(tmp_path).close()
    visit(tmp_path).close()
    outbox = open_store(tmp_path)
    assert outbox.opening.new_generation is not NewGeneration.CREATED
    outbox.close()


def test_folder_without_a_store_gets_none(tmp_path: Path) -> None:
    """A typing error in --state-dir must not leave files behind."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StoreUnusable, match="no store"):
            visit(folder)
    assert [] == names(tmp_path)


def test_newer_foreign_garbled_or_marked_store_is_left_untouched(tmp_path: Path) -> None:
    """Migrating, repairing and setting aside are the agent's to decide."""
    store_with_story(tmp_path).close()
    path = tmp_path / "store.db"
    good = path.read_bytes()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    newer = path.read_bytes()
    with pytest.raises(StoreTooNew):
        visit(tmp_path)
    assert newer == path.read_bytes()
    path.write_bytes(b"garbage" * 4096)
    before = names(tmp_path)
    with pytest.raises(StoreUnusable, match="cannot be opened"):
        visit(tmp_path)
    assert b"garbage" * 4096 == path.read_bytes()
    path.write_bytes(good)
    (tmp_path / MARK_NAME).write_text("seen\n")
    with pytest.raises(StoreDamaged):
        visit(tmp_path)
    assert sorted([*before, MARK_NAME]) == names(tmp_path)
    assert good == path.read_bytes()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can leave another user's files behind")
def test_roots_visit_leaves_every_file_to_the_agents_user(tmp_path: Path) -> None:
    """`sudo kiosk-agent queue stats` must not keep the agent from its own store afterwards."""
    store_with_story(tmp_path).close()
    (tmp_path / "store.lock").unlink()
    os.chown(tmp_path / "store.db", 65534, 65534)
    outbox = visit(tmp_path)
    owners = {path.name: path.stat().st_uid for path in tmp_path.iterdir() if path.name != "store.ballast"}
    outbox.close()
    assert {"store.db", "store.lock", "store.db-wal"} == owners.keys()
    assert {65534} == set(owners.values())
