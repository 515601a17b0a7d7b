"""`queue dead` against a real store at rest, and a running agent."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli import dead
from agent.cli.queue import queue
from agent.runtime.queries import answer
from tests.support.agents import answering
from tests.support.stores import SINK, refuse_first, store_with_story


def run(folder: Path, *arguments: str, says: str = "") -> Result:
    return CliRunner().invoke(queue, ["dead", *arguments, "--state-dir", str(folder)], input=says)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder at rest: three events wait, one message was refused."""
    outbox = store_with_story(tmp_path)
    refuse_first(outbox)
    outbox.close()
    return tmp_path


def kept(folder: Path) -> int:
    """How many dead letters there are."""
    return int(json.loads(run(folder, "list", "--json").output)["total"])


def test_dead_letter_goes_from_the_list_back_into_the_queue(folder: Path) -> None:
    """The operator's whole way: see it, read why, send it again."""
    assert "INVALID_ENUM_VALUE" in run(folder, "list").output
    assert "no such type" in run(folder, "show", "1").output
    assert "1 message will be sent again." in run(folder, "retry", "1").output
    assert "No dead letters" in run(folder, "list").output
    waiting = CliRunner().invoke(queue, ["list", "--state-dir", str(folder)])
    assert 4 == len(waiting.output.splitlines())


@pytest.mark.parametrize("arguments", [(), ("--all",), ("1", "--all", "--sink", SINK), ("first",)])
@pytest.mark.parametrize("deed", ["retry", "discard"])
def test_without_a_clear_choice_it_is_a_usage_error(folder: Path, deed: str, arguments: tuple[str, ...]) -> None:
    """Hundreds of messages must not be sent again, and none thrown away, by a slip."""
    assert 2 == run(folder, deed, *arguments).exit_code
    assert 1 == kept(folder)


@pytest.mark.parametrize("deed", ["retry", "discard"])
def test_unknown_number_is_named_and_nothing_is_changed(folder: Path, deed: str) -> None:
    """A typing error must not do half of what was asked."""
    result = run(folder, deed, "1", "77")
    assert (1, True) == (result.exit_code, "no dead letter 77; nothing was changed" in result.output)
    assert 1 == kept(folder)


def test_all_letters_of_a_destination_are_retried(folder: Path) -> None:
    """After its configuration was mended."""
    assert {"retried": 1} == json.loads(run(folder, "retry", "--all", "--sink", SINK, "--json").output)


def test_destination_that_is_not_there_is_named_with_those_that_are(folder: Path) -> None:
    """`--sink kaltura` is what somebody types who has not read the page."""
    result = run(folder, "discard", "--all", "--sink", "kaltura")
    assert (1, True) == (result.exit_code, SINK in result.output)


def test_discard_throws_away_and_counts(folder: Path) -> None:
    """A script is not asked; the account tells of it for ever."""
    assert "1 dead letter thrown away, counted." in run(folder, "discard", "1").output
    assert "dropped: 1 discarded" in CliRunner().invoke(queue, ["stats", "--state-dir", str(folder)]).output


def test_on_a_terminal_discard_asks_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no way back; the question says how many, `--yes` spares it."""
    monkeypatch.setattr(dead, "is_terminal", lambda: True)
    refused = run(folder, "discard", "--all", "--sink", SINK, says="n\n")
    assert (1, True, 1) == (refused.exit_code, "Throw 1 dead letter away" in refused.output, kept(folder))
    assert 0 == run(folder, "discard", "1", says="y\n").exit_code
    assert 0 == kept(folder)
    assert 0 == run(folder, "discard", "--all", "--sink", SINK, "--yes").exit_code


def test_running_agent_answers_the_same(tmp_path: Path) -> None:
    """The same commands with a daemon: its main loop calls the same function."""
    outbox = store_with_story(tmp_path)
    refuse_first(outbox)
    with answering(tmp_path, lambda call, arguments: answer(outbox, call, arguments)):
        assert "INVALID_ENUM_VALUE" in run(tmp_path, "list", "--sink", SINK).output
        assert 1 == run(tmp_path, "discard", "9").exit_code
        assert 0 == run(tmp_path, "discard", "1").exit_code
        assert 0 == kept(tmp_path)
    outbox.close()
