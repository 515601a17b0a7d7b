"""Which level a command is about."""

import click
import pytest
from click.testing import CliRunner, Result

from agent.fleet.targets import named, people, targeted
from agent.remote.topics import Device, Fleet, Group, Level


@click.command()
@targeted
def shown(*, level: Level) -> None:
    click.echo(str(level))


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(shown, arguments)


@pytest.mark.parametrize(
    ("level", "arguments"),
    [("fleet", ["--all"]), ("group/lobby", ["--group", "lobby"]), ("device/dev-1", ["--device", "dev-1"])],
)
def test_each_option_names_its_level(level: str, arguments: list[str]) -> None:
    """The three levels of the issue."""
    assert f"{level}\n" == invoke(*arguments).output


@pytest.mark.parametrize("arguments", [[], ["--all", "--group", "lobby"], ["--group", "a", "--device", "b"]])
def test_none_or_two_of_them_is_a_usage_error(arguments: list[str]) -> None:
    """Nobody changes the whole fleet by forgetting an option."""
    found = invoke(*arguments)
    assert 2 == found.exit_code
    assert "Say for whom" in found.output


@pytest.mark.parametrize("name", ["", "Lobby", "a/b", "+", "#", "-a", "\x1b[2J", "a" * 64])
def test_name_that_no_group_can_have_is_a_usage_error(name: str) -> None:
    """A wildcard or a slash in a topic would be published somewhere else."""
    found = invoke("--group", name)
    assert 2 == found.exit_code
    assert "\x1b" not in found.output


def test_levels_have_words() -> None:
    """They stand in the question that is asked."""
    assert ["all devices", "the group a", "the device b"] == [
        people(each) for each in (Fleet(), Group("a"), Device("b"))
    ]
    assert Group("lobby") == named("group/lobby")
