"""Several configuration documents laid over each other, remembering which of them each value came from.

Contract: `merge` lays the layers over each other, the later ones on top; the result knows the origin of every place.
Rules: tables merge by key; everything else, a list too, is replaced whole (decision 34), so one list never comes from
two layers. Defaults are not a layer: they are the model's. A null removes what the layers below have written there, a
whole table too, and later layers may write it again; inside an element of a list, which has nothing below it, a null
is as if the key were not written. A bare null among a list's elements stays, for the check to refuse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.config.locate import nearest
from agent.config.problems import DEFAULT, Origin, Place

Tree = dict[str, Any]

# The model's tables are four deep. What lies deeper is nobody's setting, and is left as it is: a document of a thousand
# brackets must not end the agent at Python's recursion limit.
DEEPEST = 16


@dataclass(frozen=True, slots=True)
class Layer:
    """One document: its name for people, its tree, and the lines of its places where it is a text with lines.

    `remote`: it came from the broker, so it may set only what agent.config.permission says.
    """

    name: str
    tree: Mapping[str, Any]
    lines: Mapping[Place, int]
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """The layers as one tree. `owners`: which layer each value and each table was last written, or removed, by."""

    tree: Tree
    owners: Mapping[Place, Layer]

    def origin(self, place: Place) -> Origin | None:
        """Where `place`, or the innermost thing round it that is written, was written; None: nowhere."""
        for length in range(len(place), 0, -1):
            layer = self.owners.get(place[:length])
            if layer is not None:
                return Origin(layer.name, nearest(layer.lines, place))
        return None

    def value(self, place: Place) -> object:
        """The value at `place`; None where nothing is written."""
        found: object = self.tree
        for key in place:
            found = found.get(str(key)) if isinstance(found, dict) else None
        return found

    def written(self, place: Place) -> Origin:
        """Where the value of a setting comes from: `DEFAULT` where no layer has it."""
        return self.origin(place) or DEFAULT if _has(self.tree, place) else DEFAULT


def merge(layers: Sequence[Layer]) -> Merged:
    """Lays `layers` over each other, the last one on top."""
    tree: Tree = {}
    owners: dict[Place, Layer] = {}
    for layer in layers:
        _lay(layer, layer.tree, tree, (), owners)
    return Merged(tree, owners)


def _lay(layer: Layer, above: Mapping[str, Any], below: Tree, place: Place, owners: dict[Place, Layer]) -> None:
    for key, value in above.items():
        here = (*place, key)
        is_table = isinstance(value, Mapping) and len(here) < DEEPEST
        if isinstance(below.get(key), dict) and not is_table:
            _forget(below[key], here, owners)
        if value is None:
            if key in below:
                owners[here] = layer
                del below[key]
            continue
        owners[here] = layer
        if is_table:
            if not isinstance(below.get(key), dict):
                below[key] = {}
            _lay(layer, value, below[key], here, owners)
        else:
            below[key] = _written(value, len(here))


def _forget(table: Tree, place: Place, owners: dict[Place, Layer]) -> None:
    """Nobody owns what stood below `place` any more."""
    for key, value in table.items():
        owners.pop((*place, key), None)
        if isinstance(value, dict) and len(place) < DEEPEST:
            _forget(value, (*place, key), owners)


def _written(value: Any, depth: int) -> Any:
    """The value with the keys left out that a table inside a list sets to null."""
    if depth >= DEEPEST:
        return value
    match value:
        case list():
            return [_written(each, depth + 1) for each in value]
        case Mapping():
            return {key: _written(each, depth + 1) for key, each in value.items() if each is not None}
    return value


def _has(tree: Any, place: Place) -> bool:
    for step in place:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
