"""Loads the configuration from its file.

Contract: `load(path)` answers `Loaded`, or raises `ConfigurationError` with every problem, each with its line.
Rules: what is on disk is read once; nothing is written. Warnings do not keep the agent from starting.
Reasons: decision 34; later layers (fleet, group, device documents) come to `assemble` beside the file's.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from agent.config.addresses import SecretFile
from agent.config.check import check
from agent.config.identity import Machine, derived_id, read_machine
from agent.config.kinds import MisfitError
from agent.config.layers import Layer, Merged, merge
from agent.config.locate import lines
from agent.config.model import Settings
from agent.config.problems import DEFAULT, ConfigurationError, Origin, Place, Problem
from agent.config.resolve import resolve
from agent.config.secrets import secret_path, secret_problem, secret_warnings
from agent.config.setting import Setting, walk
from agent.config.toml import parse

DEFAULT_PATH = Path("/etc/kiosk-agent/agent.toml")
# A hundred times the largest sensible list: a file beyond this was named by mistake.
FILE_BYTES = 4 * 1024 * 1024

_DEVICE_ID: Place = ("device", "id")
DERIVED = Origin("derived")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a configuration means depends on: its folder, the environment, and the machine."""

    folder: Path
    environment: Mapping[str, str]
    machine: Machine


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings ready for use, the layers they came from, and what is doubtful about them."""

    settings: Settings
    merged: Merged
    warnings: tuple[Problem, ...]

    def origin(self, place: Place) -> Origin:
        """Where the effective value of one setting comes from."""
        written = self.merged.written(place)
        return DERIVED if written is DEFAULT and place == ("device", "id") else written


def load(
    path: Path = DEFAULT_PATH, *, environment: Mapping[str, str] | None = None, machine: Machine | None = None
) -> Loaded:
    """The configuration in the file at `path`; raises `ConfigurationError`.

    `environment` and `machine` are this process's and this machine's where they are not given.
    """
    surroundings = Surroundings(
        folder=path.absolute().parent,
        environment=os.environ if environment is None else environment,
        machine=read_machine() if machine is None else machine,
    )
    return assemble([read_layer(path)], surroundings)


def read_layer(path: Path) -> Layer:
    """The file as one layer; raises `ConfigurationError` where it cannot be read or is no TOML."""
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        remedy = "Name the configuration file with --config."
        raise ConfigurationError(
            (Problem((), f"cannot be read: {reason}", remedy=remedy, origin=Origin(name)),)
        ) from None
    if len(content) > FILE_BYTES:
        what = f"is larger than {FILE_BYTES // 1024 // 1024} MiB"
        raise ConfigurationError((Problem((), what, origin=Origin(name)),))
    try:
        # Editors on Windows put a byte order mark first.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = Origin(name, content.count(b"\n", 0, error.start) + 1)
        remedy = "Save the file as UTF-8."
        raise ConfigurationError((Problem((), "is not UTF-8 text", remedy=remedy, origin=at),)) from None
    match parse(text, name):
        case Problem() as problem:
            raise ConfigurationError((problem,))
        case tree:
            return Layer(name, tree, lines(text))


def assemble(layers: Sequence[Layer], surroundings: Surroundings) -> Loaded:
    """The layers as one configuration, accepted as a whole or refused with everything that is wrong with it."""
    merged = merge(layers)
    # What is missing altogether is best written into the first layer, the machine's own file.
    base = Origin(layers[0].name)
    checked = check(merged.tree)
    problems = [] if isinstance(checked, Settings) else list(checked)
    warnings: list[Problem] = []
    secrets: dict[Place, Path] = {}
    for place, name in _secrets(merged):
        path = secrets[place] = secret_path(name, surroundings.folder, surroundings.environment)
        problem = secret_problem(place, name, path, surroundings.environment)
        problems += [problem] if problem else []
        warnings += secret_warnings(place, name, path, surroundings.environment)
    device_id = _value(merged, _DEVICE_ID) or derived_id(surroundings.machine)
    if device_id is None:
        what = "is missing, and cannot be derived: this machine has neither a machine id nor a serial number"
        problems.append(Problem(_DEVICE_ID, what, remedy='Set id = "…" in [device].'))
    if problems or not isinstance(checked, Settings):
        raise ConfigurationError(_placed(problems, merged, base), _placed(warnings, merged, base))
    resolved = resolve(checked, folder=surroundings.folder, device_id=str(device_id), secrets=secrets)
    return Loaded(resolved.settings, merged, _placed([*warnings, *resolved.warnings], merged, base))


def _value(merged: Merged, place: Place) -> object:
    value: object = merged.tree
    for key in place:
        value = value.get(str(key)) if isinstance(value, dict) else None
    return value


def _secrets(merged: Merged) -> Iterator[tuple[Place, str]]:
    """The settings that name a secret's file, with what they say; one that says nonsense is left to `check`."""
    for place, _, entry in walk(Settings):
        if isinstance(entry, Setting) and entry.secret:
            with suppress(MisfitError):
                yield place, SecretFile().read(_value(merged, place))


def _placed(problems: Sequence[Problem], merged: Merged, base: Origin) -> tuple[Problem, ...]:
    """The problems with their origins, in the order of the file; those of no line first."""
    found = [(merged.origin(each.place) or base, each) for each in problems]
    return tuple(replace(each, origin=origin) for origin, each in sorted(found, key=lambda pair: pair[0].line or 0))
