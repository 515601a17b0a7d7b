"""When an event of an earlier boot happened that never saw the time: between its neighbours.

Contract: pure. `bounds` answers for a boot with the earliest and the latest beginning that are possible, and with the
one that is taken; an event's time is that and its boot-time second.
Rules:
1. A boot begins no earlier than the last boot before it that saw the time was known to go on, plus the known lengths of
   the boots between; it ends no later than the first boot after it that saw the time (or the present one) began, less
   the known lengths of the boots between. So two boots that never saw the time keep their order.
2. What a clock without synchronisation read last in that boot is believed where it is possible: a battery-backed clock
   is right without any network, and one that was set by hand nearly so. But a clock that went on from where it was when
   the device went off stood still meanwhile, as it does with the stamps of systemd-timesyncd and fake-hwclock. What is
   believed bounds the boots beside it in turn.
3. Else the time that nobody can account for, when the device had no power, is divided evenly between the gaps: a kiosk
   is switched off every night for about as long. Within a boot, events keep their distances by the boot-time clock.
4. Where no boot before it ever saw the time, it is as late as possible: the age of the device is no bound.
5. Where bounds contradict each other, because some clock was wrong although it was synchronised, the later one counts.
Reasons: decision 22. Tried instead: the present moment puts a month of plays into one second; the earliest possible
time puts Tuesday's plays on Monday evening, the latest on Wednesday morning; the middle of a night is the error that
is left here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.kernel.boots import Boot, Boots

STOOD_STILL: Final = 120.0
"""Seconds. A stamp of the time is up to a minute old, and what is known of a boot's end half a minute."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Wall seconds at which the boot's boot-time clock read nought: the earliest possible (None: there is no bound),
    the latest possible, and the one that is sent."""

    earliest: float | None
    latest: float
    likeliest: float


def bounds(boots: Boots, boot_id: str, present: float) -> Bounds | None:
    """When the boot began; None where nothing is known of it. `present`: the wall second at which the present boot
    began, the last of `boots`, by the best clock there is."""
    place = next((place for place, boot in enumerate(boots.boots) if boot.boot_id == boot_id), None)
    if place is None:
        return None
    floor, between = _back_to_the_time(boots.boots[:place])
    after, ceiling = _on_to_the_time(boots.boots[place + 1 :], present)
    dark = (*between, boots.boots[place], *after)
    latest = ceiling - _lengths(dark[len(between) :])
    earliest = None if floor is None else min(floor + _lengths(between), latest)
    return Bounds(earliest, latest, min(_placed(dark, floor, ceiling)[len(between)], latest))


def _placed(dark: tuple[Boot, ...], floor: float | None, ceiling: float) -> list[float]:
    """When each of the boots between two that saw the time began: by its own clock, else in its share of the rest."""
    found: list[float] = []
    waiting: list[Boot] = []
    for place, boot in enumerate(dark):
        soonest = None if floor is None else floor + _lengths(waiting) + STOOD_STILL
        latest = ceiling - _lengths(dark[place:])
        claimed = boot.claimed
        if claimed is None or claimed > latest or (soonest is not None and claimed <= soonest):
            waiting.append(boot)
            continue
        found += [*_shared(waiting, floor, claimed), claimed]
        floor, waiting = claimed + boot.until, []
    return found + _shared(waiting, floor, ceiling)


def _shared(boots: Sequence[Boot], floor: float | None, ceiling: float) -> list[float]:
    """Boots between two moments, with gaps of one length; as late as possible where nothing bounds them from below."""
    rest = 0.0 if floor is None else max(ceiling - _lengths(boots) - floor, 0.0)
    gap = rest / (len(boots) + 1)
    found: list[float] = []
    for boot in reversed(boots):
        ceiling -= gap + boot.until
        found.append(ceiling)
    return found[::-1]


def _lengths(boots: Sequence[Boot]) -> float:
    return sum(boot.until for boot in boots)


def _back_to_the_time(boots: tuple[Boot, ...]) -> tuple[float | None, tuple[Boot, ...]]:
    """How far the last of `boots` came that saw the time, None where none of them did; and the boots after it."""
    for place in range(len(boots) - 1, -1, -1):
        boot = boots[place]
        if boot.began is not None:
            return boot.began + boot.until, boots[place + 1 :]
    return None, boots


def _on_to_the_time(boots: tuple[Boot, ...], present: float) -> tuple[tuple[Boot, ...], float]:
    """The boots before the first of `boots` that saw the time, and when that began; the last of all is the present."""
    for place, boot in enumerate(boots):
        if boot.began is not None:
            return boots[:place], boot.began
    return boots[:-1], present
