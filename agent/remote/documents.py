"""Documents of desired state, as operators publish them.

Contract: `parse` makes of a payload a `Document`, a `Removal`, or all that is wrong with it; it never raises, whatever
the bytes are. Pure.
Rules: unknown keys are refused, with what was probably meant. Only a payload that was delivered and is empty removes a
document. What the settings themselves say is judged later, together with the other layers (agent.remote.settling).
Reasons: decision 34 (JSON, null removes a key); a document with one wrong word must not count for half.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.config.broker import GroupName
from agent.config.kinds import Kind, MisfitError, MisfitsError, Several, Text, Whole, quoted
from agent.config.model import Settings
from agent.config.problems import Origin, Problem
from agent.config.setting import entries
from agent.config.suggest import closest
from agent.remote.jsontext import read
from agent.remote.topics import Device, Level

MOST_REVISION = 2**53 - 1
"""What every reader of JSON keeps exactly."""
NOTE_LENGTH = 500
MOST_GROUPS = 16

_KEYS = ("revision", "config", "note", "by")
_GROUPS = "groups"
_KINDS: dict[str, Kind] = {
    "revision": Whole(1, MOST_REVISION),
    "note": Text("a text in one line", NOTE_LENGTH),
    "by": Text("a name", 100),
    _GROUPS: Several(GroupName(), MOST_GROUPS),
}
_TABLES = frozenset(name for name, _ in entries(Settings))


@dataclass(frozen=True, slots=True)
class Document:
    """What one level wants. `tree`: settings as in the machine's file, None for a key that is to go.

    `groups`: of the device, at its own level; None: those of its file. `note`, `by`: for people.
    """

    level: Level
    revision: int
    tree: Mapping[str, Any]
    groups: tuple[str, ...] | None = None
    note: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Removal:
    """The level's document is to go."""

    level: Level


Parsed = Document | Removal | tuple[Problem, ...]


def parse(level: Level, payload: bytes) -> Parsed:
    """What arrived on the topic of `level`."""
    if not payload:
        return Removal(level)
    match read(payload, str(level)):
        case dict() as plain:
            return document(level, plain)
        case problems:
            return problems


def document(level: Level, plain: Mapping[str, Any]) -> Document | tuple[Problem, ...]:
    """The document that an object of JSON says, or all its problems."""
    known = (*_KEYS, _GROUPS) if isinstance(level, Device) else _KEYS
    problems = [_unknown(key, known) for key in plain if key not in known]
    problems += [Problem((key,), "is missing") for key in ("revision", "config") if key not in plain]
    tree = plain.get("config")
    if "config" in plain and not isinstance(tree, Mapping):
        problems.append(Problem(("config",), f"found {quoted(tree)}", "an object with settings"))
    revision, note, by, groups = (_value(plain, name, kind, problems) for name, kind in _KINDS.items())
    if groups and len(set(groups)) < len(groups):
        problems.append(Problem((_GROUPS,), "names a group twice", remedy="Keep the one whose place counts."))
    if problems or not isinstance(tree, Mapping):
        return tuple(replace(problem, origin=Origin(str(level))) for problem in problems)
    return Document(level, revision, tree, groups, note, by)


def fingerprint(document: Document) -> str:
    """The same for two documents that say the same, whoever wrote them; 1, 1.0 and true are not the same."""
    said = [document.tree, document.groups]
    return hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=16).hexdigest()


def _value(plain: Mapping[str, Any], name: str, kind: Kind, problems: list[Problem]) -> Any:
    value = plain.get(name)
    # Null is "not there" wherever something may be missing.
    if name not in plain or (value is None and name != "revision"):
        return None
    try:
        return kind.read(value)
    except MisfitsError as error:
        problems += [Problem((name, at), each.what, each.allowed) for at, each in error.each]
    except MisfitError as error:
        problems.append(Problem((name,), error.what, error.allowed))
    return None


def _unknown(key: str, known: tuple[str, ...]) -> Problem:
    if key == _GROUPS:
        return Problem((key,), "does not belong here", remedy="Only a device's own document names its groups.")
    if key in _TABLES:
        return Problem((key,), "does not belong here", remedy='Settings stand below "config".')
    meant = closest(key, known)
    return Problem((key,), "is not known", None if meant else ", ".join(known), suggestion=meant)
