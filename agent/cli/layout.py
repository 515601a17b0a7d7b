"""How a report is laid out: a label, then lines that stand under each other.

Contract: `section` gives the lines of one part; `show` writes a report to stdout.
Styles are in the lines as ANSI codes.
Rules: colour only on a terminal and never where NO_COLOR is set (no-color.org); the text says the same without it.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

LABEL_WIDTH = 10


def section(label: str, lines: Sequence[str]) -> list[str]:
    """`lines` under each other, with `label` before the first; nothing for no lines."""
    return [
        (click.style(label.ljust(LABEL_WIDTH), bold=True) if index == 0 else " " * LABEL_WIDTH) + line
        for index, line in enumerate(lines)
    ]


def joined(*parts: str | None) -> str:
    """The parts that say something, divided by a dot."""
    return " · ".join(part for part in parts if part)


def good(text: str) -> str:
    return click.style(text, fg="green")


def doubtful(text: str) -> str:
    return click.style(text, fg="yellow")


def bad(text: str) -> str:
    return click.style(text, fg="red")


def faint(text: str) -> str:
    return click.style(text, dim=True)


_STATES = {
    "playing": good,
    "idle": good,
    "sending": good,
    "waiting": doubtful,
    "stalled": doubtful,
    "starting": doubtful,
    "held": bad,
    "closed": doubtful,
    "off": faint,
}


def state_word(state: str) -> str:
    """A state of the player or of a destination, coloured by whether it needs attention."""
    return _STATES.get(state, str)(state)


def paragraphs(*parts: Sequence[str]) -> list[str]:
    """The lines of the parts that have any, with an empty line between them."""
    lines: list[str] = []
    for part in parts:
        if part:
            lines += ["", *part] if lines else part
    return lines


def colour_wanted() -> bool:
    """Whether stdout shows colours to a person who wants them."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def dressed(lines: Iterable[str]) -> list[str]:
    """The lines as this terminal shows them: without their colours where none are wanted."""
    return list(lines) if colour_wanted() else [click.unstyle(line) for line in lines]


def show(lines: Iterable[str]) -> None:
    """Write a report to stdout."""
    click.echo("\n".join(dressed(lines)), color=True)


def answered(answer: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """Write an answer to stdout: whole for a machine, `lines` for a person."""
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        show(lines)
