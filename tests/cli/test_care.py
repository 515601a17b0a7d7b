"""`queue check` and `queue repair` against real stores, sound and damaged, and beside a running agent."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.queue import queue
from agent.outbox.connection import STORE_NAME
from agent.outbox.transaction import MARK_NAME
from agent.runtime.queries import answer
from tests.support.agents import answering
from tests.support.outbox import core_of, open_outbox
from tests.support.plays import play
from tests.support.stores import open_store, refuse_first, store_with_story


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(queue, [*arguments, "--state-dir", str(folder)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder at rest: three events wait, one message was refused."""
    outbox = store_with_story(tmp_path)
    refuse_first(outbox)
    outbox.close()
    return tmp_path


def damage(folder: Path) -> None:
    """Overwrite a row of the log where no start looks at it with care."""
    content = bytearray((folder / STORE_NAME).read_bytes())
    page = content.rindex(b'"fraction"') // 1024 * 1024
    content[page + 8 : page + 200] = b"\xff" * 192
    (folder / STORE_NAME).write_bytes(content)


def test_sound_queue_is_said_to_be_sound(folder: Path) -> None:
    """For whoever has just pulled the plug."""
    result = run(folder, "check")
    assert 0 == result.exit_code
    assert "The queue is sound: every row was read, 3 events waiting, all accounted for." in result.output
    found = json.loads(run(folder, "check", "--json").output)
    assert {"sound": True, "problem": None, "balanced": True, "events": 3, "ledger": None} == found


def test_ledger_that_somebody_was_at_is_told_of(tmp_path: Path) -> None:
    """Every row reads, and yet one play is another."""
    outbox = open_outbox(tmp_path)
    play(outbox, 1, 9)
    core_of(outbox).database.conn.execute("DELETE FROM plays WHERE id = 4")
    outbox.close()
    result = run(tmp_path, "check")
    assert (1, True) == (result.exit_code, "play 4 is missing" in result.output)


def test_repair_of_a_sound_queue_changes_nothing(folder: Path) -> None:
    """Typed to be on the safe side, it must be safe."""
    before = (folder / STORE_NAME).read_bytes()
    result = run(folder, "repair")
    assert (0, "The queue is sound; nothing was changed.\n") == (result.exit_code, result.output)
    assert not list(folder.glob("store.damaged*"))
    assert len(before) == (folder / STORE_NAME).stat().st_size
    assert {"repaired": False} == json.loads(run(folder, "repair", "--json").output)


def test_damaged_queue_is_told_and_repaired_by_hand(folder: Path) -> None:
    """What can be read is saved in order, the rest is counted, and the damaged file stays for whoever wants it."""
    damage(folder)
    told = run(folder, "check")
    assert 1 == told.exit_code
    assert "kiosk-agent queue repair" in told.output or "repairs" in told.output
    found = json.loads(run(folder, "repair", "--json").output)
    assert found["repaired"]
    assert Path(found["set_aside"]).exists()
    assert not (folder / MARK_NAME).exists()
    after = run(folder, "check")
    assert 0 == after.exit_code, after.output
    outbox = open_store(folder)
    kept = [event.sequence for event in outbox.events()]
    assert kept == sorted(kept)
    assert found["events"] == len(kept)
    assert outbox.statistics().sinks[0].account.difference == 0
    outbox.close()


def test_numbers_that_do_not_add_up_are_a_failure(folder: Path) -> None:
    """A script that watches over a fleet reads the exit status."""
    outbox = open_store(folder)
    core_of(outbox).database.conn.execute("UPDATE sinks SET settled = settled + 1")
    outbox.close()
    result = run(folder, "check")
    assert 1 == result.exit_code
    assert "do not add up" in result.output


def test_running_agent_checks_for_us_and_refuses_the_repair(tmp_path: Path) -> None:
    """Two hands in one database is what damages it."""
    outbox = store_with_story(tmp_path)

    def reply(call: str, arguments: object) -> dict[str, object]:
        return {"ok": {"pid": 4711}} if call == "status" else answer(outbox, call, arguments)  # type: ignore[arg-type]

    with answering(tmp_path, reply):
        assert "The queue is sound" in run(tmp_path, "check").output
        result = run(tmp_path, "repair")
    assert 1 == result.exit_code
    assert f"An agent is running on {tmp_path} (pid 4711), and has its store" in result.output
    assert "systemctl stop kiosk-agent" in result.output
    outbox.close()


def test_store_in_use_by_who_does_not_answer_is_not_touched(tmp_path: Path) -> None:
    """An agent that hangs has the lock all the same."""
    outbox = store_with_story(tmp_path)
    for command in ("check", "repair"):
        result = run(tmp_path, command)
        assert 1 == result.exit_code
        assert "in use by process" in result.output
    outbox.close()


def test_folder_without_a_store_is_a_mistake(tmp_path: Path) -> None:
    """Nobody wants a new, empty, sound store in the wrong place."""
    for command in ("check", "repair"):
        result = run(tmp_path, command)
        assert 1 == result.exit_code
        assert "--state-dir" in result.output
        assert [] == list(tmp_path.glob("store.db*"))
