"""From the running agent, or from the store."""

from pathlib import Path
from typing import Any

import click
import pytest

from agent.cli.calls import call, from_store, reached
from tests.support.agents import answering
from tests.support.stores import store_with_story


def test_running_agent_is_asked(tmp_path: Path) -> None:
    """With a daemon, only it touches the store."""
    with answering(tmp_path, lambda name, arguments: {"ok": [name, dict(arguments)]}):
        assert ["queue.list", {"limit": 2}] == call(tmp_path, "queue.list", limit=2)


def test_store_at_rest_gives_the_same_answer(tmp_path: Path) -> None:
    """Without a daemon the same code answers (decision 25)."""
    store_with_story(tmp_path).close()
    assert 4 == call(tmp_path, "queue.stats")["queue"]["events"]
    with pytest.raises(click.ClickException, match="no such call"):
        call(tmp_path, "queue.frobnicate")


def test_neither_agent_nor_store_is_one_line_with_a_remedy(tmp_path: Path) -> None:
    """Somebody typed the wrong folder, or nothing has run yet."""
    with pytest.raises(click.ClickException, match=r"No agent is running.*There is no store.*--state-dir"):
        call(tmp_path, "queue.stats")


def test_agents_refusal_ends_the_command_with_its_words(tmp_path: Path) -> None:
    """Exit status 1, no traceback."""
    with (
        answering(tmp_path, lambda _name, _arguments: {"error": "limit must be smaller"}),
        pytest.raises(click.ClickException, match="limit must be smaller"),
    ):
        call(tmp_path, "queue.list")


def test_store_is_closed_again_even_after_a_failure(tmp_path: Path) -> None:
    """A left lock would keep the agent from starting while the command's caller lives."""
    store_with_story(tmp_path).close()

    def look(_outbox: Any) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        from_store(tmp_path, look, "no agent is running")
    store_with_story(tmp_path).close()


def test_command_that_asks_many_times_goes_on_where_the_agent_ends_meanwhile(tmp_path: Path) -> None:
    """It was stopped for a repair in the middle of a long report."""
    store_with_story(tmp_path).close()
    with reached(tmp_path) as ask:
        with answering(tmp_path, lambda name, arguments: {"ok": [name, dict(arguments)]}):
            assert ["report.slice", {"after": 2}] == ask("report.slice", after=2)
        assert 4 == ask("queue.stats")["queue"]["events"]
        with pytest.raises(click.ClickException, match="no such call"):
            ask("queue.frobnicate")
    store_with_story(tmp_path).close()


def test_command_that_asks_many_times_ends_with_a_remedy(tmp_path: Path) -> None:
    """No agent, no store; or one that refuses."""
    with reached(tmp_path) as ask, pytest.raises(click.ClickException, match=r"No agent is running.*There is no store"):
        ask("queue.stats")
    with (
        answering(tmp_path, lambda _name, _arguments: {"error": "too many"}),
        reached(tmp_path) as ask,
        pytest.raises(click.ClickException, match="too many"),
    ):
        ask("queue.stats")
