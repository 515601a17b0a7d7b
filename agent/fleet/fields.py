"""Reads what devices report, whose shape nobody may rely on: another version, a damaged store, a hostile device.

Contract: pure; each function answers a value of the type it names, or None (empty) where there is no such one.
Rules: a device that reports nonsense costs its own row some cells, never the operator's command.
"""

import json
import math
from collections.abc import Mapping
from typing import Any

Table = Mapping[str, Any]

# A state is a few KiB; what is far beyond is not one, and must not cost the operator's machine its memory.
MOST_BYTES = 1024 * 1024


def table_of(payload: bytes) -> Table | None:
    """The JSON object in `payload`; None for anything else."""
    if len(payload) > MOST_BYTES:
        return None
    try:
        found = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def table(tree: Table, *path: str) -> Table:
    """The object at `path`; an empty one where there is none."""
    found = _at(tree, path)
    return found if isinstance(found, Mapping) else {}


def tables(tree: Table, *path: str) -> list[Table]:
    """The objects in the list at `path`."""
    found = _at(tree, path)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def text(tree: Table, *path: str) -> str | None:
    """The text at `path`, where it is one that says something."""
    found = _at(tree, path)
    return found if isinstance(found, str) and found else None


def texts(tree: Table, *path: str) -> list[str]:
    """The texts in the list at `path`."""
    found = _at(tree, path)
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def number(tree: Table, *path: str) -> float | None:
    """The finite number at `path`."""
    found = _at(tree, path)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        found = float(found)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def whole(tree: Table, *path: str) -> int | None:
    """The whole number at `path`, of at most 2^53."""
    found = _at(tree, path)
    return found if isinstance(found, int) and not isinstance(found, bool) and abs(found) <= 1 << 53 else None


def flag(tree: Table, *path: str) -> bool | None:
    """The true or false at `path`."""
    found = _at(tree, path)
    return found if isinstance(found, bool) else None


def _at(tree: Table, path: tuple[str, ...]) -> Any:
    found: Any = tree
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found
