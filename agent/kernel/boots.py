"""What is known of this device's boots: when each of them began, where its wall clock was ever right.

Contract: pure values. `Boots` are in the order in which they were met, the present one last; `text` and `read` are
inverse. `corrected` gives an instant the wall time that its boot turned out to have.
Rules: a boot's relation between its two clocks is kept once the clock is seen synchronised in it, whenever that was:
the boot-time clock never jumps, so the relation holds for all of that boot, also for what happened before, and after
the synchronisation has lapsed. The newest word counts, where it differs by more than the clocks' own noise. `until` is
how far a boot is known to have come; it bounds what happened in the boots after it that never saw the time.
Reasons: house rule 12; edge.md section 3: both clocks run at the same pace, and only a step moves one against the
other; a kernel takes its word back nine hours after the last answer of a time server, although the clock is no worse.
"""

import json
from dataclasses import dataclass, replace
from typing import Final

from agent.kernel.instants import Instant
from agent.kernel.release import BUILD_EPOCH

STEP: Final = 0.5
"""Seconds. Below this a changed relation is a time server's noise and no news; each news costs a write."""

MOST: Final = 256
"""Boots kept: two a day for the 90 days that events are kept, and then some. About 16 kB, written twice a boot."""


@dataclass(frozen=True, slots=True)
class Boot:
    """One boot. `began`: the wall second at which its boot-time clock read nought, None where it never saw the time.

    `until`: the last boot-time second that is known of it. `claimed`: as `began`, by a clock that nobody vouched for;
    None where that read a time before the build.
    """

    boot_id: str
    began: float | None
    until: float
    claimed: float | None = None


@dataclass(frozen=True, slots=True)
class Boots:
    """All that matter, oldest first."""

    boots: tuple[Boot, ...] = ()

    def of(self, boot_id: str) -> Boot | None:
        """That boot, if it was met."""
        return next((boot for boot in reversed(self.boots) if boot.boot_id == boot_id), None)

    def seen(self, now: Instant) -> "Boots":
        """With what the present moment tells of the present boot; the very same object where that is no news."""
        boot = self.of(now.boot_id)
        if boot is None:
            return Boots((*self.boots, _met(now))[-MOST:])
        if now.wall < BUILD_EPOCH:
            return self
        relation = now.wall - now.boottime
        known = boot.began if now.synced else boot.claimed
        if known is not None and abs(relation - known) < STEP:
            return self
        changed = replace(boot, began=relation) if now.synced else replace(boot, claimed=relation)
        return self._with(replace(changed, until=max(boot.until, now.boottime)))

    def reached(self, past: Instant) -> "Boots":
        """With what a moment tells that an earlier process left: its boot came so far. What is known better stays."""
        boot = self.of(past.boot_id)
        if boot is None:
            return Boots((*self.boots, _met(past))[-MOST:])
        if boot.until >= past.boottime:
            return self
        return self._with(replace(boot, until=past.boottime))

    def needed_by(self, oldest: str) -> "Boots":
        """Without the boots that no event needs any more: `oldest` is the boot of the oldest one.

        What bounds that boot from below stays.
        """
        places = [place for place, boot in enumerate(self.boots) if boot.boot_id == oldest]
        if not places:
            return self
        before = [place for place in range(places[-1]) if self.boots[place].began is not None]
        first = before[-1] if before else 0
        return Boots(self.boots[first:]) if first else self

    def corrected(self, instant: Instant) -> Instant:
        """`instant` with the right wall time, where its own clock was not synchronised and its boot's was once."""
        boot = None if is_right(instant) else self.of(instant.boot_id)
        if boot is None or boot.began is None:
            return instant
        return replace(instant, wall=boot.began + instant.boottime, synced=True)

    def text(self) -> str:
        """Compact JSON."""
        rows = [[boot.boot_id, boot.began, boot.until, boot.claimed] for boot in self.boots]
        return json.dumps(rows, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "Boots":
        """The inverse of `text`. Raises ValueError for anything else."""
        try:
            return cls(tuple(_boot(*each) for each in json.loads(text)))
        except (TypeError, ValueError) as error:
            raise ValueError(f"not a list of boots: {error}") from error

    def _with(self, changed: Boot) -> "Boots":
        return Boots(tuple(changed if boot.boot_id == changed.boot_id else boot for boot in self.boots))


NO_BOOTS: Final = Boots()


def is_right(instant: Instant) -> bool:
    """Whether its wall time can be believed: the clock was synchronised, and not to a time before the build."""
    return instant.synced and instant.wall >= BUILD_EPOCH


def _met(instant: Instant) -> Boot:
    relation = instant.wall - instant.boottime if instant.wall >= BUILD_EPOCH else None
    began, claimed = (relation, None) if instant.synced else (None, relation)
    return Boot(instant.boot_id, began, instant.boottime, claimed)


def _boot(boot_id: object, *numbers: object) -> Boot:
    began, until, claimed = numbers
    if not isinstance(boot_id, str) or not isinstance(until, int | float):
        raise TypeError(f"{boot_id!r}, {until!r}")
    if not isinstance(began, int | float | None) or not isinstance(claimed, int | float | None):
        raise TypeError(f"{began!r}, {claimed!r}")
    return Boot(boot_id, began, until, claimed)
