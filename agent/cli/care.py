"""`kiosk-agent queue check` and `queue repair`: is the queue sound; save what can be read where it is not.

Contract: `check` asks a running agent, or reads the store itself where none runs; it ends with 1 where the store is
damaged, or its books are not balanced (agent.outbox.accounting), and changes nothing. `repair` works on a store at rest
alone; with an agent running it ends with 1, says what to do, and changes nothing.
Rules: neither is needed in daily life: a running agent checks its store in parts and repairs it by itself.
"""

import sys
from pathlib import Path
from typing import Any

import click

from agent.cli.calls import call, reached
from agent.cli.exits import Exit
from agent.cli.layout import answered
from agent.cli.place import state_dir_option
from agent.cli.words import count

_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object for machines.")
_RUNNING = (
    "{}, and has its store: it checks that by itself and repairs it while it runs (kiosk-agent queue check asks it). "
    "To repair by hand, stop it first: systemctl stop kiosk-agent"
)


@click.command(short_help="Read the whole queue, and say whether it is sound.")
@_json_option
@state_dir_option
def check(state_dir: Path, *, as_json: bool) -> None:
    """Read every row of the queue, and say whether it is sound and everything is accounted for."""
    after: int | None = 0
    problem = None
    while after is not None:
        found = call(state_dir, "queue.check", after=after)
        after, problem = found["after"], found["problem"]
    answer: dict[str, Any] = {"sound": problem is None, "problem": problem}
    if problem is None:
        figures = call(state_dir, "queue.stats")
        answer |= {"balanced": figures["queue"]["balanced"], "events": figures["queue"]["events"]}
        answer["ledger"] = _ledger(state_dir)
    answered(answer, _verdict(answer), as_json=as_json)
    if problem is not None or not answer["balanced"] or answer["ledger"] is not None:
        sys.exit(Exit.FAILED)


def _ledger(state_dir: Path) -> str | None:
    """What is wrong first with the ledger of plays; None where it is as it was written."""
    seen: dict[str, Any] = {"number": 0, "hash": "", "done": False}
    with reached(state_dir) as ask:
        while not seen["done"]:
            seen = ask("report.verify", number=seen["number"], hash=seen["hash"])
            if seen["faults"]:
                return str(seen["faults"][0]["what"])
    return None


def _verdict(answer: dict[str, Any]) -> list[str]:
    if not answer["sound"]:
        help_ = "A running agent repairs it at once, a start does too; by hand: kiosk-agent queue repair"
        return [f"The queue is damaged: {answer['problem']}", help_]
    if not answer["balanced"]:
        return ["Every row can be read, but the numbers do not add up: kiosk-agent queue stats shows where."]
    if answer["ledger"] is not None:
        return [
            f"The queue is sound, but the ledger of plays is not as it was written: {answer['ledger']}.",
            "kiosk-agent report --verify shows all of it; the agent goes on recording plays.",
        ]
    return [f"The queue is sound: every row was read, {count(answer['events'], 'event')} waiting, all accounted for."]


@click.command(short_help="Save what can be read of a damaged queue (no agent may run).")
@_json_option
@state_dir_option
def repair(state_dir: Path, *, as_json: bool) -> None:
    """Read every row of the queue, and save what can be read into a new one where it is damaged.

    The damaged file is kept beside it. An agent does the same by itself; none may run meanwhile.
    """
    from agent.outbox.errors import StoreError
    from agent.outbox.repairing import repair as repaired
    from agent.runtime.control import ControlError, NotRunningError, ask

    try:
        pid = ask(state_dir, "status")["pid"]
    except NotRunningError:
        pass
    except ControlError as error:
        raise click.ClickException(_RUNNING.format(str(error).rstrip("."))) from None
    else:
        raise click.ClickException(_RUNNING.format(f"An agent is running on {state_dir} (pid {pid})"))
    try:
        found = repaired(state_dir)
    except StoreError as error:
        raise click.ClickException(f"{error} {error.remedy}") from None
    if found is None:
        answered({"repaired": False}, ["The queue is sound; nothing was changed."], as_json=as_json)
        return
    saved = f"{count(found.events, 'event')} and {count(found.dead_letters, 'dead letter')} saved"
    answer = {
        "repaired": True,
        "why": found.why,
        "set_aside": str(found.aside),
        "events": found.events,
        "lost": found.lost,
        "dead_letters": found.dead_letters,
    }
    lines = [
        f"The queue was damaged ({found.why}): {saved}, {count(found.lost, 'event')} known lost, counted as damage.",
        f"The damaged file is {found.aside}.",
    ]
    answered(answer, lines, as_json=as_json)
