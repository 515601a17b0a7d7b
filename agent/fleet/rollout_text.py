"""What a rollout tells its operator.

Contract: `intent` before it begins, `conclusion` and `report` (for machines) when it is over. Pure.
Rules: every text that came from a device passes through `plain`.
"""

from collections import Counter
from typing import Any

from agent.fleet.console import bad, good
from agent.fleet.difference import between, lines
from agent.fleet.rollout_conduct import Ended
from agent.fleet.rollout_course import Phase
from agent.fleet.rollout_plan import Plan
from agent.fleet.survey import Survey
from agent.fleet.targets import people
from agent.fleet.words import count, listed, plain
from agent.remote.documents import Document


def intent(found: Survey, plan: Plan) -> list[str]:
    """What changes, and who comes first."""
    before = found.document.tree if isinstance(found.document, Document) else {}
    away = len(found.members) - len(found.online)
    steps = ", ".join(f"{len(stage):,}" for stage in plan.stages)
    return [
        *(f"  {line}" for line in lines(between(before, plan.document.tree))),
        f"Stages: {steps} of {count(len(found.online), 'device')} online; first {listed(list(plan.stages[0]))}.",
        *([f"Away: {count(away, 'device')}; what is away gets it with the last stage."] if away else []),
    ]


def report(plan: Plan, ended: Ended) -> dict[str, Any]:
    """How it ended, for machines."""
    is_done = ended.course.phase is Phase.DONE
    return {
        "ok": is_done,
        "rollout": plan.id,
        "level": str(plan.level),
        "revision": plan.document.revision if is_done else None,
        "why": ended.course.why,
        "stage": ended.course.stage + 1,
        "stages": [len(stage) for stage in plan.stages],
        "counts": dict(Counter(standing.health.value for standing in ended.standings.values())),
        "failed": {
            device: {"health": each.health.value, "why": each.why}
            for device, each in ended.standings.items()
            if each.health.has_failed
        },
        "overtaken": list(ended.overtaken),
        "behind": list(ended.behind),
    }


def conclusion(plan: Plan, ended: Ended) -> list[str]:
    """How it ended, for people."""
    if ended.course.phase is Phase.DONE:
        told = [good(f"Revision {plan.document.revision} is in force for {people(plan.level)}.")]
    else:
        told = [bad(f"Everything is put back: {str(plain(ended.course.why)).rstrip('.')}.")]
    told += [
        f"  {plain(device)}: {each.health.value}: {plain(each.why)}"
        for device, each in ended.standings.items()
        if each.health.has_failed
    ]
    if ended.overtaken:
        told.append(f"Changed by somebody else meanwhile, and left so: {listed(list(ended.overtaken))}.")
    if ended.behind:
        told.append(bad(f"Have not confirmed what was put back: {listed(list(ended.behind))}."))
    return told
