"""A judge of documents for tests: what it finds bad stands in the documents themselves."""

from collections.abc import Sequence
from typing import Any

from agent.config.files import Loaded
from agent.config.layers import Layer, merge
from agent.config.model import Settings
from agent.config.problems import ConfigurationError, Problem
from agent.remote.desired import Desired
from agent.remote.documents import Document
from agent.remote.settling import settle
from agent.remote.shelf import Outcome
from agent.remote.topics import Device, Fleet, Group, Level

FLEET, LOBBY, BERLIN, OWN = Fleet(), Group("lobby"), Group("berlin"), Device("d1")


def judge(layers: Sequence[Layer]) -> Loaded | ConfigurationError:
    """Refuses `bad = n` with n problems, and `needs = "key"` where no layer has the key."""
    merged = merge(layers)
    problems = [Problem(("bad",), f"is bad, number {number}") for number in range(int(merged.tree.get("bad", 0)))]
    needed = merged.tree.get("needs")
    if needed is not None and needed not in merged.tree:
        problems.append(Problem((needed,), "is missing"))
    return ConfigurationError(tuple(problems)) if problems else Loaded(Settings(), merged, ())


def publish(
    desired: Desired, level: Level, revision: int, *, groups: tuple[str, ...] | None = None, **tree: Any
) -> Desired:
    """The state after a document that is taken."""
    after, outcome = desired.offer(level, Document(level, revision, tree, groups))
    assert Outcome.TAKEN is outcome
    return after


def applied(desired: Desired) -> dict[str, int]:
    """Which revision of each level is applied, after as much as is good was applied."""
    after, _ = settle(desired, judge)
    return revisions(after)


def revisions(desired: Desired) -> dict[str, int]:
    """Which revision of each level is applied."""
    levels = desired.report(on_trial=False)["levels"]
    return {name: level["applied"] for name, level in levels.items() if level["applied"] is not None}
