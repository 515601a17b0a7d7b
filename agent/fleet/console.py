"""How kiosk-fleet talks with the person or the script that called it.

Contract: `Console.answer` writes what a command found: lines for people, one JSON object for machines; `tell` writes
beside it, on standard error; `confirm` asks.
Rules: colour only on a terminal and never where NO_COLOR is set; the text says the same without it. Nobody is asked
who does not sit at a terminal: a script says --yes, or nothing happens.
"""

import json
import os
import select
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import click


class UnconfirmedError(Exception):
    """The person said no, or there is none to ask; the text says which. `is_asked`: somebody was."""

    def __init__(self, text: str, *, is_asked: bool) -> None:
        super().__init__(text)
        self.is_asked = is_asked


@dataclass(frozen=True, slots=True)
class Console:
    """`as_json`: a machine reads along; `yes`: every question is answered."""

    as_json: bool = False
    yes: bool = False

    def answer(self, found: Mapping[str, Any], lines: Iterable[str]) -> None:
        """What the command is for, on standard output."""
        if self.as_json:
            click.echo(json.dumps(found, indent=2))
        else:
            show(lines)

    def tell(self, lines: Iterable[str]) -> None:
        """What a person wants to see meanwhile; nothing where a machine reads."""
        if not self.as_json:
            text = "\n".join(lines)
            if text:
                click.echo(text if colour_wanted(sys.stderr) else click.unstyle(text), err=True, color=True)

    def confirm(self, question: str, *, meanwhile: Callable[[], object] | None = None) -> None:
        """Go on, or raise `UnconfirmedError`. `meanwhile` is called again and again while the person thinks."""
        if self.yes:
            return
        if self.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UnconfirmedError("Nothing was done: nobody is here to be asked; say --yes.", is_asked=False)
        click.echo(f"{question} [y/N]: ", nl=False, err=True)
        while meanwhile is not None and not _has_line(sys.stdin):
            meanwhile()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise UnconfirmedError("Nothing was done.", is_asked=True)


def _has_line(stream: Any) -> bool:
    """Whether reading a line would not wait; a terminal gives whole lines."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):
        return True
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    return bool(poller.poll(0))


def colour_wanted(stream: Any) -> bool:
    """Whether `stream` shows colours to a person who wants them."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def dressed(lines: Iterable[str]) -> list[str]:
    """The lines as standard output shows them: without their colours where none are wanted."""
    return list(lines) if colour_wanted(sys.stdout) else [click.unstyle(line) for line in lines]


def show(lines: Iterable[str]) -> None:
    """Write a report to standard output."""
    click.echo("\n".join(dressed(lines)), color=True)


def good(text: str) -> str:
    return click.style(text, fg="green")


def doubtful(text: str) -> str:
    return click.style(text, fg="yellow")


def bad(text: str) -> str:
    return click.style(text, fg="red")


def faint(text: str) -> str:
    return click.style(text, dim=True)


def heading(text: str) -> str:
    return click.style(text, bold=True)
