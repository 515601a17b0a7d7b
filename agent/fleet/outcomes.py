"""What became of a document at each device.

Contract: `outcome` judges one device by what it reports; a fold over messages is `Roll` and this. Pure.
Rules: a device has an outcome once it has reported that it wants this revision of this level. A device that is away is
waited for by nobody: it applies the document when it is back. While a connection is awaited that the document changed,
there is no outcome yet; that the device watches itself for a minute after any change keeps nobody waiting.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from agent.fleet import fields
from agent.fleet.sighting import Sighting
from agent.fleet.words import of_level, plain
from agent.remote.topics import Level


class Verdict(Enum):
    """How a document stands at one device; the worst first."""

    REFUSED = "refused"
    RETURNED = "returned"
    SILENT = "silent"
    TRIAL = "trial"
    OFFLINE = "offline"
    WAITING = "waiting"
    APPLIED = "applied"
    SUPERSEDED = "superseded"


_SETTLED = {Verdict.APPLIED, Verdict.REFUSED, Verdict.RETURNED, Verdict.SUPERSEDED, Verdict.OFFLINE}
_FAILED = {Verdict.REFUSED, Verdict.RETURNED, Verdict.SILENT, Verdict.TRIAL}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it at `device`, and why, in words."""

    device: str
    verdict: Verdict
    reasons: tuple[str, ...] = field(default=())

    @property
    def is_settled(self) -> bool:
        """Whether waiting longer changes nothing."""
        return self.verdict in _SETTLED

    @property
    def has_failed(self) -> bool:
        """Whether somebody must look at it."""
        return self.verdict in _FAILED


def outcome(sighting: Sighting, level: Level, revision: int) -> Outcome:
    """What became of the document `revision` of `level` at this device."""
    found = _reported(sighting, level, revision)
    if found is None or not found.is_settled:
        return found if sighting.is_online and found else Outcome(sighting.id, _away(sighting))
    return found


def final(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """The outcomes after the wait: what is still waited for is a device that says nothing. The worst first."""
    order = list(Verdict)
    ended = [
        Outcome(each.device, Verdict.SILENT, ("did not report it in time",))
        if each.verdict is Verdict.WAITING
        else each
        for each in outcomes
    ]
    return sorted(ended, key=lambda each: (order.index(each.verdict), each.device))


def _away(sighting: Sighting) -> Verdict:
    return Verdict.WAITING if sighting.is_online else Verdict.OFFLINE


def _reported(sighting: Sighting, level: Level, revision: int) -> Outcome | None:
    """What the device itself says about it; None: nothing yet."""
    report = sighting.level(str(level))
    config = fields.table(sighting.state, "config")
    returned = fields.table(config, "returned")
    if fields.whole(returned, "revisions", str(level)) == revision:
        reason = plain(fields.text(returned, "reason") or "no reason given")
        return Outcome(sighting.id, Verdict.RETURNED, (reason,))
    if report is None or report.wanted is None or report.wanted < revision:
        return None
    if report.wanted > revision:
        return Outcome(sighting.id, Verdict.SUPERSEDED, (f"revision {report.wanted} came after it",))
    awaited = sighting.awaited
    # A device that has another document of this revision says so, and has "applied" it.
    if report.applied == revision and not report.problems and awaited is None:
        return Outcome(sighting.id, Verdict.APPLIED)
    if awaited is not None:
        return Outcome(sighting.id, Verdict.TRIAL, tuple(plain(awaited)))
    if report.problems or fields.text(config, "state") == "refused":
        return Outcome(sighting.id, Verdict.REFUSED, _problems(sighting, report.problems))
    return None


def _problems(sighting: Sighting, own: tuple[str, ...]) -> tuple[str, ...]:
    """Why it was refused. Documents are refused as a whole, so another level may be the reason."""
    if own:
        return tuple(plain(own))
    levels = fields.table(sighting.state, "config", "levels")
    others = [each for name in levels for each in of_level(name, fields.texts(levels, name, "problems"))]
    return tuple(plain(others)) or ("no reason given",)
