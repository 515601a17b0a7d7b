"""What a document changes against the one before it.

Contract: `between` compares two trees and answers the changes in the order of the new one; `lines` writes them for
people. Pure.
Rules: as documents merge: tables by key, everything else whole. A key that is gone from the document (it says nothing
about it any more) is told apart from one that is null (it takes away what the levels below say).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from agent.config.problems import Place, place_text
from agent.config.redact import masked
from agent.fleet.words import plain

_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Absent:
    """The document says nothing about it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One key that differs. None is JSON's null."""

    place: Place
    before: Any
    after: Any


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """All changes from `before` to `after`."""
    return tuple(_walk(before, after, ()))


def lines(changes: tuple[Change, ...]) -> list[str]:
    """A line for each change: `+` is new, `-` gone, `~` another value."""
    return [_line(change) for change in changes]


def shown(value: Any) -> str:
    """A value on one line, cut where it is long, fit for a terminal."""
    if value is None:
        return "(removed: what the levels below say does not count)"
    text = plain(json.dumps(_masked(value), ensure_ascii=False))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _masked(value: Any) -> Any:
    """Without the credentials of addresses in it."""
    match value:
        case str():
            return masked(value)
        case Mapping():
            return {key: _masked(each) for key, each in value.items()}
        case list():
            return [_masked(each) for each in value]
    return value


def _walk(before: Mapping[str, Any], after: Mapping[str, Any], place: Place) -> Iterator[Change]:
    for key in [*after, *(key for key in before if key not in after)]:
        old, new, here = before.get(key, Absent()), after.get(key, Absent()), (*place, key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _walk(old, new, here)
        elif isinstance(new, Mapping) and new and isinstance(old, Absent):
            yield from _walk({}, new, here)
        elif isinstance(old, Mapping) and old and isinstance(new, Absent):
            yield from _walk(old, {}, here)
        # JSON's 1, 1.0 and true are three values, Python's are equal.
        elif isinstance(old, Absent) or isinstance(new, Absent) or _json(old) != _json(new):
            yield Change(here, old, new)


def _line(change: Change) -> str:
    name = plain(place_text(change.place))
    match change.before, change.after:
        case Absent(), after:
            return f"+ {name} = {shown(after)}"
        case before, Absent():
            return f"- {name} = {shown(before)}"
        case before, after:
            return f"~ {name} = {shown(after)}    was {shown(before)}"


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
