"""The metrics of a fleet: their names, and the numbers of one moment.

Contract: `METRICS` has all of them, in the order of the page that is made of it (systemd/health.md); `samples` yields
them of what is known. Pure.
Rules: as agent.runtime.metrics.catalogue. A device that is retired has no series but the one that says so: no alert may
ask for it. One that is missing is down too.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from agent.fleet import fields
from agent.fleet.ailments import ailments
from agent.fleet.exporter_registry import Known, Place
from agent.service.exposition import Metric, Sample, Type


def _counter(name: str, help: str, *labels: str) -> Metric:
    return Metric(f"kiosk_fleet_{name}", Type.COUNTER, help, labels)


def _gauge(name: str, help: str, *labels: str) -> Metric:
    return Metric(f"kiosk_fleet_{name}", Type.GAUGE, help, labels)


def _of_device(name: str, help: str, *labels: str) -> Metric:
    return _gauge(f"device_{name}", help, "device", *labels)


BROKER = _gauge("broker_connected", "Whether the exporter is connected; while it is not, all else is what was known.")
CONNECTS = _counter("broker_connects_total", "Connections that the exporter made.")
MESSAGES = _counter("messages_total", "Messages of devices that the exporter heard.")
INVENTORY = _gauge("inventory_readable", "1 while the file of --inventory can be read; absent without one.")
OVERFLOW = _counter("devices_overflow_total", "Messages of devices beyond the exporter's bound, which are not shown.")
DEVICES = _gauge("devices", "Devices by where they stand.", "standing")

UP = _of_device("up", "1 while the device is connected with the broker.")
MISSING = _of_device("missing", "1 for a device that is expected and has never told of itself.")
RETIRED = _of_device("retired", "1 for a device that is expected no more, of which the broker still keeps something.")
INFO = _of_device("info", "Always 1; who the device is.", "name", "site", "version")
REPORTED = _of_device("report_timestamp_seconds", "When it reported last, by its own clock.")
PROBLEM = _of_device("problem", "1 for each kind of problem that kiosk-fleet status tells of.", "kind")
PLAYING = _of_device("playing", "1 while it says that it plays.")
UPTIME = _of_device("uptime_seconds", "For how long its agent had run when it reported.")
QUEUE = _of_device("queue_events", "Events that wait for its slowest destination.")
OLDEST = _of_device("queue_oldest_age_seconds", "How long the oldest of them had waited when it reported.")
LETTERS = _of_device("dead_letters", "Messages that services refused and that it still keeps.")
RESTARTS = _of_device("player_restarts", "Players that died or hung since its agent's start.")
SYNCED = _of_device("clock_synced", "1 where its clock is synchronised.")
TEMPERATURE = _of_device("temperature_celsius", "Its processor's temperature.")
UNDER_VOLTAGE = _of_device("under_voltage", "1 where its power was too weak since the boot.")
DISK_FREE = _of_device("disk_free_bytes", "Room on its state folder's file system.")
DELIVERED = _counter("device_delivered_messages_total", "Messages that its services accepted.", "device", "sink")

METRICS: Final = tuple(each for each in list(vars().values()) if isinstance(each, Metric))


def samples(devices: Iterable[Known], now: float) -> Iterator[Sample]:
    """Of all devices; `now`: the exporter's wall clock."""
    numbers = dict.fromkeys(Place, 0)
    for known in devices:
        numbers[known.place] += 1
        yield from _device(known, now)
    yield from (DEVICES.of(number, place.value) for place, number in numbers.items())


def _device(known: Known, now: float) -> Iterator[Sample]:
    id, state = known.id, known.sighting.state
    yield RETIRED.of(known.place is Place.RETIRED, id)
    if known.place is Place.RETIRED:
        return
    yield MISSING.of(known.place is Place.MISSING, id)
    yield UP.of(known.place is Place.ONLINE, id)
    if known.place is Place.MISSING:
        return
    presence = known.sighting.presence
    version = fields.text(state, "version") or (presence.version if presence is not None else None)
    who = (fields.text(state, "device", name) or "" for name in ("name", "site"))
    yield INFO.of(1, id, *who, version or "")
    yield REPORTED.of(known.sighting.reported, id)
    kinds = dict.fromkeys(each.ailment.name.lower().replace("_", "-") for each in ailments(known.sighting, now))
    yield from (PROBLEM.of(1, id, kind) for kind in kinds)
    if state:
        yield from _state(id, state)


def _state(id: str, state: fields.Table) -> Iterator[Sample]:
    player = fields.text(state, "player", "state")
    yield PLAYING.of(None if player is None else player == "playing", id)
    yield UPTIME.of(fields.number(state, "uptime_s"), id)
    yield QUEUE.of(fields.number(state, "queue", "depth"), id)
    yield OLDEST.of(fields.number(state, "queue", "oldest_age_s") or 0.0, id)
    sinks = fields.tables(state, "sinks")
    yield LETTERS.of(sum(fields.number(sink, "dead_letters") or 0.0 for sink in sinks), id)
    yield RESTARTS.of(fields.number(state, "player", "restarts"), id)
    yield SYNCED.of(fields.flag(state, "clock", "synced"), id)
    yield TEMPERATURE.of(fields.number(state, "machine", "temperature_c"), id)
    yield UNDER_VOLTAGE.of(fields.flag(state, "machine", "under_voltage"), id)
    yield DISK_FREE.of(fields.number(state, "machine", "disk_free_bytes"), id)
    for sink in sinks:
        yield DELIVERED.of(fields.number(sink, "delivered"), id, fields.text(sink, "name") or "?")
