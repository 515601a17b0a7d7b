"""What an operator wants a level's document to say.

Contract: `of_file` reads it, `with_values` and `without` change one that is there; all pure but for the file, and they
raise `InvalidError` with every problem.
Rules: a file is TOML, or JSON where its name ends in .json (JSON may hold null, TOML cannot: `removing`). A value on
the command line is TOML; a word that is none is taken as text, since a shell eats quotation marks.
"""

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from agent.config import toml
from agent.config.problems import Origin, Problem
from agent.fleet.office import InvalidError
from agent.fleet.words import plain
from agent.remote.jsontext import MOST_BYTES
from agent.remote.jsontext import read as read_json

Tree = dict[str, Any]


def of_file(path: Path) -> Tree:
    """The settings in the file."""
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidError(f"{path} cannot be read: {(error.strerror or 'unknown reason').lower()}.") from None
    if len(content) > MOST_BYTES:
        raise InvalidError(f"{path} is larger than {MOST_BYTES // 1024} KiB, and no device takes such a document.")
    if path.suffix.lower() == ".json":
        found = read_json(content, str(path))
        if isinstance(found, dict):
            return found
        raise InvalidError(f"{path} cannot be used.", found)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidError(f"{path} is not UTF-8 text.") from None
    parsed = toml.parse(text, str(path))
    if isinstance(parsed, Problem):
        raise InvalidError(f"{path} cannot be used.", [parsed])
    return parsed


def with_values(tree: Mapping[str, Any], pairs: Sequence[str]) -> Tree:
    """`tree` with `key=value` pairs written into it."""
    changed = deepcopy(dict(tree))
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise InvalidError(f"{plain(pair)} is no KEY=VALUE, as player.volume=50.")
        _write(changed, name, _value(name, text.strip()))
    return changed


def removing(tree: Mapping[str, Any], names: Sequence[str]) -> Tree:
    """`tree` with null at `names`: what the levels below say about them does not count."""
    changed = deepcopy(dict(tree))
    for name in names:
        _write(changed, name, None)
    return changed


def without(tree: Mapping[str, Any], names: Sequence[str]) -> Tree:
    """`tree` saying nothing about `names` any more; a table that is empty then goes too."""
    changed = deepcopy(dict(tree))
    missing = [name for name in names if not _take(changed, _path(name))]
    if missing:
        remedy = "To have what the levels below say not count, use --everywhere."
        problems = [Problem(tuple(_path(name)), "is not in the document", remedy=remedy) for name in missing]
        raise InvalidError("There is nothing to take out.", problems)
    return changed


def _value(name: str, text: str) -> Any:
    try:
        found = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        found = {}
    if set(found) == {"value"}:
        return found["value"]
    if not text or text[0] in "\"'[{" or "\n" in text:
        problem = Problem(tuple(_path(name)), "has no value of TOML", 'as 50, true, "a text" or ["a", "list"]')
        raise InvalidError("The value cannot be read.", [problem])
    return text


def _path(name: str) -> list[str]:
    steps = name.strip().split(".")
    if not all(steps):
        raise InvalidError(f"{plain(name)!r} is no setting's name, as player.volume.")
    return steps


def _write(tree: Tree, name: str, value: Any) -> None:
    *tables, last = _path(name)
    for step in tables:
        inner = tree.get(step)
        if inner is None:
            inner = tree[step] = {}
        if not isinstance(inner, dict):
            what = "is a value in the document, and no table"
            problem = Problem(tuple(_path(name)), what, origin=Origin(name))
            raise InvalidError(f"{plain(name)} cannot be written.", [problem])
        tree = inner
    tree[last] = value


def _take(tree: Tree, path: Sequence[str]) -> bool:
    """Take the key away; whether it was there."""
    first, *rest = path
    if first not in tree:
        return False
    if not rest:
        del tree[first]
        return True
    inner = tree[first]
    if not isinstance(inner, dict) or not _take(inner, rest):
        return False
    if not inner:
        del tree[first]
    return True
