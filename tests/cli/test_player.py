"""`player` against a running agent, and none."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agent.cli.player import ORDERS, player
from agent.runtime.requests import OPERATIONS
from tests.support.agents import answering


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(player, [*arguments, "--state-dir", str(folder)])


def test_there_is_an_order_for_each_call_of_the_agent() -> None:
    """What the agent can do and nobody can ask for might as well not be there."""
    assert {*OPERATIONS, "player.seek", "player.rate"} == {f"player.{order}" for order in ORDERS}


def test_orders_reach_the_agent_as_they_were_given(tmp_path: Path) -> None:
    """REPLAY and SEEK are two of the forty numbers; without these nobody could cause them on purpose."""
    with answering(tmp_path, lambda call, arguments: {"ok": None}) as seen:
        orders = (["replay"], ["seek", "12.5"], ["rate", "1.5"])
        assert [0, 0, 0] == [run(tmp_path, *order).exit_code for order in orders]
    expected = [("player.replay", {}), ("player.seek", {"to": 12.5}), ("player.rate", {"to": 1.5})]
    assert expected == [(each.call, each.arguments) for each in seen]


@pytest.mark.parametrize(
    "arguments", [("seek",), ("rate",), ("pause", "3"), ("seek", "-1"), ("seek", "soon"), ("dance",)]
)
def test_orders_that_make_no_sense_are_not_given(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """Nothing is guessed about what to do to a public screen."""
    assert 2 == run(tmp_path, *arguments).exit_code


def test_without_an_agent_there_is_nobody_to_obey(tmp_path: Path) -> None:
    """A script must see the difference from an order that was taken."""
    result = run(tmp_path, "next")
    assert 3 == result.exit_code
    assert "Error" in result.output


def test_agent_that_refuses_says_why(tmp_path: Path) -> None:
    """Exit status 1, and its words."""
    with answering(tmp_path, lambda call, arguments: {"error": "not now"}):
        result = run(tmp_path, "next")
    assert (1, True) == (result.exit_code, "not now" in result.output)
