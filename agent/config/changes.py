"""What differs between two configurations, and a short name for what is in force.

Contract: `changes(old, new)` answers each setting that differs, with when a change of it takes effect; `settings_hash`
answers twelve hexadecimal digits that are the same for the same settings in every process and on every Python. Pure.
Rules: the playlist is one place, since an item has no name by which it could be followed through two lists.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agent.config.model import Settings
from agent.config.plain import jsonable
from agent.config.setting import Effect, Setting, Table, entries

HASH_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Change:
    """The setting at `place` is another; `effect`: when that counts, or which part has to be started again for it."""

    place: tuple[str, ...]
    effect: Effect


def changes(old: Settings, new: Settings) -> tuple[Change, ...]:
    """Every setting that differs, in the order of the model."""
    return tuple(_between(old, new, ()))


def settings_hash(settings: Settings) -> str:
    """A name for the effective settings: equal settings have equal ones, and others almost surely have not."""
    text = json.dumps(_tree(settings), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:HASH_DIGITS]


def _between(old: Any, new: Any, place: tuple[str, ...]) -> Iterator[Change]:
    for name, entry in entries(type(old)):
        before, after, here = getattr(old, name), getattr(new, name), (*place, name)
        match entry:
            case Setting(effect=effect) if before != after:
                yield Change(here, effect)
            case Table(many=True) if before != after:
                yield Change(here, Effect.LIVE)
            case Table(many=False):
                yield from _between(before, after, here)


def _tree(model: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, entry in entries(type(model)):
        value = getattr(model, name)
        match entry:
            case Setting():
                found[name] = jsonable(value)
            case Table(many=True):
                found[name] = [_tree(each) for each in value]
            case Table():
                found[name] = _tree(value)
    return found
