"""The configuration file as setup writes it: what was answered, each setting with what it means.

Contract: `config_text(tree)` is TOML whose tree is `tree` again, as far as the model knows its keys; `strangers` names
the keys that it does not know, which are left out. Pure.
Rules: what is at its default and was not written before is not written either: a later version may have a better one.
"""

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

from agent.config.model import Settings
from agent.config.plain import toml
from agent.config.problems import Place, place_text
from agent.config.setting import Setting, Table, entries

_WIDTH: Final = 100
_OPENING: Final = """\
# The configuration of kiosk-agent, written by `kiosk-agent setup`, which keeps what is changed here by hand (but not
# comments). Secrets stand in the folder "secrets" beside this file, under the names that are given here.
# `kiosk-agent config check` names everything that is wrong with it; man kiosk-agent.toml explains every setting.
"""


def config_text(tree: Mapping[str, Any]) -> str:
    """The whole file."""
    return "\n".join([_OPENING, *_table(Settings, tree, ())]).rstrip() + "\n"


def strangers(tree: Mapping[str, Any]) -> list[str]:
    """The keys that are no settings."""
    return [place_text(place) for place in _strange(Settings, tree, ())]


def _table(model: type[Any], tree: Mapping[str, Any], path: tuple[str, ...], *, explained: bool = True) -> list[str]:
    """The values first: behind the header of a table below they would belong to that."""
    lines: list[str] = []
    for name, entry in entries(model):
        if isinstance(entry, Setting) and name in tree:
            comment = (
                textwrap.wrap(entry.help, _WIDTH, initial_indent="# ", subsequent_indent="# ") if explained else []
            )
            lines += [*comment, f"{name} = {toml(tree[name])}"]
    lines += [""] if lines else []
    for name, entry in entries(model):
        below = tree.get(name)
        if not isinstance(entry, Table):
            continue
        here = (*path, name)
        if entry.many and isinstance(below, list):
            for index, each in enumerate(below):
                if isinstance(each, Mapping):
                    lines += [f"[[{'.'.join(here)}]]", *_table(entry.model, each, here, explained=not index)]
        elif isinstance(below, Mapping):
            inside = _table(entry.model, below, here)
            has_values = any(isinstance(each, Setting) and key in below for key, each in entries(entry.model))
            lines += [f"[{'.'.join(here)}]", *inside] if has_values else inside
    return lines


def _strange(model: type[Any], tree: Mapping[str, Any], path: Place) -> Iterator[Place]:
    known = dict(entries(model))
    for key, value in tree.items():
        here = (*path, key)
        match known.get(key), value:
            case None, _:
                yield here
            case Table(inner, _, False), Mapping():
                yield from _strange(inner, value, here)
            case Table(inner, _, True), list():
                for index, each in enumerate(value):
                    if isinstance(each, Mapping):
                        yield from _strange(inner, each, (*here, index))
