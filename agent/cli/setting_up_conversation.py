"""The questions of setup on a terminal.

Contract: `converse` asks until all is asked, each question until its answer fits; `ask_again` and `may_replace` let a
person decide. Ctrl-C and the end of the input raise click.Abort, and nothing was written.
Rules: what is asked, and what an answer means, is agent.runtime.setup.questions'. A secret is typed unseen.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import click

from agent.cli.layout import doubtful, show
from agent.cli.setting_up_text import question_help
from agent.cli.words import plain
from agent.config.problems import Place
from agent.runtime.setup.applying import install_demo
from agent.runtime.setup.draft import Draft
from agent.runtime.setup.media import DEMO, media_item
from agent.runtime.setup.places import Places
from agent.runtime.setup.questions import NOTHING, Question, Way, answer, next_question, shown_default


def converse(draft: Draft, asked: Collection[Place], places: Places) -> Draft:
    """Ask everything but what was `asked` already."""
    done = set(asked)
    while (question := next_question(draft, done)) is not None:
        if help_lines := question_help(question):
            show(help_lines)
        draft = _media(question, draft, places) if question.way is Way.LINES else _asked(question, draft)
        done.add(question.place)
    return draft


def ask_again(*, may_go_on: bool) -> str:
    """What to do about what failed: "correct", "go on" or "stop"."""
    words = {"c": "correct", "g": "go on", "s": "stop"} if may_go_on else {"c": "correct", "s": "stop"}
    asked = ", ".join(f"{key} = {word}" for key, word in words.items())
    return words[click.prompt(f"What now? ({asked})", type=click.Choice(list(words)), default="c", show_choices=False)]


def may_replace(path: Path) -> bool:
    """Whether the configuration that is there may go."""
    return click.confirm(f"{path} is there. Replace it (the old one stays as .bak)?", default=True)


def media_of(lines: Collection[str], places: Places) -> list[dict[str, Any]] | str:
    """The items that the lines name, or what is wrong with one of them. A demo's picture is put in its place."""
    items: list[dict[str, Any]] = []
    for line in lines:
        first, _, rest = line.strip().partition(" ")
        text = f"{install_demo(places)} {rest}".strip() if first == DEMO else line
        item = media_item(text, Path.cwd())
        if isinstance(item, str):
            return f"{line}: {item}"
        items.append(item)
    return items


def _asked(question: Question, draft: Draft) -> Draft:
    default = shown_default(question, draft)
    while True:
        text = click.prompt(
            question.text, default=default, show_default=bool(default), hide_input=question.way is Way.HIDDEN
        )
        found = answer(question, "" if text == default else text, draft)
        if isinstance(found, Draft):
            return found
        _complain(found)


def _media(question: Question, draft: Draft, places: Places) -> Draft:
    default = shown_default(question, draft)
    while True:
        lines: list[str] = []
        while text := _line(question.text, "" if lines else default):
            if text == default and not lines:
                return draft
            if text == NOTHING:
                return draft.with_value(question.place, None)
            lines.append(text)
        if not lines:
            return draft
        found = media_of(lines, places)
        if isinstance(found, list):
            return draft.with_value(question.place, found)
        _complain(found)


def _line(text: str, default: str) -> str:
    return str(click.prompt(text, default=default, show_default=bool(default))).strip()


def _complain(text: str) -> None:
    show([doubtful("  " + plain(text))])
