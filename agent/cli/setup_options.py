"""The answers to setup's questions as options of the command line.

Contract: `question_options` adds one for each question; `drafted` puts their values into a draft. Raises
click.UsageError, which names the option, for a value that the configuration may not have.
Rules: a secret is read from a file or from standard input: whoever lists the machine's processes would read it.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from agent.cli.setting_up_conversation import media_of
from agent.config.problems import Place
from agent.config.secrets import SECRET_BYTES, SecretError, read_secret
from agent.config.session import SessionMode
from agent.runtime.setup.draft import APP_TOKEN, KS, MODE, SECRET, Draft
from agent.runtime.setup.media import DEMO
from agent.runtime.setup.places import Places
from agent.runtime.setup.questions import BY_OPTION, QUESTIONS, Question, Way, answer

STDIN: Final = "-"
_PLAY: Final = "--play"
# What is meant where a secret is given and nobody says how the kiosk logs in.
_MODES: Final = {APP_TOKEN: SessionMode.APP_TOKEN, KS: SessionMode.KS_FILE, SECRET: SessionMode.SECRET}

Function = TypeVar("Function", bound=Callable[..., object])


def question_options(function: Function) -> Function:
    """Add an option for each question."""
    for each in reversed(QUESTIONS):
        match each.way:
            case Way.HIDDEN:
                text = f"{each.text}: the file that holds it, or {STDIN} for standard input."
                function = click.option(each.option, metavar="FILE", help=text)(function)
            case Way.LINES:
                text = f"{each.text}, with its Kaltura entry behind it; once for each medium."
                function = click.option(each.option, metavar="'MEDIUM [ENTRY]'", multiple=True, help=text)(function)
            case Way.LINE:
                kind = click.Choice(each.choices) if each.choices else None
                metavar = None if each.choices else "TEXT"
                function = click.option(each.option, type=kind, metavar=metavar, help=f"{each.text}.")(function)
    return function


def drafted(
    draft: Draft, options: Mapping[str, Any], places: Places, *, demo: str | None = None
) -> tuple[Draft, tuple[Place, ...]]:
    """The draft with the options' answers in it, and which settings they answer. `demo`: the entry of the picture."""
    given = {question: options.get(_parameter(option)) for option, question in BY_OPTION.items()}
    asked: list[Place] = []
    if demo is not None:
        given[BY_OPTION[_PLAY]] = (*(given[BY_OPTION[_PLAY]] or ()), f"{DEMO} {demo}")
    if sum(value == STDIN for question, value in given.items() if question.way is Way.HIDDEN) > 1:
        raise click.UsageError("Standard input can hold one secret only; put the others into files.")
    for question, value in given.items():
        if value is None or value == ():
            continue
        draft = _taken(question, value, draft, places)
        asked.append(question.place)
    meant = [mode for place, mode in _MODES.items() if place in asked]
    if meant and MODE not in asked:
        draft = draft.with_value(MODE, meant[0].value)
        asked.append(MODE)
    return draft, tuple(asked)


def _parameter(option: str) -> str:
    """The name that click gives an option's value."""
    return option.lstrip("-").replace("-", "_")


def _taken(question: Question, value: Any, draft: Draft, places: Places) -> Draft:
    match question.way:
        case Way.LINES:
            items = media_of(value, places)
            found = items if isinstance(items, str) else draft.with_value(question.place, items)
        case Way.HIDDEN:
            found = answer(question, _secret(question.option, str(value)), draft)
        case Way.LINE:
            found = answer(question, str(value), draft)
    if isinstance(found, str):
        raise click.UsageError(f"{question.option}: {found}.")
    return found


def _secret(option: str, value: str) -> str:
    try:
        if value != STDIN:
            return read_secret(Path(value))
        text = sys.stdin.read(SECRET_BYTES + 1).strip()
    except SecretError as error:
        raise click.UsageError(f"{option}: the file {error}.") from None
    if not text:
        raise click.UsageError(f"{option}: nothing came on standard input.")
    return text
