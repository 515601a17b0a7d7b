"""`kiosk-agent queue dead`: messages that a destination refused for good, kept whole until somebody decides.

Contract: each command asks a running agent, or opens the store itself where none runs. Exit 1 where that fails or a
number is not there; then nothing was changed.
Rules: looking changes nothing. `retry` and `discard` take numbers, or all of one destination, never everything by a
slip. `discard` asks on a terminal; what it throws away is counted as dropped (`discarded`) in `status` for ever.
Reasons: decision 25; decision 9 (a retried dead letter keeps its identity and goes to the tail).
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import click

from agent.cli import dead_text
from agent.cli.calls import call
from agent.cli.layout import answered
from agent.cli.place import state_dir_option
from agent.cli.words import count

Function = TypeVar("Function", bound=Callable[..., object])

_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
_sink_option = click.option("--sink", metavar="NAME", help="Only those of one destination, such as stats.collect.")


@click.group(short_help="Look after messages that were refused for good.")
def dead() -> None:
    """Look after dead letters: messages that a destination refused for good, each kept with the reason."""


def _choice(function: Function) -> Function:
    """Add the numbers and `--all --sink NAME` to a command."""
    numbers = click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=click.IntRange(1))
    everything = click.option(
        "--all", "everything", is_flag=True, help="All dead letters of the destination named with --sink."
    )
    return numbers(everything(_sink_option(function)))


def _check(numbers: Sequence[int], sink: str | None, *, everything: bool) -> None:
    if everything == bool(numbers) or (everything and sink is None):
        raise click.UsageError("Name dead letters by their numbers, or all of one destination: --all --sink NAME.")


@dead.command("list", short_help="List the messages that were refused, oldest first.")
@_sink_option
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many lines.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only what comes after this number.")
@_json_option
@state_dir_option
def list_letters(state_dir: Path, *, sink: str | None, limit: int, after: int, as_json: bool) -> None:
    """List the messages that were refused for good, oldest first, with the destination and its reason."""
    answer = call(state_dir, "queue.dead.list", sink=sink, limit=limit, after=after)
    answered(answer, dead_text.letters(answer), as_json=as_json)


@dead.command("show", short_help="Show everything about one refused message.")
@click.argument("number", type=click.IntRange(1))
@_json_option
@state_dir_option
def show_letter(state_dir: Path, number: int, *, as_json: bool) -> None:
    """Show why the message NUMBER was refused, in the destination's words, what was sent, and its event."""
    answer = call(state_dir, "queue.dead.show", number=number)
    answered(answer, dead_text.details(answer), as_json=as_json)


@dead.command("retry", short_help="Send refused messages once more.")
@_choice
@_json_option
@state_dir_option
def retry(state_dir: Path, numbers: Sequence[int], *, everything: bool, sink: str | None, as_json: bool) -> None:
    """Put dead letters back at the tail of the queue, with their old identity and times.

    Do this after the reason for their refusal is gone; otherwise they come back.
    """
    _check(numbers, sink, everything=everything)
    answer = call(state_dir, "queue.dead.retry", numbers=list(numbers) or None, sink=sink)
    answered(answer, [f"{count(answer['retried'], 'message')} will be sent again."], as_json=as_json)


@dead.command("discard", short_help="Throw refused messages away, counted.")
@_choice
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
@_json_option
@state_dir_option
def discard(
    state_dir: Path, numbers: Sequence[int], *, everything: bool, sink: str | None, yes: bool, as_json: bool
) -> None:
    """Throw dead letters away for good: those plays stay uncounted at the destination.

    What is thrown away is counted as dropped (discarded) in `status` and `queue stats`.
    """
    _check(numbers, sink, everything=everything)
    if not yes and is_terminal():
        number = len(set(numbers)) or call(state_dir, "queue.dead.list", sink=sink, limit=1)["total"]
        click.confirm(f"Throw {count(number, 'dead letter')} away for good?", abort=True, err=True)
    answer = call(state_dir, "queue.dead.discard", numbers=list(numbers) or None, sink=sink)
    answered(answer, [f"{count(answer['discarded'], 'dead letter')} thrown away, counted."], as_json=as_json)


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty()
