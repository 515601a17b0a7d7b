"""What a verification comes to.

Contract: pure. `judged` compares what the report counts with what was sent, None while it is too early to say;
`unseen` concludes after the wait, when nothing of the test play ever appeared.
Rules: "counted" means that every column that the report has rose by exactly what was sent. "Not counted" is said only
where the report shows plays of other entries that came in the same hours, long enough after the test play: the silence
of a report that shows nothing at all proves nothing. Whatever else is inconclusive, with its reason.
Reasons: the guide's section 10.1 (10 to 30 minutes before events appear).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.runtime.verification.pending import Pending
from agent.sinks.kaltura.report import COUNTED, PLAYS, QUARTILES

PROPAGATION_S: Final = 1800.0
"""What has not appeared after this long is late by the guide's own word."""

SKEW_S: Final = 300.0
"""A service that files by the event's own time would file within minutes of its clock; further off, elsewhere."""


class Outcome(Enum):
    """The three answers."""

    COUNTED = "counted"
    NOT_COUNTED = "not counted"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """`why`: one clause for people. `resumable`: asking again later may say more."""

    outcome: Outcome
    why: str
    resumable: bool = False

    @property
    def line(self) -> str:
        """The one line."""
        return f"{self.outcome.value}: {self.why}"


def inconclusive(why: str, *, resumable: bool = False) -> Conclusion:
    """Nobody can say, because of `why`."""
    return Conclusion(Outcome.INCONCLUSIVE, why, resumable)


def gained(pending: Pending, counts: Mapping[str, int]) -> dict[str, int]:
    """By how much each column has risen since before the test play."""
    return {name: counts[name] - pending.baseline.get(name, 0) for name in COUNTED if name in counts}


def progress(pending: Pending, counts: Mapping[str, int]) -> str:
    """`1 of 1 play, 2 of 4 quartiles`: how much of the test play the report shows."""
    rise = gained(pending, counts)
    quartiles = [name for name in QUARTILES if name in rise]
    text = f"{min(max(rise.get(PLAYS, 0), 0), 1)} of 1 play"
    if not quartiles:
        return f"{text} (this report has no quartiles)"
    return f"{text}, {sum(rise[name] > 0 for name in quartiles)} of {len(quartiles)} quartiles"


def judged(pending: Pending, counts: Mapping[str, int]) -> Conclusion | None:
    """What can be said at once; None where it is worth waiting."""
    rise = gained(pending, counts)
    if any(number > 1 for number in rise.values()):
        most = max(rise.values())
        return inconclusive(
            f"{pending.entry_id} gained {most} of a kind where 1 was sent: somebody else plays it, or a message that "
            "was sent again was counted twice; take an entry that nobody else plays"
        )
    if all(number == 1 for number in rise.values()):
        return Conclusion(Outcome.COUNTED, f"the report shows {progress(pending, counts)} of {pending.entry_id}")
    return None


def unseen(pending: Pending, counts: Mapping[str, int], *, elapsed: float, others: bool) -> Conclusion:
    """The wait is over. `elapsed`: seconds since the test play; `others`: the report shows plays of other entries."""
    if any(gained(pending, counts).values()):
        return inconclusive(
            f"after {minutes(elapsed)} the report shows a part, {progress(pending, counts)} of {pending.entry_id}",
            resumable=True,
        )
    if elapsed < PROPAGATION_S:
        return inconclusive(
            f"nothing is in the report after {minutes(elapsed)}, but events take up to {minutes(PROPAGATION_S)}",
            resumable=True,
        )
    if not others:
        return inconclusive(
            f"after {minutes(elapsed)} the report shows no play of any entry, so it stands still or has no traffic",
            resumable=True,
        )
    if pending.skew is not None and abs(pending.skew) > SKEW_S:
        return inconclusive(
            f"the device's clock is {minutes(abs(pending.skew))} {'ahead of' if pending.skew > 0 else 'behind'} the "
            "service's, so the test play may be filed under another time; set the clock and verify again"
        )
    return Conclusion(
        Outcome.NOT_COUNTED,
        f"after {minutes(elapsed)} the report shows plays of other entries and none of {pending.entry_id}",
    )


def minutes(seconds: float) -> str:
    """`12 min`; seconds below two minutes."""
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
