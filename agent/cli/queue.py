"""`kiosk-agent queue`: the events that wait to be delivered; below it, `dead`: those that were refused for good.

Contract: each command asks a running agent, or reads the store itself where none runs. Exit 1 where that fails.
Rules: looking changes nothing.
Reasons: decision 25.
"""

from pathlib import Path

import click

from agent.cli import queue_text
from agent.cli.calls import call
from agent.cli.care import check, repair
from agent.cli.dead import dead
from agent.cli.layout import answered
from agent.cli.place import state_dir_option
from agent.cli.queue_export import export
from agent.cli.queue_import import import_file
from agent.cli.store_text import store_report

_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
_sink_option = click.option("--sink", metavar="NAME", help="Only what concerns one destination, such as stats.collect.")


@click.group(short_help="Look into the events that wait to be delivered.")
def queue() -> None:
    """Look into the events that wait to be delivered, and into those that were refused for good."""


@queue.command("list", short_help="List the events that wait, oldest first.")
@_sink_option
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many lines.")
@click.option("--after", type=click.IntRange(0), default=0, help="Only what comes after this number.")
@_json_option
@state_dir_option
def list_events(state_dir: Path, *, sink: str | None, limit: int, after: int, as_json: bool) -> None:
    """List the events that wait, oldest first, with the destinations that they wait for."""
    answer = call(state_dir, "queue.list", sink=sink, limit=limit, after=after)
    answered(answer, queue_text.events(answer), as_json=as_json)


@queue.command("show", short_help="Show everything about one event.")
@click.argument("number", type=click.IntRange(1))
@_json_option
@state_dir_option
def show_event(state_dir: Path, number: int, *, as_json: bool) -> None:
    """Show everything about the event NUMBER."""
    answer = call(state_dir, "queue.show", number=number)
    answered(answer, queue_text.details(answer), as_json=as_json)


@queue.command("stats", short_help="Count what waits, was delivered, passed over, dropped and refused.")
@_json_option
@state_dir_option
def stats(state_dir: Path, *, as_json: bool) -> None:
    """Count what waits, was delivered, passed over, dropped and refused, for each destination."""
    answer = call(state_dir, "queue.stats")
    answered(answer, store_report(answer), as_json=as_json)


queue.add_command(check)
queue.add_command(dead)
queue.add_command(export)
queue.add_command(import_file)
queue.add_command(repair)
