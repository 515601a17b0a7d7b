"""`kiosk-agent status`: whether this kiosk is fine, and what it is doing, asked over its control socket.

Contract: exit 0 with the agent's answer, 3 where none is running (with the store's own figures, read by this command
under the agent's lock), 1 where one is running but does not answer. `--check` is the healthcheck: one line, exit 0 only
where all is fine, 1 where something is not, 3 where no agent runs.
Rules: `--watch` and `--check` never open the store, for that would keep a starting agent from it.
Reasons: decision 25.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from agent.cli.calls import from_store
from agent.cli.exits import Exit
from agent.cli.layout import bad, doubtful, dressed, show
from agent.cli.place import state_dir_option
from agent.cli.short_text import short_report, verdict_line
from agent.cli.status_text import report
from agent.cli.words import plain
from agent.runtime.control import ControlError, NotRunningError, ask
from agent.runtime.health.judgement import judge
from agent.runtime.health.reasons import Verdict

WATCH_EVERY_S = 1.0

# Home and clear the screen, no wrapping, no cursor; each line clears what is left of the one before; then undo it.
_ENTER, _HOME, _LINE_END, _REST, _LEAVE = (
    "\x1b[2J\x1b[?7l\x1b[?25l",
    "\x1b[H",
    "\x1b[K\n",
    "\x1b[J",
    "\x1b[?7h\x1b[?25h",
)


@click.command(short_help="Show what the agent is doing.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for machines; with --watch one a line.")
@click.option("--watch", is_flag=True, help="Refresh every second until Ctrl-C.")
@click.option("--long", "--all", "is_long", is_flag=True, help="Everything that is known, instead of ten lines.")
@click.option(
    "--check", is_flag=True, help="The healthcheck: one line; exit status 0 if all is fine, 1 if not, 3 if none runs."
)
@state_dir_option
def status(state_dir: Path, *, as_json: bool, watch: bool, is_long: bool, check: bool) -> None:
    """Show in ten lines whether this kiosk is fine: what needs attention, player, queue, destinations.

    Exit status: 0 the agent answered, 1 it did not, 3 none is running. With --check 0 only where all is fine.
    """
    if check:
        sys.exit(_check(state_dir, as_json=as_json))
    if watch:
        _watch(state_dir, as_json=as_json, is_long=is_long)
        return
    try:
        _print(_judged(ask(state_dir, "status")), as_json=as_json, is_long=is_long)
    except NotRunningError as absent:
        _print(_of_store(state_dir, str(absent)), as_json=as_json, is_long=is_long)
        sys.exit(Exit.NOT_RUNNING)
    except ControlError as error:
        raise click.ClickException(str(error)) from None


def _check(state_dir: Path, *, as_json: bool) -> Exit:
    """The healthcheck's line, and how it ends."""
    try:
        judgement = judge(ask(state_dir, "status"))
    except NotRunningError as absent:
        return _checked("not running", str(absent), Exit.NOT_RUNNING, as_json=as_json)
    except ControlError as error:
        return _checked("no answer", str(error), Exit.FAILED, as_json=as_json)
    if as_json:
        click.echo(json.dumps(judgement.record()))
    else:
        click.echo(verdict_line(judgement))
    return Exit.OK if judgement.verdict is Verdict.FINE else Exit.FAILED


def _checked(verdict: str, text: str, end: Exit, *, as_json: bool) -> Exit:
    click.echo(json.dumps({"verdict": verdict, "text": text}) if as_json else f"{verdict}: {plain(text)}")
    return end


def _judged(answer: dict[str, Any]) -> dict[str, Any]:
    return {"running": True, "health": judge(answer).record(), **answer}


def _of_store(state_dir: Path, absent: str) -> dict[str, Any]:
    """What the store itself tells, where no agent runs."""
    from agent.runtime.figures import figures  # the store's room, which a running agent's answer does not need

    try:
        account = from_store(state_dir, lambda outbox: figures(outbox.statistics()), absent)
    except click.ClickException as error:
        return {"running": False, "text": error.message}
    return {"running": False, **account}


def _print(answer: dict[str, Any], *, as_json: bool, is_long: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        show(_report(answer, is_long=is_long))


def _report(answer: dict[str, Any], *, is_long: bool) -> list[str]:
    return (report if is_long else short_report)(answer, judge(answer))


def _watch(state_dir: Path, *, as_json: bool, is_long: bool) -> None:
    with _screen(in_place=not as_json and sys.stdout.isatty()) as in_place:
        while True:
            answer = _look(state_dir)
            if as_json:
                click.echo(json.dumps(answer))
            elif in_place:
                lines = [*_lines(answer, is_long=is_long), "", "Ctrl-C ends this view; the agent goes on."]
                click.echo(_HOME + _LINE_END.join(dressed(lines)) + _REST, nl=False, color=True)
            else:
                show([*_lines(answer, is_long=is_long), ""])
            time.sleep(WATCH_EVERY_S)


def _look(state_dir: Path) -> dict[str, Any]:
    try:
        return _judged(ask(state_dir, "status"))
    except NotRunningError as absent:
        return {"running": False, "text": str(absent)}
    except ControlError as error:
        return {"running": True, "text": str(error)}


def _lines(answer: dict[str, Any], *, is_long: bool) -> list[str]:
    if "text" not in answer:
        return _report(answer, is_long=is_long)
    return [doubtful(answer["text"]) if answer["running"] is False else bad(answer["text"])]


@contextmanager
def _screen(*, in_place: bool) -> Iterator[bool]:
    """A screen to paint on, put back as it was even by Ctrl-C."""
    if in_place:
        click.echo(_ENTER, nl=False, color=True)
    try:
        yield in_place
    except KeyboardInterrupt:
        pass
    finally:
        if in_place:
            click.echo(_LEAVE, color=True)
