"""Starting on whatever is in the folder."""

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from agent.kernel.play_chain import ORIGIN
from agent.kernel.plays import ChainHead
from agent.kernel.records import Cursor
from agent.outbox.connection import STORE_NAME
from agent.outbox.errors import StoreBusy, StoreTooNew, StoreUnreachable, StoreUnusable
from agent.outbox.generation import NewGeneration
from agent.outbox.lock import LOCK_NAME
from agent.outbox.opening import Created, Opened
from agent.outbox.salvage import Salvaged
from agent.outbox.schema import SCHEMA
from agent.outbox.store import Outbox
from agent.outbox.transaction import MARK_NAME
from agent.outbox.trials import Tried
from tests.support.outbox import a_record, open_outbox
from tests.support.plays import faults, play

FIXTURE = Path(__file__).parent / "store_version_1.db"
KILLED = Path(__file__).parent / "store_version_5.db"
"""What a real agent of version 5 left on its disk that was killed in its second play."""


def with_events(folder: Path, number: int = 200) -> str:
    """A closed store with events of a sink, and its generation."""
    outbox = open_outbox(folder)
    outbox.register("stats.collect")
    for first in range(0, number, 20):
        outbox.append([a_record(f"{first + n} " + "x" * 200) for n in range(20)], states={"tracker": str(first)})
    outbox.close()
    return outbox.generation


def bodies(outbox: Outbox) -> list[int]:
    """The numbers of `with_events` that are in the log."""
    return [int(event.body.split()[0]) for event in outbox.events(limit=10_000)]


def test_an_empty_folder_gets_a_store_and_a_generation(tmp_path: Path) -> None:
    """The first start of a device."""
    outbox = open_outbox(tmp_path / "new" / "state")
    assert outbox.opening.how == Created()
    assert outbox.opening.new_generation is NewGeneration.CREATED
    assert stat.S_IMODE((tmp_path / "new" / "state" / STORE_NAME).stat().st_mode) == 0o600
    outbox.close()


def test_the_same_device_opens_the_same_generation(tmp_path: Path) -> None:
    """An identity must mean the same event for ever."""
    generation = with_events(tmp_path)
    outbox = open_outbox(tmp_path)
    assert (outbox.opening.how, outbox.opening.new_generation) == (Opened(None), None)
    assert generation == outbox.generation
    outbox.close()


def test_a_cloned_card_on_another_board_starts_a_generation_and_keeps_old_identities(tmp_path: Path) -> None:
    """Two devices must never give one identity to two events; what was waiting is still the old event."""
    old = with_events(tmp_path, 20)
    outbox = open_outbox(tmp_path, hardware_key="board-2")
    assert outbox.opening.new_generation is NewGeneration.HARDWARE_CHANGED
    outbox.append([a_record("20")])
    events = outbox.events()
    assert {(old, n) for n in range(1, 21)} == {(e.identity.generation, e.identity.sequence) for e in events[:-1]}
    assert (outbox.generation, 21) == (events[-1].identity.generation, events[-1].identity.sequence)
    assert outbox.generation != old
    outbox.close()
    renamed = open_outbox(tmp_path, hardware_key="board-2", device_id="device-002")
    assert renamed.opening.new_generation is NewGeneration.DEVICE_CHANGED
    renamed.close()


def test_a_second_daemon_is_told_who_has_the_store(tmp_path: Path) -> None:
    """Two connections can corrupt the file, and the operator needs the process to stop."""
    outbox = open_outbox(tmp_path)
    with pytest.raises(StoreBusy, match=f"process {os.getpid()}") as caught:
        open_outbox(tmp_path)
    assert caught.value.pid == os.getpid()
    outbox.close()
    open_outbox(tmp_path).close()


def test_a_store_that_another_program_reads_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody looks into the file with sqlite3: the agent plays on in its refuge, and the file is not set aside."""
    with_events(tmp_path)
    patient = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda file, **named: patient(file, **named, timeout=0.0))
    with closing(patient(tmp_path / STORE_NAME)) as stranger:
        stranger.execute("SELECT count(*) FROM events").fetchall()
        with pytest.raises(StoreUnreachable) as caught:
            open_outbox(tmp_path)
        assert "other program" in caught.value.remedy
    open_outbox(tmp_path).close()
    assert not [path.name for path in tmp_path.iterdir() if "damaged" in path.name]


def test_a_newer_schema_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    """After a downgrade the queue of the newer version must still be there for the next upgrade."""
    with_events(tmp_path)
    connection = sqlite3.connect(tmp_path / STORE_NAME)
    connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    connection.close()
    before = (tmp_path / STORE_NAME).read_bytes()
    with pytest.raises(StoreTooNew) as caught:
        open_outbox(tmp_path)
    assert (caught.value.found, caught.value.known) == (SCHEMA + 1, SCHEMA)
    assert before == (tmp_path / STORE_NAME).read_bytes()
    assert {STORE_NAME, LOCK_NAME} <= {path.name for path in tmp_path.iterdir()}


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    """A wrong --state-dir must not make us migrate a browser's history."""
    connection = sqlite3.connect(tmp_path / STORE_NAME)
    connection.execute("CREATE TABLE history (url TEXT)")
    connection.close()
    with pytest.raises(StoreUnusable, match="another program"):
        open_outbox(tmp_path)


