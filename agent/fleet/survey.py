"""What an operator knows about a level before changing it.

Contract: `survey` reads it from the broker in one go; `next_revision` says which revision comes next. A `Survey` is a
value.
Rules: a revision is never used twice within a level, or devices would hold two documents for the same: it is above all
that is retained, all that the history has, and all that a device has seen (a broker that was killed may have lost the
newest).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from agent.fleet import documents
from agent.fleet.desk import Desk
from agent.fleet.documents import Damaged, Kept
from agent.fleet.levels import OwnDocuments, belongs, members
from agent.fleet.reading import snapshot
from agent.fleet.roster import complete, device_topics
from agent.fleet.sighting import Roll
from agent.remote.documents import MOST_REVISION, Document
from agent.remote.topics import Device, Fleet, Group, Level, Topics

# A device's word about revisions counts as long as it is plausible: one that lies must not use up all there are.
FARTHEST_JUMP = 1_000_000


@dataclass(frozen=True, slots=True)
class Survey:
    """One level: its retained payload and what that says, its history by revision, its devices.

    `own`: the devices' own documents, where groups were asked for. `is_partial`: the broker held some devices back.
    """

    level: Level
    payload: bytes | None
    document: Document | Damaged | None
    history: Mapping[int, Kept | Damaged]
    roll: Roll
    own: OwnDocuments
    is_partial: bool = False

    @property
    def members(self) -> list[str]:
        """The devices that the level's document is for, as far as they are known."""
        return members(self.roll.devices.values(), self.level, self.own)

    @property
    def online(self) -> list[str]:
        """Those of them that are there."""
        return [each for each in self.members if self.roll.devices[each].is_online]


def survey(desk: Desk, topics: Topics, level: Level) -> Survey:
    """Reads everything about `level`."""
    asked = [topics.desired(level), f"{topics.root}/{level}/history/+", *device_topics(topics, level)]
    match level:
        case Group():
            asked.append(f"{topics.root}/device/+/desired")
        case Fleet() | Device():
            pass
        case _:
            assert_never(level)
    found = of_messages(snapshot(desk, asked), topics, level)
    return replace(found, is_partial=complete(desk, topics, found.roll))


def of_messages(found: Mapping[str, bytes], topics: Topics, level: Level) -> Survey:
    """The survey that retained messages make."""
    roll = Roll(topics)
    history: dict[int, Kept | Damaged] = {}
    own: dict[str, Document | Damaged] = {}
    for topic, payload in found.items():
        roll.take(topic, payload)
        match topics.parse(topic):
            case Device(id) as device, "desired":
                own[id] = documents.read(device, payload)
            case at, part if at == level and (revision := revision_of(part)) is not None:
                history[revision] = documents.read_kept(level, payload)
    retained = found.get(topics.desired(level))
    present = None if retained is None else documents.read(level, retained)
    return Survey(level, retained, present, dict(sorted(history.items())), roll, own)


def revision_of(part: str) -> int | None:
    """The revision in `history/7`."""
    kind, _, number = part.partition("/")
    return int(number) if kind == "history" and number.isascii() and number.isdigit() and len(number) <= 16 else None


def next_revision(found: Survey) -> int | None:
    """The revision that the next document of the level gets; None where all are used up."""
    known = max([0, *found.history])
    if isinstance(found.document, Document):
        known = max(known, found.document.revision)
    name = str(found.level)
    for sighting in found.roll.devices.values():
        report = sighting.level(name) if belongs(sighting, found.level, found.own) else None
        if report is not None and report.wanted is not None and report.wanted <= known + FARTHEST_JUMP:
            known = max(known, report.wanted)
    return known + 1 if known < MOST_REVISION else None
