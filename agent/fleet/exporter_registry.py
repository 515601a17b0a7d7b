"""The devices that the exporter knows of, in little memory.

Contract: `Registry.take` notes one message, `renew` all that the broker keeps at once; `devices` answers each with its
place. `take` and `renew` are one thread's, `devices` may be any other's.
Rules: of a report only what is shown is kept, and a text's beginning; at most `MOST_DEVICES` devices, the others are
counted. A device is expected where the inventory names it; without one, where the broker has a document for it or it
has told of itself. What is kept of a device that is not expected is a retired one's; without an inventory a device is
retired once all that was kept of it has been cleared (`kiosk-fleet remove`).
"""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Final

from agent.fleet import fields
from agent.fleet.sighting import FOREIGN_BIRTHS, TAKEN_OVER, Sighting, Standing, presence_of
from agent.remote.topics import Device, Topics

MOST_DEVICES: Final = 20_000
MOST_TEXT: Final = 100
MOST_SINKS: Final = 8
MOST_LEVELS: Final = 18
PARTS: Final = ("presence", "state", "desired")

# What of a report is shown, or tells of a problem (agent.fleet.ailments).
_KEPT: Final[Mapping[str, tuple[str, ...] | None]] = {
    "session": None,
    "version": None,
    "reported": None,
    "report_every_s": None,
    "uptime_s": None,
    "device": ("name", "site"),
    "clock": ("synced",),
    "config": ("state", "broken"),
    "player": ("state", "display", "should_show", "restarts"),
    "queue": ("depth", "oldest_age_s", "volatile"),
    "machine": ("disk_free_bytes", "disk_bytes", "temperature_c", "under_voltage"),
    "counters": (TAKEN_OVER, FOREIGN_BIRTHS),
}
_OF_SINK: Final = ("name", "state", "text", "delivered", "dead_letters")


class Place(Enum):
    """Where a device stands; the values of a label."""

    ONLINE = "online"
    LOST = "lost"
    STOPPED = "stopped"
    UNKNOWN = "unknown"
    MISSING = "missing"
    RETIRED = "retired"


_PLACES: Final = {
    Standing.ONLINE: Place.ONLINE,
    Standing.LOST: Place.LOST,
    Standing.STOPPED: Place.STOPPED,
    Standing.UNKNOWN: Place.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Known:
    """One device. `sighting`: its presence, and what is kept of its report."""

    id: str
    place: Place
    sighting: Sighting


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the broker keeps of a device. `is_cleared`: nothing any more."""

    sighting: Sighting
    has_document: bool = False
    is_cleared: bool = False

    @property
    def has_told(self) -> bool:
        return self.sighting.presence is not None or bool(self.sighting.state)


class Registry:
    """`most`: devices. `overflow`: messages of others; `messages`: all of them."""

    def __init__(self, topics: Topics, most: int = MOST_DEVICES) -> None:
        self._topics = topics
        self._most = most
        self._changing = threading.Lock()
        self._kept: dict[str, _Kept] = {}
        self._inventory: frozenset[str] | None = None
        self.messages = 0
        self.overflow = 0

    def expect(self, inventory: Collection[str] | None) -> None:
        """From now on these devices are expected; None: there is no inventory."""
        with self._changing:
            self._inventory = None if inventory is None else frozenset(inventory)

    @property
    def ids(self) -> list[str]:
        """All that are known or expected."""
        with self._changing:
            return sorted({*self._kept, *(self._inventory or ())})

    def take(self, topic: str, payload: bytes) -> None:
        """Note a message."""
        match self._topics.parse(topic):
            case (Device(id), part) if part in PARTS:
                self._take(id, part, payload)

    def renew(self, found: Mapping[str, bytes]) -> None:
        """These are all messages that the broker keeps."""
        for id in self.ids:
            for part in PARTS:
                topic = f"{self._topics.root}/device/{id}/{part}"
                if topic not in found and id in self._kept:
                    self._take(id, part, b"")
        for topic, payload in found.items():
            self.take(topic, payload)

    def devices(self) -> list[Known]:
        """All of them, by id."""
        with self._changing:
            kept, inventory = dict(self._kept), self._inventory
        # Of what has been cleared a list that does not name it needs no reminder.
        told = {id: each for id, each in kept.items() if inventory is None or id in inventory or not each.is_cleared}
        found = [Known(id, _place(each, id, inventory), each.sighting) for id, each in told.items()]
        found += [Known(id, Place.MISSING, Sighting(id)) for id in (inventory or frozenset()) - kept.keys()]
        return sorted(found, key=lambda each: each.id)

    def _take(self, id: str, part: str, payload: bytes) -> None:
        self.messages += 1
        with self._changing:
            known = self._kept.get(id)
            if known is None:
                if not payload or len(self._kept) >= self._most:
                    self.overflow += bool(payload)
                    return
                known = _Kept(Sighting(id))
            sighting, has_document = known.sighting, known.has_document
            match part:
                case "presence":
                    sighting = replace(sighting, presence=presence_of(payload))
                case "state":
                    sighting = replace(sighting, state=trimmed(fields.table_of(payload) or {}))
                case _:
                    has_document = bool(payload)
            found = _Kept(sighting, has_document)
            self._kept[id] = replace(found, is_cleared=not found.has_told and not has_document)


def trimmed(state: fields.Table) -> dict[str, Any]:
    """What is kept of a report; nothing of none."""
    found: dict[str, Any] = {}
    if not state:
        return found
    for name, keys in _KEPT.items():
        if keys is None:
            found[name] = _short(state.get(name))
        else:
            part = fields.table(state, name)
            found[name] = {key: _short(part[key]) for key in keys if key in part}
    config = fields.table(state, "config")
    found["config"] |= {"returned": {"reason": "returned"}} if fields.table(config, "returned") else {}
    found["config"]["levels"] = {
        name: {key: fields.whole(config, "levels", name, key) for key in ("wanted", "applied")}
        for name in list(fields.table(config, "levels"))[:MOST_LEVELS]
    }
    found["sinks"] = [
        {key: _short(sink.get(key)) for key in _OF_SINK} for sink in fields.tables(state, "sinks")[:MOST_SINKS]
    ]
    return {name: each for name, each in found.items() if each is not None}


def _short(value: Any) -> Any:
    """A plain value; whatever is none is nothing."""
    if isinstance(value, str):
        return value[:MOST_TEXT]
    return value if isinstance(value, bool | int | float) else None


def _place(kept: _Kept, id: str, inventory: frozenset[str] | None) -> Place:
    is_expected = not kept.is_cleared if inventory is None else id in inventory
    if not is_expected:
        return Place.RETIRED
    return _PLACES[kept.sighting.standing] if kept.has_told else Place.MISSING