def test_the_store_that_version_1_wrote_opens(tmp_path: Path) -> None:
    """Every released schema must open in every later program; the file is committed and never regenerated."""
    shutil.copy(FIXTURE, tmp_path / STORE_NAME)
    outbox = open_outbox(tmp_path)
    assert outbox.opening.how == Opened(None if SCHEMA == 1 else 1)
    assert outbox.opening.new_generation is None
    assert [event.body for event in outbox.peek("stats.collect", 10)] == ["two", "three", "one"]
    assert [event.frozen_time for event in outbox.events()] == [
        1_700_000_100.25,
        1_700_000_000.5,
        1.5,
        1_700_000_100.25,
    ]
    assert outbox.state("tracker") == "checkpoint"
    assert {1} == {letter.attempt for letter in outbox.dead_letters()}
    tried = {(3, 0): Tried(attempt=1, lost=True, batched=True)}
    outbox.settle("stats.collect", Cursor(0), projection="", tried=tried, backlog_end=4)
    assert (tried, 4) == (outbox.trials("stats.collect", 1, 4), outbox.backlog_end("stats.collect"))
    assert [letter.code for letter in outbox.dead_letters()] == ["SECOND_CODE"]
    assert outbox.append([a_record()]).first == 5
    outbox.close()


def test_the_store_that_version_5_wrote_gets_a_ledger_that_begins_with_nothing(tmp_path: Path) -> None:
    """Plays of before the ledger are in no line, since nobody knows them any more; the one that is open will be."""
    shutil.copy(KILLED, tmp_path / STORE_NAME)
    outbox = open_outbox(tmp_path)
    assert (Opened(5), None) == (outbox.opening.how, outbox.opening.new_generation)
    assert (13, 11) == (outbox.newest, outbox.position("stats.collect")[0].sequence)
    assert (outbox.state("tracker") or "").startswith('{"sessions":2,')
    assert (ChainHead(0, ORIGIN.hex(), 1), []) == (outbox.play_chain(), outbox.plays())
    play(outbox, 1, 2)
    assert ([1, 2], []) == ([each.number for each in outbox.plays()], faults(outbox))
    outbox.close()
    assert Opened(None) == open_outbox(tmp_path).opening.how


def test_garbage_in_the_file_is_set_aside_and_a_new_store_made(tmp_path: Path) -> None:
    """A card that returns rubbish must cost the queue, not the kiosk."""
    (tmp_path / STORE_NAME).write_bytes(os.urandom(50_000))
    outbox = open_outbox(tmp_path)
    how = outbox.opening.how
    assert isinstance(how, Salvaged)
    assert (how.events, how.aside.name) == (0, "store.damaged-1.db")
    assert how.aside.exists()
    assert outbox.opening.new_generation is NewGeneration.SALVAGED
    assert outbox.append([a_record()]).first == 1
    outbox.close()
    assert isinstance(open_outbox(tmp_path).opening.how, Opened)


def test_a_mark_of_damage_leads_to_salvage_at_the_next_start(tmp_path: Path) -> None:
    """Damage is met in the middle of a day; the repair belongs to a start."""
    old = with_events(tmp_path)
    (tmp_path / MARK_NAME).write_text("page 7 is bad\n")
    outbox = open_outbox(tmp_path)
    how = outbox.opening.how
    assert isinstance(how, Salvaged)
    assert (how.why, how.events, how.lost) == ("page 7 is bad", 200, 0)
    assert bodies(outbox) == list(range(200))
    assert {old} == {event.identity.generation for event in outbox.events(limit=1000)}
    assert outbox.append([a_record()]).first == 201
    assert outbox.events(after=200)[0].identity.generation == outbox.generation != old
    assert outbox.state("tracker") == "180"
    outbox.close()
    assert not (tmp_path / MARK_NAME).exists()


def test_a_repair_that_was_cut_off_begins_again(tmp_path: Path) -> None:
    """The power may go in the very minute in which the queue is being saved."""
    with_events(tmp_path)
    (tmp_path / STORE_NAME).rename(tmp_path / "store.damaged-1.db")
    (tmp_path / MARK_NAME).write_text("store.damaged-1.db\n")
    (tmp_path / STORE_NAME).write_bytes(b"half a repair")
    outbox = open_outbox(tmp_path)
    assert bodies(outbox) == list(range(200))
    outbox.close()


def test_a_folder_that_cannot_be_written_is_refused_with_a_remedy(tmp_path: Path) -> None:
    """A file where the folder should be is what a typing error makes; it holds for root too."""
    (tmp_path / "state").write_text("not a folder")
    with pytest.raises(StoreUnusable) as caught:
        open_outbox(tmp_path / "state")
    assert "--state-dir" in caught.value.remedy
    with pytest.raises(StoreUnusable, match="/proc"):
        open_outbox(Path("/proc/kiosk-agent"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_read_only_folder_is_refused_with_a_remedy(tmp_path: Path) -> None:
    """The most common mistake of an installation by hand."""
    tmp_path.chmod(0o500)
    with pytest.raises(StoreUnusable) as caught:
        open_outbox(tmp_path)
    assert "chown" in caught.value.remedy
