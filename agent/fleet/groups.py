"""`kiosk-fleet groups`: the groups, their devices and revisions.

Contract: exit 0 where the fleet could be read.
Rules: a group is there if a device says it belongs to it, a device's document puts one into it, or it has a document.
"""

from typing import Any

import click

from agent.fleet import documents
from agent.fleet.console import doubtful
from agent.fleet.documents import Damaged
from agent.fleet.exits import Exit
from agent.fleet.grid import grid
from agent.fleet.levels import groups_of
from agent.fleet.office import Office, operated
from agent.fleet.reading import snapshot
from agent.fleet.roster import HELD_BACK, complete, device_topics
from agent.fleet.sighting import Roll, Sighting
from agent.fleet.words import listed, plain
from agent.remote.documents import Document
from agent.remote.topics import Device, Fleet, Group

_HEAD = ("GROUP", "DEVICES", "ONLINE", "REVISION", "MEMBERS")


@click.command(short_help="List the groups, their devices and revisions.")
@operated
def groups(office: Office) -> Exit:
    """List the groups, their devices and revisions."""
    topics = office.topics
    asked = [*device_topics(topics, Fleet()), f"{topics.root}/device/+/desired", f"{topics.root}/group/+/desired"]
    roll = Roll(topics)
    own: dict[str, Document | Damaged] = {}
    shared: dict[str, Document | Damaged] = {}
    for topic, payload in snapshot(office.desk, asked).items():
        roll.take(topic, payload)
        match topics.parse(topic):
            case (Device(id) as level, "desired"):
                own[id] = documents.read(level, payload)
            case (Group(name) as level, "desired"):
                shared[name] = documents.read(level, payload)
    if complete(office.desk, topics, roll):
        office.console.tell([doubtful(HELD_BACK)])
    devices = {**{id: Sighting(id) for id in own}, **roll.devices}
    members: dict[str, list[Sighting]] = {name: [] for name in shared}
    for sighting in devices.values():
        for name in groups_of(sighting, own):
            members.setdefault(name, []).append(sighting)
    found = [_record(name, members[name], shared.get(name)) for name in sorted(members)]
    office.console.answer({"ok": True, "groups": found}, _lines(found))
    return Exit.OK


def _record(name: str, members: list[Sighting], document: Document | Damaged | None) -> dict[str, Any]:
    return {
        "name": name,
        "devices": sorted(each.id for each in members),
        "online": sum(each.is_online for each in members),
        "revision": document.revision if isinstance(document, Document) else None,
        "note": document.note if isinstance(document, Document) else None,
    }


def _lines(found: list[dict[str, Any]]) -> list[str]:
    if not found:
        return ["There are no groups: no device says it belongs to one, and none has a document."]
    rows = [
        [
            plain(each["name"]),
            f"{len(each['devices']):,}",
            f"{each['online']:,}",
            "-" if each["revision"] is None else str(each["revision"]),
            plain(listed(each["devices"])) or "nobody",
        ]
        for each in found
    ]
    return grid(_HEAD, rows, width=None)
