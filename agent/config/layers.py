"""Several configuration documents laid over each other, remembering which of them each value came from.

Contract: `merge` lays the layers over each other, the later ones on top; the result knows the origin of every place.
Rules: tables merge by key; everything else, a list too, is replaced whole (decision 34), so one list never comes from
two layers. Defaults are not a layer: they are the model's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.config.locate import nearest
from agent.config.problems import DEFAULT, Origin, Place

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Layer:
    """One document: its name for people, its tree, and the lines of its places where it is a text with lines."""

    name: str
    tree: Mapping[str, Any]
    lines: Mapping[Place, int]


@dataclass(frozen=True, slots=True)
class Merged:
    """The layers as one tree. `owners`: which layer each value and each table was last written by."""

    tree: Tree
    owners: Mapping[Place, Layer]

    def origin(self, place: Place) -> Origin | None:
        """Where `place`, or the innermost thing round it that is written, was written; None: nowhere."""
        for length in range(len(place), 0, -1):
            layer = self.owners.get(place[:length])
            if layer is not None:
                return Origin(layer.name, nearest(layer.lines, place))
        return None

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
        owners[here] = layer
        if isinstance(value, Mapping):
            if not isinstance(below.get(key), dict):
                below[key] = {}
            _lay(layer, value, below[key], here, owners)
        else:
            for hidden in [each for each in owners if len(each) > len(here) and each[: len(here)] == here]:
                del owners[hidden]
            below[key] = value


def _has(tree: Any, place: Place) -> bool:
    for step in place:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
