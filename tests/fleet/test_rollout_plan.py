"""What a rollout remembers."""

import json
from typing import Any

import pytest

from agent.fleet import documents
from agent.fleet.rollout_course import Course, Phase, Terms
from agent.fleet.rollout_health import Baseline, Limits
from agent.fleet.rollout_plan import DamagedError, Entry, Plan, entry_of, plan_of
from agent.remote.documents import Document
from agent.remote.topics import Device, Group

NEW = Document(Group("lobby"), 8, {"player": {"volume": 30}}, note="quieter", by="ana")
PLAN = Plan("8-abc", NEW, '{"revision": 7}', (("a", "b"), ("c",)), Limits(300, 60), Course(2, Terms(0.95, 60.0)))
OWN = Document(Device("a"), 4, {"log": {"level": None}}, ("lobby",), "mine", "ben")
ENTRY = Entry("a", OWN, 9, Baseline(frozenset({"PAUSED"}), frozenset({"stats.collect"}), 3))


def read(plain: Any) -> Any:
    """As a journal gives it back."""
    return json.loads(json.dumps(plain))


@pytest.mark.parametrize("phase", Phase)
def test_plan_is_read_as_it_was_written(phase: Phase) -> None:
    """Whoever takes it up, on another machine, must see the same rollout."""
    plan = PLAN.at(Course(2, PLAN.course.terms, phase, 1, why="two went dark"))
    assert plan == plan_of(read(plan.plain()), read(documents.plain(plan.document)), plan.before)
    assert (("a", "b"), ("a", "b", "c")) == (PLAN.reached, plan.reached)


@pytest.mark.parametrize("entry", [ENTRY, Entry("a", None, None, Baseline())])
def test_entry_is_read_as_it_was_written(entry: Entry) -> None:
    """A null in the device's own document is part of what must be put back."""
    assert entry == entry_of(read(entry.plain()))


def test_own_document_is_put_back_with_all_that_it_said() -> None:
    """A higher revision, or the device would take it for an old one."""
    assert Document(Device("a"), 10, OWN.tree, OWN.groups, "mine", "ben") == ENTRY.put_back()


def test_device_without_a_document_gets_an_empty_one() -> None:
    """An empty message would never reach a device whose session has expired, and it would keep the trial's settings."""
    assert Document(Device("a"), 10, {}) == Entry("a", None, 9, Baseline()).put_back()


@pytest.mark.parametrize(
    "damage", [{"level": "planet"}, {"stages": 3}, {"phase": "lost"}, {"success": "most"}, {"soak_s": None}]
)
def test_damaged_plan_is_said_to_be_one(damage: dict[str, Any]) -> None:
    """Half a plan would put back the wrong things."""
    with pytest.raises(DamagedError):
        plan_of({**PLAN.plain(), **damage}, documents.plain(NEW), None)
    with pytest.raises(DamagedError):
        plan_of(PLAN.plain(), {"revision": 0}, None)
    with pytest.raises(DamagedError):
        entry_of({**ENTRY.plain(), "own": {"revision": "x"}})
