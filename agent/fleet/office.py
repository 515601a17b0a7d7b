"""What every command of kiosk-fleet begins and ends with: the connection's options, and one clear error.

Contract: `operated` makes a command of a function that takes an `Office` first and answers its exit status.
Rules: the broker is asked only when the command does: a mistake in a file or an option is found before. Whatever goes
wrong is one text with its remedy and one of agent.fleet.exits; with --json an object, `{"ok": false, "error": {…}}`.
"""

import functools
import getpass
import json
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from agent.config.problems import Problem, place_text
from agent.fleet.access import NAMES, Access, AccessError, access
from agent.fleet.console import Console, UnconfirmedError
from agent.fleet.desk import Desk, DeskError, UnreachableError
from agent.fleet.exits import Exit
from agent.fleet.opening import opened
from agent.fleet.sighting import Roll
from agent.fleet.words import plain
from agent.remote.topics import Topics

_LONGEST_NAME = 100
# Between two looks at whether the person has answered.
_GLANCE_S = 0.2


class InvalidError(Exception):
    """What the operator gave cannot be used. `problems`: all that is wrong with it."""

    def __init__(self, text: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(text)
        self.problems = tuple(problems)


class Office:
    """One run of a command: whom it talks with, and the broker once it is asked for."""

    def __init__(self, console: Console, reach: Callable[[], Access], stack: ExitStack) -> None:
        self.console = console
        self._reach = reach
        self._stack = stack

    @functools.cached_property
    def access(self) -> Access:
        """The settings of the connection; AccessError where they cannot be used."""
        return self._reach()

    @functools.cached_property
    def desk(self) -> Desk:
        """The connection, made at the first use; UnreachableError."""
        return self._stack.enter_context(opened(self.access.broker))

    @functools.cached_property
    def topics(self) -> Topics:
        """The fleet's topics."""
        return Topics(self.access.base)

    def confirm(self, question: str, roll: Roll) -> None:
        """Ask; the connection lives on and the fleet is watched while the person thinks, which may take minutes."""

        def watch() -> None:
            arrived = self.desk.receive(_GLANCE_S)
            if arrived is not None:
                roll.take(arrived.topic, arrived.payload)

        self.console.confirm(question, meanwhile=watch)


def who() -> str:
    """The operator, as it stands in the documents that they publish."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "somebody"
    return "".join(each for each in f"{user}@{socket.gethostname()}" if each.isprintable())[:_LONGEST_NAME]


def operated(function: Callable[..., Exit]) -> Callable[..., None]:
    """A command that takes the connection's options and --json beside its own, and ends with an exit status."""

    @functools.wraps(function)
    def command(*, settings: Path | None, as_json: bool, yes: bool = False, **options: Any) -> None:
        given = {name: options.pop(name, None) for name in NAMES}
        console = Console(as_json=as_json, yes=yes)
        with ExitStack() as stack:
            try:
                office = Office(console, lambda: access(settings, given, os.environ), stack)
                status = function(office, **options)
            except InvalidError as error:
                status = _fail(console, Exit.USAGE, "invalid", str(error), error.problems)
            except AccessError as error:
                text = "The connection's settings cannot be used."
                status = _fail(console, Exit.USAGE, "settings", text, error.problems)
            except UnconfirmedError as error:
                status = _fail(console, Exit.FAILED if error.is_asked else Exit.USAGE, "unconfirmed", str(error))
            except UnreachableError as error:
                status = _fail(console, Exit.UNREACHABLE, "unreachable", str(error))
            except DeskError as error:
                status = _fail(console, Exit.FAILED, type(error).__name__.removesuffix("Error").lower(), str(error))
        sys.exit(status)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _option(name: str, metavar: str, help: str) -> Callable[[Any], Any]:
    variable = f"KIOSK_FLEET_{name.upper()}"
    return click.option("--" + name.replace("_", "-"), name, metavar=metavar, envvar=variable, help=help)


_OPTIONS: list[Callable[[Any], Any]] = [
    click.option("--json", "as_json", is_flag=True, help="One JSON object for machines."),
    click.option(
        "--settings",
        metavar="FILE",
        envvar="KIOSK_FLEET_SETTINGS",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The connection's settings. Default: ~/.config/kiosk-agent/fleet.toml",
    ),
    _option("url", "URL", "The broker, as mqtts://broker.example.com:8884."),
    _option("user", "NAME", "As whom you log in."),
    _option("password_file", "FILE", "The file that holds the password."),
    _option("ca_file", "FILE", "The authority that the broker's certificate comes from."),
    _option("certificate_file", "FILE", "The certificate by which you prove who you are."),
    _option("key_file", "FILE", "Its private key."),
    _option("base", "TOPIC", "What all topics begin with; as remote.base of the devices. Default: kiosk"),
]


def _fail(console: Console, status: Exit, kind: str, text: str, problems: Sequence[Problem] = ()) -> Exit:
    if console.as_json:
        error = {"kind": kind, "text": text, "problems": [_record(problem) for problem in problems]}
        click.echo(json.dumps({"ok": False, "error": error}, indent=2))
        return status
    click.echo(f"Error: {plain(text)}", err=True)
    for problem in problems:
        click.echo("\n".join(f"  {plain(line)}" for line in str(problem).replace("\t", "    ").split("\n")), err=True)
    return status


def _record(problem: Problem) -> dict[str, Any]:
    return {
        "place": place_text(problem.place),
        "what": problem.what,
        "allowed": problem.allowed,
        "suggestion": problem.suggestion,
        "remedy": problem.remedy,
        "origin": None if problem.origin is None else str(problem.origin),
    }
