"""Which devices a level's document is for.

Contract: `belongs(sighting, level, own)` says whether it is for this device. Pure.
Rules: a device says itself which groups it is in (its own file may name them); the groups of its own document count
before it has said so, since they take the place of the others.
"""

from collections.abc import Iterable, Mapping
from typing import assert_never

from agent.fleet.documents import Damaged
from agent.fleet.sighting import Sighting
from agent.remote.documents import Document
from agent.remote.topics import Device, Fleet, Group, Level

OwnDocuments = Mapping[str, Document | Damaged]


def belongs(sighting: Sighting, level: Level, own: OwnDocuments) -> bool:
    """Whether the document of `level` is for this device; `own`: the devices' own documents, by id."""
    match level:
        case Fleet():
            return True
        case Group(name):
            return name in groups_of(sighting, own)
        case Device(id):
            return sighting.id == id
        case _:
            assert_never(level)


def groups_of(sighting: Sighting, own: OwnDocuments) -> tuple[str, ...]:
    """The groups of a device, in the order in which they count."""
    match own.get(sighting.id):
        case Document(groups=tuple() as groups):
            return groups
        case _:
            return sighting.groups


def members(sightings: Iterable[Sighting], level: Level, own: OwnDocuments) -> list[str]:
    """The ids of the devices that the document of `level` is for, by name."""
    return sorted(each.id for each in sightings if belongs(each, level, own))
