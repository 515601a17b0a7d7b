"""Judges one document of the broker by itself: for the operator's program, and before it is laid over anything.

Contract: `check_document(tree, allow)` answers everything that is wrong with a document's `config`, whatever
machine it is for; `allow` is the `remote.allow` of the machines that it is meant for. Pure, and whatever came out of
JSON, it raises nothing.
Rules: types, bounds, unknown keys, permission, and what must hold inside one item of the playlist. What only a whole
configuration has (an address while reporting is on, media roots and hosts) is judged where it is whole. A null is fine
wherever a key may be; a misspelt key is told although its value is null.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from agent.config.check import misfits
from agent.config.kinds import MisfitError
from agent.config.media import plain_fault
from agent.config.model import Settings
from agent.config.permission import MEDIA, Grant, forbidden, granted
from agent.config.player import PlaylistItem
from agent.config.problems import Problem, bounded
from agent.config.rules import items
from agent.config.setting import Setting, Table, entries
from agent.kernel.media import Role

_URI = dict(entries(PlaylistItem))["uri"]


def check_document(tree: Any, allow: Sequence[str] = ()) -> tuple[Problem, ...]:
    """All problems of one document, without origins."""
    return document_problems(tree, granted(allow))


def document_problems(tree: Any, grant: Grant) -> tuple[Problem, ...]:
    """The same, with what a machine grants."""
    if not isinstance(tree, Mapping):
        return misfits(tree)
    written = _written(tree, Settings)
    found = chain(misfits(written), forbidden(tree, grant), items(written), _media(written, grant))
    # An item's fault may be told from two sides.
    return tuple(bounded(dict.fromkeys(found)))


def _written(tree: Mapping[str, Any], model: type[Any]) -> dict[str, Any]:
    """The tree without the nulls that stand where a setting or table may be."""
    known = dict(entries(model))
    found: dict[str, Any] = {}
    for key, value in tree.items():
        match known.get(key), value:
            case (Setting() | Table(), None):
                continue
            case Table(inner, _, True), list() as several:
                found[key] = [_written(each, inner) if isinstance(each, Mapping) else each for each in several]
            case Table(inner), Mapping() as table:
                found[key] = _written(table, inner)
            case _:
                found[key] = value
    return found


def _media(tree: Mapping[str, Any], grant: Grant) -> Iterator[Problem]:
    if grant.names(MEDIA):
        return
    for index, uri, _ in media_of(tree):
        fault = plain_fault(("player", "playlist", index, "uri"), uri)
        if fault is not None:
            yield fault


def media_of(tree: Mapping[str, Any]) -> Iterator[tuple[int, str, bool]]:
    """What a tree's playlist names that can be an address: the item's index, the address, and if it is an overlay."""
    player = tree.get("player")
    playlist = player.get("playlist") if isinstance(player, Mapping) else None
    for index, item in enumerate(playlist if isinstance(playlist, list) else ()):
        if isinstance(item, Mapping) and isinstance(_URI, Setting):
            try:
                yield index, str(_URI.kind.read(item.get("uri"))), item.get("role") == Role.OVERLAY.value
            except MisfitError:
                continue
