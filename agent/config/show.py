"""The effective configuration as people and machines are shown it.

Contract: `shown(loaded)` yields every setting in the order of the model; `as_toml` and `as_tree` write them.
Rules: everything passes `masked`; the value of a secret setting is shown only where it certainly is a file's path.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config.files import Loaded
from agent.config.plain import jsonable, toml
from agent.config.problems import Origin, Place, place_text
from agent.config.redact import MASK, masked
from agent.config.setting import Setting, Table, entries


@dataclass(frozen=True, slots=True)
class Shown:
    """One effective setting: its masked value (None: not set) and where it comes from."""

    place: Place
    value: Any
    origin: Origin
    setting: Setting


@dataclass(frozen=True, slots=True)
class Heading:
    """The settings that follow stand in this table."""

    place: Place
    many: bool


def shown(loaded: Loaded) -> Iterator[Heading | Shown]:
    """Headings and settings, as they stand in a file."""
    return _below(loaded, loaded.settings, ())


def as_toml(loaded: Loaded, *, with_origin: bool) -> str:
    """The effective configuration as TOML; what is not set stands there as a comment."""
    lines: list[str] = []
    for each in shown(loaded):
        match each:
            case Heading(place, many):
                name = place_text(tuple(step for step in place if isinstance(step, str)))
                lines += ["", f"[[{name}]]" if many else f"[{name}]"]
            case Shown(place, None, _, setting):
                lines.append(f"# {place[-1]} is not set: {setting.unset or 'none'}")
            case Shown(place, value, origin):
                text = f"{place[-1]} = {toml(value)}"
                lines.append(f"{text:<50} # {origin}" if with_origin else text)
    return "\n".join(lines).lstrip() + "\n"


def as_tree(loaded: Loaded) -> dict[str, Any]:
    """The effective configuration as a tree for JSON; what is not set is null."""
    tree: dict[str, Any] = {}
    for each in shown(loaded):
        match each:
            case Heading(place, _):
                _make(tree, place)
            case Shown(place, value, _):
                _make(tree, place[:-1])[place[-1]] = jsonable(value)
    tree["player"].setdefault("playlist", [])
    return tree


def origins(loaded: Loaded) -> dict[str, Any]:
    """Where each effective value comes from, by its place."""
    return {
        place_text(each.place): {"layer": each.origin.layer, "line": each.origin.line}
        for each in shown(loaded)
        if isinstance(each, Shown)
    }


def _below(loaded: Loaded, model: Any, place: Place) -> Iterator[Heading | Shown]:
    for name, entry in entries(type(model)):
        value, here = getattr(model, name), (*place, name)
        match entry:
            case Setting():
                yield Shown(here, _visible(entry, value), loaded.origin(here), entry)
            case Table(many=True):
                for index, each in enumerate(value):
                    yield Heading((*here, index), many=True)
                    yield from _below(loaded, each, (*here, index))
            case Table():
                yield Heading(here, many=False)
                yield from _below(loaded, value, here)


def _visible(setting: Setting, value: Any) -> Any:
    match value:
        case str() if setting.secret:
            return value if Path(value).is_file() else MASK
        case str():
            return masked(value)
        case tuple():
            return tuple(_visible(setting, each) for each in value)
    return value


def _make(tree: Any, place: Place) -> Any:
    """The table at `place`, made where it is missing; elements of lists come in order."""
    for step, following in zip(place, (*place[1:], ""), strict=True):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            if step == len(tree):
                tree.append(empty)
        else:
            tree.setdefault(step, empty)
        tree = tree[step]
    return tree
