"""How a device stands in a rollout: what it was before, and whether the change did it harm.

Contract: `baseline` notes what was wrong with a device before its stage; `judge` compares with what it reports now.
Pure; times are durations in seconds.
Rules: healthy is who has applied the revision, is online, and has no trouble that it did not have before. A refusal or
a return counts at once. Who is away, or worse off, is given `silent_after_s` to come back: a changed player starts
anew, and lines blink. Who has not applied the document after `within_s` has failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from agent.fleet import fields
from agent.fleet.ailments import Ailment, ailments
from agent.fleet.outcomes import Verdict, outcome
from agent.fleet.sighting import Sighting
from agent.fleet.words import plain
from agent.remote.topics import Level

# What a configuration can do to a device. A backlog, heat or a full disk come from elsewhere.
_HARM = frozenset(
    {Ailment.DUPLICATE, Ailment.DAMAGED, Ailment.NOT_PLAYING, Ailment.PAUSED, Ailment.DARK, Ailment.SILENT}
)


class Health(Enum):
    """How a device stands."""

    HEALTHY = "healthy"
    PENDING = "pending"
    REFUSED = "refused"
    RETURNED = "returned"
    SILENT = "silent"
    WORSE = "worse"
    OVERTAKEN = "overtaken"

    @property
    def has_failed(self) -> bool:
        return self not in (Health.HEALTHY, Health.PENDING)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long is waited: for a device to apply a document, and for one that is away or worse off."""

    within_s: float
    silent_after_s: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was wrong with a device before: kinds of trouble, destinations on hold, dead letters."""

    ailing: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    dead_letters: int = 0

    def plain(self) -> dict[str, Any]:
        """For the journal."""
        return {"ailing": sorted(self.ailing), "held": sorted(self.held), "dead_letters": self.dead_letters}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a device stands, and why, in words."""

    health: Health
    why: str = ""


def baseline(sighting: Sighting, wall: float) -> Baseline:
    """What is wrong with it now, at `wall` of the operator's clock."""
    ailing = frozenset(each.ailment.name for each in ailments(sighting, wall) if each.ailment in _HARM)
    return Baseline(ailing, _held(sighting), _dead_letters(sighting))


def baseline_of(said: fields.Table) -> Baseline:
    """The baseline that `plain` wrote."""
    return Baseline(
        frozenset(fields.texts(said, "ailing")),
        frozenset(fields.texts(said, "held")),
        fields.whole(said, "dead_letters") or 0,
    )


def trouble(sighting: Sighting, before: Baseline, wall: float) -> str | None:
    """What keeps it from being well that was not so before; None where nothing does."""
    if not sighting.is_online:
        return "is offline"
    new = [
        each.text
        for each in ailments(sighting, wall)
        if each.ailment in _HARM and each.ailment.name not in before.ailing
    ]
    new += [f"{name} is held" for name in sorted(_held(sighting) - before.held)]
    more = _dead_letters(sighting) - before.dead_letters
    new += [f"{more} more dead letters"] if more > 0 else []
    return plain("; ".join(new)) or None


def judge(
    sighting: Sighting, target: tuple[Level, int], *, elapsed: float, ill_for: float, ill: str | None, limits: Limits
) -> Standing:
    """How the device stands. `target`: which revision of which level it must have; `ill`: its `trouble`, and for how
    long; `elapsed`: since the document was published."""
    found = outcome(sighting, *target)
    why = "; ".join(found.reasons)
    match found.verdict:
        case Verdict.REFUSED:
            return Standing(Health.REFUSED, why)
        case Verdict.RETURNED:
            return Standing(Health.RETURNED, why)
        case Verdict.SUPERSEDED:
            return Standing(Health.OVERTAKEN, why)
    if ill is not None and ill_for >= limits.silent_after_s:
        return Standing(Health.WORSE if sighting.is_online else Health.SILENT, ill)
    if found.verdict is Verdict.APPLIED and ill is None:
        return Standing(Health.HEALTHY)
    if found.verdict is not Verdict.APPLIED and elapsed >= limits.within_s:
        return Standing(Health.SILENT, f"has not applied it within {limits.within_s:.0f} s")
    return Standing(Health.PENDING, ill or why)


def _held(sighting: Sighting) -> frozenset[str]:
    sinks: list[Mapping[str, Any]] = fields.tables(sighting.state, "sinks")
    return frozenset(fields.text(sink, "name") or "?" for sink in sinks if fields.text(sink, "state") == "held")


def _dead_letters(sighting: Sighting) -> int:
    return sum(fields.whole(sink, "dead_letters") or 0 for sink in fields.tables(sighting.state, "sinks"))
