"""What is wrong with a device, worst first.

Contract: `ailments(sighting, now)` answers everything that needs somebody's attention; `worst_first` sorts devices.
Pure; `now` is the operator's wall clock.
Rules: the order of `Ailment` is the order of the table. A device that is offline is not asked about what only a
living one can tell: its last report is history, and only what is lost by it counts (a backlog, dead letters).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, auto

from agent.fleet import fields
from agent.fleet.sighting import Sighting, Standing
from agent.fleet.words import count, listed, of_level, plain, span

# Distances between two reports: one report may be lost on a bad line, three are a silence.
OLD_REPORTS = 3
# The distance of a device that does not say its own.
REPORT_EVERY_S = 300.0
# Above this a Raspberry Pi slows itself down.
HOT_C = 80.0
LITTLE_DISK = 0.05
MOST_PROBLEMS = 3


class Ailment(IntEnum):
    """What may be wrong; the first is the worst."""

    OFFLINE_BACKLOG = auto()
    DUPLICATE = auto()
    OFFLINE = auto()
    REFUSED = auto()
    DAMAGED = auto()
    HELD = auto()
    DEAD_LETTERS = auto()
    RETURNED = auto()
    DARK = auto()
    NOT_PLAYING = auto()
    PAUSED = auto()
    SILENT = auto()
    OLD_REPORT = auto()
    UNDER_VOLTAGE = auto()
    HOT = auto()
    DISK_FULL = auto()
    VOLATILE = auto()
    STOPPED = auto()
    BEHIND = auto()
    TRIAL = auto()
    CLOCK = auto()


@dataclass(frozen=True, slots=True)
class Complaint:
    """One of them, in words."""

    ailment: Ailment
    text: str


def ailments(sighting: Sighting, now: float) -> tuple[Complaint, ...]:
    """All that is wrong with a device, the worst first."""
    found = list(_presence(sighting, now))
    found += _always(sighting)
    if sighting.standing not in (Standing.LOST, Standing.STOPPED):
        found += _living(sighting, now)
    return tuple(sorted(found, key=lambda complaint: complaint.ailment))


def worst_first(sightings: Iterable[Sighting], now: float) -> list[tuple[Sighting, tuple[Complaint, ...]]]:
    """The devices with their complaints; those that need somebody first, the others by name."""

    def rank(row: tuple[Sighting, tuple[Complaint, ...]]) -> tuple[list[int], float, str]:
        sighting, complaints = row
        age = fields.number(sighting.state, "queue", "oldest_age_s") or 0.0
        return [*(each.ailment for each in complaints), len(Ailment) + 1], -age, sighting.id

    return sorted(((each, ailments(each, now)) for each in sightings), key=rank)


def _presence(sighting: Sighting, now: float) -> Iterator[Complaint]:
    last = f", last report {_ago(sighting.reported, now)}" if sighting.reported is not None else ""
    depth = fields.whole(sighting.state, "queue", "depth") or 0
    match sighting.standing:
        case Standing.LOST | Standing.UNKNOWN if depth:
            age = fields.number(sighting.state, "queue", "oldest_age_s")
            old = f", oldest {span(age)}" if age is not None else ""
            yield Complaint(Ailment.OFFLINE_BACKLOG, f"offline with {count(depth, 'event')} to deliver{old}{last}")
        case Standing.LOST:
            yield Complaint(Ailment.OFFLINE, f"offline{last}")
        case Standing.UNKNOWN:
            yield Complaint(Ailment.OFFLINE, f"has a state but no presence{last}")
        case Standing.STOPPED:
            behind = f" with {count(depth, 'event')} to deliver" if depth else ""
            yield Complaint(Ailment.STOPPED, f"was stopped in order{behind}{last}")
        case Standing.ONLINE if not sighting.state:
            yield Complaint(Ailment.SILENT, "is there and has reported no state")
    duplicate = sighting.duplicate
    if duplicate is not None:
        yield Complaint(Ailment.DUPLICATE, f"duplicate identity: {duplicate}")


def _always(sighting: Sighting) -> Iterator[Complaint]:
    """What holds whether the device is there or not."""
    state = sighting.state
    config = fields.table(state, "config")
    if fields.text(config, "state") == "refused":
        yield Complaint(Ailment.REFUSED, f"configuration refused: {_problems(config)}")
    broken = fields.text(config, "broken")
    if broken:
        yield Complaint(Ailment.DAMAGED, plain(broken))
    returned = fields.table(config, "returned")
    if returned:
        reason = plain(fields.text(returned, "reason") or "no reason given")
        yield Complaint(Ailment.RETURNED, f"went back to the last good configuration: {reason}")
    dead = sum(fields.whole(sink, "dead_letters") or 0 for sink in fields.tables(state, "sinks"))
    if dead:
        yield Complaint(Ailment.DEAD_LETTERS, count(dead, "dead letter"))


def _living(sighting: Sighting, now: float) -> Iterator[Complaint]:
    """What is of interest while the device runs."""
    state = sighting.state
    if not state:
        return
    for sink in fields.tables(state, "sinks"):
        if fields.text(sink, "state") == "held":
            name, why = fields.text(sink, "name") or "a destination", fields.text(sink, "text") or "no reason given"
            yield Complaint(Ailment.HELD, plain(f"{name} is held: {why}"))
    yield from _screen(state)
    reported, every = sighting.reported, fields.number(state, "report_every_s") or REPORT_EVERY_S
    if (
        reported is not None
        and now - reported > OLD_REPORTS * every
        and fields.flag(state, "clock", "synced") is not False
    ):
        yield Complaint(Ailment.OLD_REPORT, f"reported {_ago(reported, now)}")
    yield from _machine(state)
    yield from _revisions(sighting)


def _screen(state: fields.Table) -> Iterator[Complaint]:
    display = fields.text(state, "player", "display")
    # One that does not know its hours says null.
    should_show = fields.table(state, "player").get("should_show", True)
    if display in ("off", "dark", "standby", "disconnected") and should_show:
        yield Complaint(Ailment.DARK, f"display {display}")
    match fields.text(state, "player", "state"):
        case "paused":
            yield Complaint(Ailment.PAUSED, "paused")
        case "waiting":
            yield Complaint(Ailment.NOT_PLAYING, "no item of its playlist can be played")
        case "stalled" | "starting" as word:
            yield Complaint(Ailment.NOT_PLAYING, f"player {word}")


def _machine(state: fields.Table) -> Iterator[Complaint]:
    machine = fields.table(state, "machine")
    if fields.flag(machine, "under_voltage"):
        yield Complaint(Ailment.UNDER_VOLTAGE, "under-voltage: the power supply is too weak")
    temperature = fields.number(machine, "temperature_c")
    if temperature is not None and temperature >= HOT_C:
        yield Complaint(Ailment.HOT, f"{temperature:.0f} °C")
    free, size = fields.number(machine, "disk_free_bytes"), fields.number(machine, "disk_bytes")
    if free is not None and size and free < size * LITTLE_DISK:
        yield Complaint(Ailment.DISK_FULL, f"disk {100 - 100 * max(free, 0.0) / size:.0f} % full")
    if fields.text(state, "queue", "volatile") or fields.flag(state, "queue", "volatile"):
        yield Complaint(Ailment.VOLATILE, "its queue does not survive a power cut")
    if fields.flag(state, "clock", "synced") is False:
        yield Complaint(Ailment.CLOCK, "clock not synchronised")


def _revisions(sighting: Sighting) -> Iterator[Complaint]:
    config, awaited = fields.table(sighting.state, "config"), sighting.awaited
    if awaited is not None:
        on = ", ".join(awaited)
        yield Complaint(Ailment.TRIAL, plain(f"new configuration on trial{f': {on}' if on else ''}"))
        return
    if fields.text(config, "state") in ("refused", "returned"):
        return
    levels = fields.table(config, "levels")
    behind = [name for name in levels if fields.whole(levels, name, "wanted") != fields.whole(levels, name, "applied")]
    if behind:
        yield Complaint(Ailment.BEHIND, plain(f"has not applied {listed(behind)}"))


def _problems(config: fields.Table) -> str:
    levels = fields.table(config, "levels")
    found = [each.rstrip(".") for name in levels for each in of_level(name, fields.texts(levels, name, "problems"))]
    more = f"; and {len(found) - MOST_PROBLEMS:,} more" if len(found) > MOST_PROBLEMS else ""
    return plain("; ".join(found[:MOST_PROBLEMS]) + more) or "no reason given"


def _ago(wall: float | None, now: float) -> str:
    if wall is None:
        return "at an unknown time"
    return f"{span(now - wall)} ago" if wall <= now else "just now"
