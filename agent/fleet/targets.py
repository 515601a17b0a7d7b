"""Which level a command is about: `--all`, `--group NAME` or `--device ID`.

Contract: `targeted` adds the three options to a command; the function gets one `level`.
"""

import functools
from collections.abc import Callable
from typing import Any

import click

from agent.remote.topics import Device, Fleet, Group, Level, level_of_text


def targeted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A command for one level; exactly one of the options must be given."""

    @click.option("--all", "everybody", is_flag=True, help="All devices.")
    @click.option("--group", metavar="NAME", help="The devices of this group.")
    @click.option("--device", metavar="ID", help="This device alone.")
    @functools.wraps(function)
    def command(*arguments: Any, everybody: bool, group: str | None, device: str | None, **options: Any) -> Any:
        if sum([everybody, group is not None, device is not None]) != 1:
            raise click.UsageError("Say for whom, with one of --all, --group NAME and --device ID.")
        level = "fleet" if everybody else f"group/{group}" if group is not None else f"device/{device}"
        return function(*arguments, level=named(level), **options)

    return command


def named(text: str) -> Level:
    """The level that is written so; a usage error where no level can be called that."""
    level = level_of_text(text)
    if level is None:
        allowed = "1 to 63 lower-case letters, digits and dashes, with no dash at either end"
        raise click.UsageError(f"{text.partition('/')[2]!a} is no name of a group or device. Allowed: {allowed}.")
    return level


def people(level: Level) -> str:
    """The level in a sentence."""
    match level:
        case Fleet():
            return "all devices"
        case Group(name):
            return f"the group {name}"
        case Device(id):
            return f"the device {id}"
