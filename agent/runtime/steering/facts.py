"""What is reported to the fleet, taken from what `status` says.

Contract: `facts` turns a status (agent.runtime.status.snapshot) into the flat reading that agent.remote.reported builds
a report of. Pure.
Rules: the two never disagree, since one is made of the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.config.changes import settings_hash
from agent.config.files import Loaded
from agent.kernel.instants import Instant
from agent.kernel.release import VERSION
from agent.remote.machine import Readings
from agent.remote.reported import About, Facts, Item, Player, Queue, Sink
from agent.remote.vault import Stored


@dataclass(frozen=True, slots=True)
class Standing:
    """What the broker's side itself knows. `session`: of the connection; `protocol`: as it was agreed."""

    session: int
    protocol: str
    stored: Stored
    loaded: Loaded


def facts(status: Mapping[str, Any], standing: Standing, machine: Readings, now: Instant) -> Facts:
    """The reading at `now`."""
    settings, stored, queue = standing.loaded.settings, standing.stored, status["queue"]
    oldest = queue["oldest_wall"]
    return Facts(
        about=About(settings.device.id, settings.device.name, settings.device.site, settings.device.tags),
        version=VERSION,
        session=standing.session,
        wall=now.wall,
        boot_id=now.boot_id,
        boottime=now.boottime,
        uptime=status["uptime_s"],
        synced=now.synced,
        protocol=standing.protocol,
        desired=stored.desired,
        trial=stored.trial,
        settings_hash=settings_hash(settings),
        allow=settings.remote.allow,
        broken=stored.broken,
        player=_player(status["player"], status.get("display") or {}),
        queue=Queue(
            depth=queue["events"],
            oldest_age_s=None if oldest is None else max(now.wall - oldest, 0.0),
            bytes=queue["bytes"],
            volatile=queue["volatile"],
        ),
        sinks=tuple(_sink(sink) for sink in status["sinks"]),
        counters=status["counters"],
        machine=machine,
        report_every_s=settings.remote.report_every_s,
    )


def _player(player: Mapping[str, Any], display: Mapping[str, Any]) -> Player:
    item = player["item"]
    return Player(
        state=player["state"],
        item=None if item is None else Item(item["index"], item["count"], item["uri"], item["entry_id"]),
        position=player["position"],
        display=display.get("state", "unknown"),
        should_show=display.get("should_be_on", True),
        restarts=player["host"]["restarts"],
    )


def _sink(sink: Mapping[str, Any]) -> Sink:
    return Sink(
        name=sink["name"],
        state=sink.get("state", "off"),
        cause=sink.get("cause"),
        text=sink.get("text"),
        depth=sink["depth"],
        delivered=sink["delivered"],
        last_delivery_wall=sink.get("last_delivery_wall"),
        dead_letters=sink["dead_letters"],
        dropped=sink["dropped"],
    )
