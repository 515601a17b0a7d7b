"""The course of a rollout: when the next stage comes, and when everything goes back.

Contract: `Course.step` takes how the devices of all stages so far stand, and the time; it answers the course as it is
afterwards. Pure: `now` is any clock of seconds, the same one for a course's life.
Rules: a stage is passed when nobody is undecided, at most the allowed share has failed, and that has been so for
`soak_s` without a break. As soon as more than the allowed share has failed, the course turns back, once and for all.
The devices of earlier stages go on counting: harm may show late. A course that is taken up by another process watches
its stage anew.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from agent.fleet.rollout_health import Standing
from agent.fleet.words import count, listed


class Phase(Enum):
    """Where a rollout is. STAGE: a stage is out and watched; CLEARING: all have it, the devices' own documents are put
    back; RETURNING: everything is put back; the last two are the end."""

    STAGE = "stage"
    CLEARING = "clearing"
    RETURNING = "returning"
    DONE = "done"
    RETURNED = "returned"

    @property
    def is_over(self) -> bool:
        return self in (Phase.DONE, Phase.RETURNED)


@dataclass(frozen=True, slots=True)
class Terms:
    """`success`: the share (0 to 1) of the devices of the stages so far that must be healthy, for `soak_s`."""

    success: float
    soak_s: float

    def allowed(self, devices: int) -> int:
        """How many of them may fail; the small part keeps 5 % of 20 from being none."""
        return math.floor(devices * (1 - self.success) + 1e-9)


@dataclass(frozen=True, slots=True)
class Course:
    """`stage` counts from 0. `steady_since`: since when the stage is passable. `why`: why it turned back."""

    stages: int
    terms: Terms
    phase: Phase = Phase.STAGE
    stage: int = 0
    steady_since: float | None = None
    why: str | None = None

    @property
    def is_last(self) -> bool:
        """Whether this stage is the one for all."""
        return self.stage == self.stages - 1

    def step(self, standings: Mapping[str, Standing], now: float) -> "Course":
        """After a look at the devices of the stages so far."""
        if self.phase is not Phase.STAGE:
            return self
        failed = {device: each for device, each in standings.items() if each.health.has_failed}
        if len(failed) > self.terms.allowed(len(standings)):
            return self.turned_back(_reason(failed, len(standings)))
        if len(failed) + sum(each.health.value == "healthy" for each in standings.values()) < len(standings):
            return replace(self, steady_since=None)
        if self.steady_since is None:
            return replace(self, steady_since=now).step(standings, now)
        if now - self.steady_since < self.terms.soak_s:
            return self
        if self.is_last:
            return replace(self, phase=Phase.CLEARING, steady_since=None)
        return replace(self, stage=self.stage + 1, steady_since=None)

    def turned_back(self, why: str) -> "Course":
        """Back to what was before; nothing happens where that is no longer possible, or on its way."""
        if self.phase is not Phase.STAGE:
            return self
        return replace(self, phase=Phase.RETURNING, steady_since=None, why=why)

    def finished(self) -> "Course":
        """What CLEARING or RETURNING had to do is done."""
        match self.phase:
            case Phase.CLEARING:
                return replace(self, phase=Phase.DONE)
            case Phase.RETURNING:
                return replace(self, phase=Phase.RETURNED)
        return self


def _reason(failed: Mapping[str, Standing], devices: int) -> str:
    kinds = Counter(each.health.value for each in failed.values())
    parts = ", ".join(f"{number} {kind}" for kind, number in kinds.most_common())
    named = listed([f"{device}: {each.why}" if each.why else device for device, each in failed.items()], most=3)
    return f"{count(len(failed), 'device')} of {devices:,} failed ({parts}): {named}"
