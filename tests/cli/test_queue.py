"""`queue` against a real store at rest, and a running agent."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.queue import queue
from agent.runtime.queries import answer
from tests.support.agents import answering
from tests.support.stores import refuse_first, store_with_story


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(queue, [*arguments, "--state-dir", str(folder)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder at rest: three events wait, one message was refused."""
    outbox = store_with_story(tmp_path)
    refuse_first(outbox)
    outbox.close()
    return tmp_path


def test_list_has_a_line_for_each_waiting_event(folder: Path) -> None:
    """grep and less must work on it."""
    result = run(folder, "list")
    assert 0 == result.exit_code
    assert 3 == len(result.output.splitlines())
    assert "progressed 25% at 0:15" in result.output
    assert "0_abcd1234" in result.output


def test_list_in_json_is_the_whole_answer(folder: Path) -> None:
    """Machines get what people get, and more."""
    found = json.loads(run(folder, "list", "--json", "--limit", "1").output)
    assert (1, 3) == (len(found["events"]), found["total"])


def test_stats_name_each_destination(folder: Path) -> None:
    """The store's account without an agent."""
    output = run(folder, "stats").output
    assert "3 events" in output
    assert "stats.collect · 3 waiting · 0 delivered" in output
    assert "1 INVALID_ENUM_VALUE" in output


def test_show_prints_what_would_be_sent(folder: Path) -> None:
    """Everything about one event."""
    output = run(folder, "show", "3").output
    assert "fraction" in output
    assert "kiosk://device-001" in output
    assert 1 == run(folder, "show", "77").exit_code


def test_running_agent_answers_the_same(tmp_path: Path) -> None:
    """The same commands with a daemon: its main loop calls the same function."""
    outbox = store_with_story(tmp_path)
    with answering(tmp_path, lambda call, arguments: answer(outbox, call, arguments)):
        assert 4 == len(run(tmp_path, "list").output.splitlines())
        assert 0 == run(tmp_path, "stats").exit_code
    outbox.close()


def test_empty_queue_says_so(folder: Path) -> None:
    """An empty table leaves a person guessing."""
    assert "Nothing waits" in run(folder, "list", "--after", "99").output
