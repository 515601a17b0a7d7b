"""What the running agent's status says is not fine, as findings.

Contract: `health(status)` yields a finding for each reason of the shared judgement (agent.runtime.health.judgement), or
one that says all is fine.
Rules: what `doctor` looks at itself, it tells by itself: the clock, the disk, the doors, the screen and the broker are
left out.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from agent.runtime.checks.finding import Finding, Level, ok
from agent.runtime.health.judgement import judge
from agent.runtime.health.reasons import Kind, Verdict

SUBJECT = "health"
TOLD_ELSEWHERE: Final = frozenset(
    {Kind.CLOCK, Kind.LITTLE_DISK, Kind.VOLATILE, Kind.INTAKE, Kind.BROKER, Kind.BOOKS, Kind.DARK_SCREEN}
)


def health(status: Mapping[str, Any]) -> Iterator[Finding]:
    """A finding a reason."""
    reasons = [reason for reason in judge(status).reasons if reason.kind not in TOLD_ELSEWHERE]
    if not reasons:
        yield ok(SUBJECT, "the running agent sees nothing wrong")
    for reason in reasons:
        level = Level.FAIL if reason.verdict is Verdict.FAILING else Level.WARN
        yield Finding(level, SUBJECT, reason.text, reason.remedy)
