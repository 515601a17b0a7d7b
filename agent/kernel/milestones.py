"""Which points of the content a stretch of natural playback has reached.

Contract: a fraction is reached when its point lies in the stretch that was played without a jump: after the stretch's
start, at or before its front. Every fraction counts once a session.
Rules: a point that a seek jumped over lies in no stretch, so it stays silent until playback really passes it; a point
passed before the length was known is told as soon as the length is known (HLS tells it after 0.7 s).
Reasons: guide sections 4.2 and 7.3; kaltura.md section 4.
"""

from collections.abc import Iterable, Sequence

QUARTILES = (0.25, 0.5, 0.75)
"""The guide's points; the end itself is not a milestone, since no position ever reaches it (vlc.md section 3)."""


def reached(
    milestones: Sequence[float], told: Iterable[float], *, start: float, front: float, duration: float | None
) -> list[float]:
    """The fractions whose points lie in (start, front] and are not in `told`, rising. Nothing without a duration."""
    if duration is None:
        return []
    return sorted(f for f in set(milestones).difference(told) if start < f * duration <= front)
