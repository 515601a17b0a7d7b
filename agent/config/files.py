"""Loads the configuration from its file, and lays the documents of the broker over it.

Contract: `load(path)` answers `Loaded`, or raises `ConfigurationError` with every problem, each with its line.
`assemble` does the same for the file's layer and further ones, as often as a document comes: `read_layer` and
`surroundings_of` are asked once.
Rules: what is on disk is read once; nothing is written. Warnings do not keep the agent from starting. A layer of the
broker is judged by itself, and as what it makes of the whole; what it may do is read in the machine's own file alone,
the first layer, so that no document widens what the next may do.
Reasons: decisions 34 and 35.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.config.check import check
from agent.config.document import document_problems, media_of
from agent.config.identity import Machine, derived_id, read_machine
from agent.config.layers import Layer, Merged, merge
from agent.config.locate import lines
from agent.config.media import medium_fault
from agent.config.model import Settings
from agent.config.named_files import Surroundings, named_files
from agent.config.permission import MEDIA, Grant, forbidden, grant_of
from agent.config.problems import DEFAULT, ConfigurationError, Origin, Place, Problem, bounded
from agent.config.real_paths import is_below, real_folders
from agent.config.resolve import resolve
from agent.config.toml import parse

DEFAULT_PATH = Path("/etc/kiosk-agent/kiosk-agent.toml")
# A hundred times the largest sensible list: a file beyond this was named by mistake.
FILE_BYTES = 4 * 1024 * 1024
# The package's file and its folder are the agent's group's; it names credentials, so it is for nobody else.
_MAY_NOT = "This user may not read it: run the command as the agent's user (of the package: sudo -u kiosk-agent)."

_DEVICE_ID: Place = ("device", "id")
_PLAYLIST: Place = ("player", "playlist")
DERIVED = Origin("derived")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings ready for use, the layers they came from, and what is doubtful about them."""

    settings: Settings
    merged: Merged
    warnings: tuple[Problem, ...]

    def origin(self, place: Place) -> Origin:
        """Where the effective value of one setting comes from."""
        written = self.merged.written(place)
        return DERIVED if written is DEFAULT and place == _DEVICE_ID else written


def load(
    path: Path = DEFAULT_PATH, *, environment: Mapping[str, str] | None = None, machine: Machine | None = None
) -> Loaded:
    """The configuration in the file at `path`; raises `ConfigurationError`.

    `environment` and `machine` are this process's and this machine's where they are not given.
    """
    return assemble([read_layer(path)], surroundings_of(path, environment=environment, machine=machine))


def surroundings_of(
    path: Path, *, environment: Mapping[str, str] | None = None, machine: Machine | None = None
) -> Surroundings:
    """What the configuration in the file at `path` depends on; as with `load`."""
    return Surroundings(
        folder=path.absolute().parent,
        environment=os.environ if environment is None else environment,
        machine=read_machine() if machine is None else machine,
    )


def read_layer(path: Path) -> Layer:
    """The file as one layer; raises `ConfigurationError` where it cannot be read or is no TOML."""
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        remedy = _MAY_NOT if isinstance(error, PermissionError) else "Name the configuration file with --config."
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


@dataclass(frozen=True, slots=True)
class Alone:
    """A document of the broker by itself. `faults`: all its problems; `untouched`: the places that it may not set."""

    faults: tuple[Problem, ...]
    untouched: frozenset[Place]


def alone(layer: Layer, grant: Grant) -> Alone:
    """What is to be said of `layer`, whatever it is laid over."""
    faults = document_problems(layer.tree, grant)
    # More than is told is forbidden, where there is so much of it.
    untouched = frozenset(problem.place for problem in forbidden(layer.tree, grant))
    return Alone(tuple(replace(fault, origin=Origin(layer.name)) for fault in faults), untouched)


def assemble(
    layers: Sequence[Layer], surroundings: Surroundings, *, opinion: Callable[[Layer, Grant], Alone] = alone
) -> Loaded:
    """The layers as one configuration, accepted as a whole or refused with everything that is wrong with it.

    The first layer is the machine's file, whose word counts for what the others may do. `opinion`: as `alone`, for who
    judges the same documents again and again.
    """
    merged = merge(layers)
    # What is missing altogether is best written into the first layer, the machine's own file.
    base = Origin(layers[0].name)
    grant = grant_of(layers[0].tree)
    opinions = [opinion(layer, grant) for layer in layers if layer.remote]
    refused = [fault for each in opinions for fault in each.faults]
    untouched = {place for each in opinions for place in each.untouched}
    checked = check(merged.tree)
    files = named_files(merged, surroundings, untouched)
    problems = [*(() if isinstance(checked, Settings) else checked), *files.problems]
    problems += _media(merged, grant, surroundings.folder)
    device_id = merged.value(_DEVICE_ID) or derived_id(surroundings.machine)
    if device_id is None:
        what = "is missing, and cannot be derived: this machine has neither a machine id nor a serial number"
        problems.append(Problem(_DEVICE_ID, what, remedy='Set id = "…" in [device].'))
    if refused or problems or not isinstance(checked, Settings):
        # A fault of a document was found in it, and again in what it makes of the whole.
        told = dict.fromkeys([*refused, *_placed(problems, merged, base)])
        found = [each if each.origin else replace(each, origin=base) for each in bounded(told)]
        raise ConfigurationError(tuple(found), _placed(files.warnings, merged, base))
    resolved = resolve(checked, folder=surroundings.folder, device_id=str(device_id), files=files.paths)
    return Loaded(resolved.settings, merged, _placed([*files.warnings, *resolved.warnings], merged, base))


def _media(merged: Merged, grant: Grant, folder: Path) -> Iterator[Problem]:
    """What a playlist names that came from the broker, and may not."""
    owner = merged.owners.get(_PLAYLIST)
    if owner is None or not owner.remote or grant.names(MEDIA):
        return
    folders = real_folders(grant.media_roots)
    for index, uri, is_overlay in media_of(merged.tree):
        fault = medium_fault(
            (*_PLAYLIST, index, "uri"),
            uri,
            is_overlay=is_overlay,
            folder=folder,
            hosts=grant.media_hosts,
            is_below=lambda path: is_below(path, folders),
        )
        if fault is not None:
            yield fault


def _placed(problems: Sequence[Problem], merged: Merged, base: Origin) -> tuple[Problem, ...]:
    """The problems with their origins, in the order of the file; those of no line first."""
    found = [(merged.origin(each.place) or base, each) for each in problems]
    return tuple(replace(each, origin=origin) for origin, each in sorted(found, key=lambda pair: pair[0].line or 0))
