"""`kiosk-agent config`: check a configuration file, show what is in force, print the schema and the browser's policy.

Contract: ends with 0 when the configuration can be used (warnings included), 2 when it cannot, or when the command
line is wrong (agent.cli.exits). Text for people by default, `--json` for machines.
Rules: what the broker said counts where the agent has stored it as applied. Its documents never make a good file a bad
one: where they do not go with it (any more), that is told beside, and the file counts alone, as when the agent starts.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click

from agent.cli.broker_layers import in_force
from agent.cli.exits import Exit
from agent.cli.place import state_dir_option
from agent.cli.words import count, plain
from agent.config.files import DEFAULT_PATH, Loaded, load
from agent.config.problems import ConfigurationError, Problem, place_text
from agent.config.schema import schema_text
from agent.config.show import as_toml, as_tree, origins

_file = click.Path(path_type=Path)
# Short, for the whole path must stand on one line: it is copied from there.
_config = click.option(
    "--config", "path", metavar="FILE", type=_file, default=DEFAULT_PATH, help=f"Default: {DEFAULT_PATH}."
)
_json = click.option("--json", "as_json", is_flag=True, help="JSON for machines.")


@click.group()
def config() -> None:
    """Check and show the configuration.

    Exit status: 0 the configuration can be used, 2 it cannot.
    """


@config.command()
@click.argument("file", type=_file, required=False)
@_config
@state_dir_option
@_json
@click.pass_context
def check(context: click.Context, file: Path | None, path: Path, state_dir: Path, *, as_json: bool) -> None:
    """Name everything that is wrong with FILE (default: the file of --config).

    The documents of the broker that are stored in the state folder count too; one that does not go with FILE is a
    warning. Exit status: 0 the file can be used, perhaps with warnings; 2 it cannot.
    """
    chosen = file or path
    problems: tuple[Problem, ...] = ()
    try:
        found = in_force(chosen, state_dir)
        _told_beside(found.doubt)
        warnings = (*found.loaded.warnings, *found.left_out)
        problems = tuple(_of_files(found.loaded))
    except ConfigurationError as error:
        problems, warnings = error.problems, error.warnings
    if as_json:
        report = {"ok": not problems, "problems": _records(problems), "warnings": _records(warnings)}
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        for problem in problems:
            click.echo(_text(problem))
        for warning in warnings:
            click.echo(f"warning: {_text(warning)}")
        click.echo(f"{chosen}: {_verdict(len(problems), len(warnings))}")
    context.exit(Exit.USAGE if problems else Exit.OK)


@config.command()
@_config
@state_dir_option
@_json
@click.option(
    "--origin",
    "with_origin",
    is_flag=True,
    help="Say where each value comes from: the file's line, a document of the broker, or default.",
)
@click.pass_context
def show(context: click.Context, path: Path, state_dir: Path, *, as_json: bool, with_origin: bool) -> None:
    """Show the configuration in force, with defaults; secrets are masked.

    Over the file count the documents of the broker that are stored in the state folder.
    Exit status: 0 shown, 2 the file cannot be used (its problems go to standard error).
    """
    try:
        found = in_force(path, state_dir)
    except ConfigurationError as error:
        _refuse(context, error)
    _told_beside(found.doubt)
    if found.left_out:
        _told_beside("The stored documents of the broker cannot be used with this file, which counts alone:")
        for problem in found.left_out:
            click.echo(_text(problem), err=True)
    loaded = found.loaded
    if as_json:
        report: dict[str, Any] = {"layers": list(found.layers), "settings": as_tree(loaded)}
        report["warnings"] = _records(loaded.warnings)
        if with_origin:
            report["origins"] = origins(loaded)
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        click.echo(f"# In force: {'; '.join(str(plain(name)) for name in found.layers)}")
        click.echo(as_toml(loaded, with_origin=with_origin), nl=False)


@config.command()
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors and other programs."""
    click.echo(schema_text(), nl=False)


@config.command("chromium-policy")
@_config
@click.option(
    "--before-146",
    is_flag=True,
    help="For Chromium 142 to 145 too: its one policy also opens the local network to these pages.",
)
@click.pass_context
def chromium_policy(context: click.Context, path: Path, *, before_146: bool) -> None:
    """Print the policy that lets the pages of intake.web.origins reach the agent.

    It belongs into a file in /etc/chromium/policies/managed/. Exit status: 0 printed, 1 no origin is configured,
    2 the file cannot be used.
    """
    from agent.intake import policy

    found = _used(context, path).settings.intake.web.origins
    if not found:
        raise click.ClickException(f"{path}: intake.web.origins names no page")
    said = policy.chromium_policy(found, before_146=before_146)
    click.echo(json.dumps(said, indent=2))
    for origin in said.get(policy.TREATED_AS_SECURE, ()):
        click.echo(f"note: {origin} is not encrypted: Chromium is told to treat its pages as secure.", err=True)


def _of_files(loaded: Loaded) -> Iterator[Problem]:
    """What is wrong in files that the configuration names, and that only a destination can judge."""
    if not loaded.settings.xapi.enabled:
        return
    from agent.runtime import learning  # not needed where there is no such destination, and not quick to load

    problem = learning.problem(loaded.settings)
    if problem is not None:
        yield replace(problem, origin=loaded.origin(problem.place))


def _used(context: click.Context, path: Path) -> Loaded:
    """What is in force; where the file cannot be used, its problems are told and the command ends."""
    try:
        return load(path)
    except ConfigurationError as error:
        _refuse(context, error)


def _refuse(context: click.Context, error: ConfigurationError) -> NoReturn:
    for problem in error.problems:
        click.echo(_text(problem), err=True)
    context.exit(Exit.USAGE)


def _told_beside(text: str | None) -> None:
    if text is not None:
        click.echo(text, err=True)


def _records(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    return [
        {
            "place": place_text(problem.place),
            "file": problem.origin.layer if problem.origin else None,
            "line": problem.origin.line if problem.origin else None,
            "what": problem.what,
            "allowed": problem.allowed,
            "suggestion": problem.suggestion,
            "remedy": problem.remedy,
        }
        for problem in problems
    ]


def _verdict(problems: int, warnings: int) -> str:
    beside = f", {count(warnings, 'warning')}" if warnings else ""
    return f"{count(problems, 'problem')}{beside}." if problems else f"can be used{beside}."


def _text(problem: Problem) -> str:
    """The problem, its quoted line included, safe for a terminal."""
    return "\n".join(str(plain(line)) for line in str(problem).replace("\t", "    ").split("\n"))
