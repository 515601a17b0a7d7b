"""`kiosk-agent queue`: the events that wait to be delivered, and those that a destination refused for good.

Contract: each command asks a running agent, or reads the store itself where none runs. Exit 1 where that fails.
Rules: looking changes nothing; only `retry` writes, and says what it did.
Reasons: decision 25; decision 9 (a retried dead letter keeps its identity and goes to the tail).
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from agent.cli import queue_text
from agent.cli.calls import call
from agent.cli.layout import show
from agent.cli.place import state_dir_option
from agent.cli.store_text import store_report
from agent.cli.words import count

_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
_sink_option = click.option("--sink", metavar="NAME", help="Only what concerns one destination, such as stats.collect.")


@click.group(short_help="Look into the events that wait to be delivered.")
def queue() -> None:
    """Look into the events that wait to be delivered, and into those that were refused for good."""


@queue.command("list", short_help="List the events that wait, oldest first.")
@_sink_option
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many lines.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only what comes after this number.")
@click.option("--dead", is_flag=True, help="List dead letters instead: messages that were refused for good.")
@_json_option
@state_dir_option
def list_events(state_dir: Path, *, sink: str | None, limit: int, after: int, dead: bool, as_json: bool) -> None:
    """List the events that wait, oldest first, with the destinations that they wait for."""
    answer = call(state_dir, "queue.list", sink=sink, limit=limit, after=after, dead=dead)
    _print(answer, (queue_text.letters if dead else queue_text.events)(answer), as_json=as_json)


@queue.command("show", short_help="Show everything about one event.")
@click.argument("number", type=click.IntRange(1))
@click.option("--dead", is_flag=True, help="NUMBER is a dead letter's; show why it was refused, too.")
@_json_option
@state_dir_option
def show_event(state_dir: Path, number: int, *, dead: bool, as_json: bool) -> None:
    """Show everything about the event (or dead letter) NUMBER."""
    answer = call(state_dir, "queue.show", number=number, dead=dead)
    _print(answer, queue_text.details(answer), as_json=as_json)


@queue.command("stats", short_help="Count what waits, was delivered, passed over, dropped and refused.")
@_json_option
@state_dir_option
def stats(state_dir: Path, *, as_json: bool) -> None:
    """Count what waits, was delivered, passed over, dropped and refused, for each destination."""
    answer = call(state_dir, "queue.stats")
    _print(answer, store_report(answer), as_json=as_json)


@queue.command("retry", short_help="Send dead letters once more.")
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=click.IntRange(1))
@click.option("--all", "everything", is_flag=True, help="All dead letters of the destination named with --sink.")
@_sink_option
@_json_option
@state_dir_option
def retry(state_dir: Path, numbers: Sequence[int], *, everything: bool, sink: str | None, as_json: bool) -> None:
    """Put dead letters back at the tail of the queue, with their old identity and times.

    Do this after the reason for their refusal is gone; otherwise they come back.
    """
    if everything == bool(numbers) or (everything and sink is None):
        raise click.UsageError("Name dead letters by their numbers, or all of one destination: --all --sink NAME.")
    answer = call(state_dir, "queue.retry", numbers=None if everything else list(numbers), sink=sink)
    _print(answer, [f"{count(answer['retried'], 'message')} will be sent again."], as_json=as_json)


def _print(answer: Any, lines: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        show(lines)
