"""What became of a command at each device.

Contract: `Answers` gathers it from result messages; pure. `final` are the devices with how it ended, the worst first.
Rules: a result counts where its id is the run's and it came on the device's own topic, which the broker lets nobody
else write. Done and failed are final; a later "accepted" (a redelivery) changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from agent.fleet import fields
from agent.fleet.words import plain
from agent.remote.topics import Device, Topics


class Ending(Enum):
    """How a command stands at one device; the worst first."""

    FAILED = "failed"
    SILENT = "silent"
    ACCEPTED = "accepted"
    OFFLINE = "offline"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Told:
    """What a device told. `data`: what the command was for, as diagnostics."""

    device: str
    ending: Ending
    reason: str | None = None
    data: fields.Table | None = None


class Answers:
    """The answers to the command `id`, which was sent to `asked`; `offline` were not asked."""

    def __init__(self, topics: Topics, id: str, *, asked: Iterable[str], offline: Iterable[str]) -> None:
        self._topics = topics
        self._id = id
        self._told: dict[str, Told] = {each: Told(each, Ending.SILENT, "did not answer in time") for each in asked}
        self._told |= {each: Told(each, Ending.OFFLINE) for each in offline}

    @property
    def is_complete(self) -> bool:
        """Whether nothing more can come."""
        return not any(each.ending in (Ending.SILENT, Ending.ACCEPTED) for each in self._told.values())

    @property
    def final(self) -> list[Told]:
        """All devices, the worst first."""
        order = list(Ending)
        return sorted(self._told.values(), key=lambda each: (order.index(each.ending), each.device))

    def take(self, topic: str, payload: bytes) -> bool:
        """Note a message; whether it changed anything."""
        match self._topics.parse(topic):
            case (Device(device), "result"):
                pass
            case _:
                return False
        found = fields.table_of(payload)
        before = self._told.get(device)
        if found is None or before is None or fields.text(found, "id") != self._id:
            return False
        if before.ending in (Ending.DONE, Ending.FAILED):
            return False
        try:
            ending = Ending(fields.text(found, "status"))
        except ValueError:
            return False
        if ending in (Ending.SILENT, Ending.OFFLINE):
            return False
        reason = fields.text(found, "reason")
        data = fields.table(found, "data")
        self._told[device] = Told(device, ending, None if reason is None else plain(reason), data or None)
        return True
