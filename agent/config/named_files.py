"""The files that settings name: secrets, and the certificates of the broker's connection.

Contract: `named_files(merged, surroundings, passed_over)` answers where each is, what keeps it from being used, and
what is doubtful about it. It reads them, and keeps nothing of what it read.
Rules: a setting that says nonsense is left to agent.config.check. What a document may not set (`passed_over`) is not
even looked for: its refusal must not tell what is on the machine's disk.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from agent.config.addresses import SecretFile
from agent.config.broker import KeyFile, PublicFile
from agent.config.identity import Machine
from agent.config.kinds import MisfitError
from agent.config.layers import Merged
from agent.config.model import Settings
from agent.config.problems import Place, Problem
from agent.config.secrets import secret_path, secret_problem, secret_warnings
from agent.config.setting import Setting, walk


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a configuration means depends on: its folder, the environment, and the machine."""

    folder: Path
    environment: Mapping[str, str]
    machine: Machine


@dataclass(slots=True)
class NamedFiles:
    """Where each setting's file is, and what is wrong, or doubtful, about it."""

    paths: dict[Place, Path] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)


def named_files(merged: Merged, around: Surroundings, passed_over: Collection[Place] = ()) -> NamedFiles:
    """All files that the settings name."""
    found = NamedFiles()
    for place, kind, name in _named(merged):
        if place in passed_over:
            continue
        match kind:
            case SecretFile():
                path = secret_path(name, around.folder, around.environment)
                many = isinstance(kind, KeyFile)
                problem = secret_problem(place, name, path, around.environment, many_lines=many)
                found.warnings += secret_warnings(place, name, path, around.environment)
            case PublicFile():
                path = around.folder / name
                problem = _unreadable(place, path)
            case never:
                assert_never(never)
        found.paths[place] = path
        found.problems += [problem] if problem else []
    return found


def _named(merged: Merged) -> Iterator[tuple[Place, SecretFile | PublicFile, str]]:
    for place, _, entry in walk(Settings):
        if isinstance(entry, Setting) and isinstance(entry.kind, SecretFile | PublicFile):
            with suppress(MisfitError):
                yield place, entry.kind, entry.kind.read(merged.value(place))


def _unreadable(place: Place, path: Path) -> Problem | None:
    try:
        with path.open("rb") as file:
            is_empty = not file.read(1)
    except OSError as error:
        reason = f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
    else:
        if not is_empty:
            return None
        reason = "is empty"
    remedy = "Check the path, and that the agent's user may read the file."
    return Problem(place, f"names the file {path}, which {reason}", remedy=remedy)
