"""What a rollout finds at the broker: the documents that count for some devices.

Contract: `read` gives a `Ground` for some devices; its methods are about one of them. Raises `DeskError`.
Rules: devices are asked for by name and a few at a time: a broker drops what it has no room to send in one go
(mosquitto: 1,000 messages a client), and a document that is overlooked here would be overwritten. Where a device says
that it has a document and none came, the broker is asked again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.fleet import documents
from agent.fleet.desk import Desk, DeskError
from agent.fleet.documents import Damaged
from agent.fleet.levels import groups_of
from agent.fleet.reading import QUIET_S, snapshot
from agent.fleet.rollout_overlay import Inexpressible, overlaid
from agent.fleet.sighting import Roll, Sighting
from agent.fleet.survey import Survey, next_revision, of_messages
from agent.remote.documents import Document
from agent.remote.topics import Device, Fleet, Group, Level, Topics

# A device has at most 21 messages here: its document and the history of 20.
_AT_ONCE = 40


class UnreadableError(DeskError):
    """A document that counts cannot be read, so nobody can say what a change would do."""


@dataclass(frozen=True, slots=True)
class Ground:
    """`retained`: documents of the fleet, the groups and the devices, as they are retained; `surveys`: by device."""

    topics: Topics
    retained: Mapping[Level, bytes]
    surveys: Mapping[str, Survey]

    def document(self, level: Level) -> Document | None:
        """The document of a level; `UnreadableError` where something else is retained."""
        payload = self.retained.get(level)
        found = None if payload is None else documents.read(level, payload)
        if isinstance(found, Damaged):
            raise UnreadableError(f"What is retained for {level} is no document: {found.text}. Mend it first.")
        return found

    def next_revision(self, device: str) -> int:
        """Of the device's own document."""
        found = next_revision(self.surveys[device])
        if found is None:
            raise UnreadableError(f"device/{device} has used up all revisions.")
        return found

    def overlay(self, sighting: Sighting, new: Document) -> dict[str, Any] | Inexpressible:
        """What the device's own document must say so that it runs as with `new`."""
        own = self.document(Device(sighting.id))
        names = groups_of(sighting, {} if own is None else {sighting.id: own})
        levels: list[Level] = [Fleet(), *(Group(name) for name in names), Device(sighting.id)]
        trees = [{} if (found := self.document(level)) is None else found.tree for level in levels]
        return overlaid(trees, levels.index(new.level), new.tree)


def read(desk: Desk, topics: Topics, roll: Roll, devices: Sequence[str]) -> Ground:
    """The ground for `devices`, as it is now."""
    common = snapshot(desk, [topics.desired(Fleet()), f"{topics.root}/group/+/desired"], first=QUIET_S)
    found: dict[str, dict[str, bytes]] = {device: {} for device in devices}
    for some in _few(devices):
        _gather(desk, topics, some, found)
    known = roll.devices
    sightings = {device: known.get(device, Sighting(device)) for device in devices}
    missing = [
        each for each in devices if topics.desired(Device(each)) not in found[each] and _has_one(sightings[each])
    ]
    for some in _few(missing):
        _gather(desk, topics, some, found)
    surveys = {device: _survey(topics, sightings[device], messages) for device, messages in found.items()}
    retained = dict(_documents(topics, [common, *found.values()]))
    return Ground(topics, retained, surveys)


def _survey(topics: Topics, sighting: Sighting, messages: Mapping[str, bytes]) -> Survey:
    state = {topics.state(sighting.id): json.dumps(sighting.state).encode()}
    return of_messages({**messages, **state}, topics, Device(sighting.id))


def _gather(desk: Desk, topics: Topics, devices: Sequence[str], found: dict[str, dict[str, bytes]]) -> None:
    root = f"{topics.root}/device"
    asked = [f"{root}/{device}/{part}" for device in devices for part in ("desired", "history/+")]
    for topic, payload in snapshot(desk, asked, first=QUIET_S).items():
        match topics.parse(topic):
            case Device(id), _ if id in found:
                found[id][topic] = payload


def _documents(topics: Topics, messages: Sequence[Mapping[str, bytes]]) -> Iterator[tuple[Level, bytes]]:
    for each in messages:
        for topic, payload in each.items():
            match topics.parse(topic):
                case level, "desired":
                    yield level, payload


def _has_one(sighting: Sighting) -> bool:
    report = sighting.level(f"device/{sighting.id}")
    return report is not None and report.wanted is not None


def _few(devices: Sequence[str]) -> Iterator[Sequence[str]]:
    return (devices[begin : begin + _AT_ONCE] for begin in range(0, len(devices), _AT_ONCE))
