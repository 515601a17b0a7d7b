"""What a device's own document must say so that the device runs as if another level's document were a new one.

Contract: `overlaid(levels, at, after)` answers the tree for the device's own document, or the places that no document
of a device can express. Pure.
Rules: `levels` are the trees that count for the device, in the order of precedence, its own last; `at` is the one that
changes. Laid over any machine's file, the answer gives exactly what the new document will give: what higher levels
say stays on top. A key that the new document no longer mentions cannot be expressed: what shows up under it is each
machine's file, which no operator sees. Neither can a table that is removed below and written above.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.config.problems import Place

Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Absent:
    """No document says anything about it."""


@dataclass(frozen=True, slots=True)
class _Anew:
    """A table that begins anew: a level below had removed it, so what lies under the documents does not count."""

    tree: Tree


@dataclass(frozen=True, slots=True)
class Inexpressible:
    """The change cannot be given to one device alone; `places` are why."""

    places: tuple[Place, ...]


def overlaid(levels: Sequence[Tree], at: int, after: Tree) -> dict[str, Any] | Inexpressible:
    """The tree of the device's own document, the last of `levels`, as if `after` stood in the place of `levels[at]`."""
    changed = [after if index == at else tree for index, tree in enumerate(levels)]
    patch: dict[str, Any] = {}
    missing = tuple(_differ(_laid(levels), _laid(changed), (), patch))
    if missing:
        return Inexpressible(missing)
    return _over(levels[-1], patch)


def _laid(levels: Sequence[Tree]) -> dict[str, Any]:
    """The documents as one, with nulls kept: they act on the machine's file."""
    found: dict[str, Any] = {}
    for tree in levels:
        found = _lay(tree, found)
    return found


def _lay(above: Tree, below: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(below)
    for key, value in above.items():
        under = below.get(key, _Absent())
        if not isinstance(value, Mapping):
            found[key] = value
        elif isinstance(under, _Anew):
            found[key] = _Anew(_lay(value, under.tree))
        elif isinstance(under, Mapping):
            found[key] = _lay(value, under)
        else:
            table = _lay(value, {})
            found[key] = table if isinstance(under, _Absent) else _Anew(table)
    return found


def _differ(
    before: Mapping[str, Any], after: Mapping[str, Any], place: Place, patch: dict[str, Any]
) -> Iterator[Place]:
    """Fill `patch` with what leads from `before` to `after`; the places that cannot be led there."""
    for key in dict.fromkeys((*before, *after)):
        old, new, here = before.get(key, _Absent()), after.get(key, _Absent()), (*place, key)
        if _same(old, new):
            continue
        if isinstance(new, _Absent) and isinstance(old, Mapping) and old:
            yield from _differ(old, {}, here, {})  # people want to know which of its keys
        elif isinstance(new, _Anew | _Absent) or (isinstance(new, Mapping) and not isinstance(old, Mapping | _Absent)):
            yield here
        elif isinstance(new, Mapping):
            inner: dict[str, Any] = {}
            yield from _differ(old if isinstance(old, Mapping) else {}, new, here, inner)
            patch[key] = inner
        else:
            patch[key] = new


def _over(tree: Tree, patch: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(tree)
    for key, value in patch.items():
        under = found.get(key)
        found[key] = _over(under if isinstance(under, Mapping) else {}, value) if isinstance(value, Mapping) else value
    return found


def _same(old: Any, new: Any) -> bool:
    # JSON's 1, 1.0 and true are three values, Python's are equal.
    if isinstance(old, _Anew | _Absent) or isinstance(new, _Anew | _Absent):
        return type(old) is type(new) and (not isinstance(old, _Anew) or _same(old.tree, new.tree))
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, Mapping) or isinstance(new, Mapping):
        return False
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)
