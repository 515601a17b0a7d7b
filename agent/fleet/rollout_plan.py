"""What a rollout is about, and what it has to put back.

Contract: values, with the JSON in which the journal keeps them; `plan_of` and `entry_of` raise `DamagedError` for what
is no such JSON. Pure.
Rules: the new document's revision, and that of each device's own, are settled before anything is published, so a
rollout that is taken up after a crash sees what is already there, and publishing it again changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agent.fleet import documents, fields
from agent.fleet.rollout_course import Course, Phase, Terms
from agent.fleet.rollout_health import Baseline, Limits, baseline_of
from agent.remote.documents import Document, document
from agent.remote.topics import Device, Level, level_of_text


class DamagedError(Exception):
    """The journal does not hold what this program wrote."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`document`: the new one of its level; `before`: what was retained there, as text. `stages`: devices by stage."""

    id: str
    document: Document
    before: str | None
    stages: tuple[tuple[str, ...], ...]
    limits: Limits
    course: Course

    @property
    def level(self) -> Level:
        return self.document.level

    @property
    def reached(self) -> tuple[str, ...]:
        """The devices of all stages so far."""
        return tuple(device for stage in self.stages[: self.course.stage + 1] for device in stage)

    def at(self, course: Course) -> "Plan":
        """The same plan, further on."""
        return replace(self, course=course)

    def plain(self) -> dict[str, Any]:
        """For the journal; the documents are apart (`documents`), for they may be large."""
        course = self.course
        return {
            "v": 1,
            "id": self.id,
            "level": str(self.level),
            "stages": [list(stage) for stage in self.stages],
            "within_s": self.limits.within_s,
            "silent_after_s": self.limits.silent_after_s,
            "success": course.terms.success,
            "soak_s": course.terms.soak_s,
            "phase": course.phase.value,
            "stage": course.stage,
            "why": course.why,
        }


@dataclass(frozen=True, slots=True)
class Entry:
    """A device that a stage has reached. `own`: its document before; `revision`: that of the one it gets, None in the
    last stage, where it gets none."""

    device: str
    own: Document | None
    revision: int | None
    baseline: Baseline

    def plain(self) -> dict[str, Any]:
        """For the journal."""
        return {
            "device": self.device,
            "own": None if self.own is None else documents.plain(self.own),
            "revision": self.revision,
            "baseline": self.baseline.plain(),
        }

    def put_back(self) -> Document:
        """Its own document again. Not an empty message where it had none: a device whose session has expired would
        never hear of that."""
        assert self.revision is not None
        if self.own is None:
            return Document(Device(self.device), self.revision + 1, {})
        return replace(self.own, revision=self.revision + 1)


def plan_of(said: Mapping[str, Any], new: Mapping[str, Any], before: str | None) -> Plan:
    """The plan that `plain` and `documents.plain` wrote."""
    try:
        level = level_of_text(said["level"])
        assert level is not None
        course = Course(
            len(said["stages"]),
            Terms(float(said["success"]), float(said["soak_s"])),
            Phase(said["phase"]),
            int(said["stage"]),
            why=said["why"],
        )
        stages = tuple(tuple(map(str, stage)) for stage in said["stages"])
        limits = Limits(float(said["within_s"]), float(said["silent_after_s"]))
        return Plan(str(said["id"]), _document(level, new), before, stages, limits, course)
    except (AssertionError, KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"the journal of this rollout is damaged: {error}") from None


def entry_of(said: Mapping[str, Any]) -> Entry:
    """The entry that `plain` wrote."""
    try:
        device, own = str(said["device"]), said["own"]
        found = None if own is None else _document(Device(device), own)
        return Entry(device, found, said["revision"], baseline_of(fields.table(said, "baseline")))
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedError(f"the journal of this rollout is damaged: {error}") from None


def _document(level: Level, said: Mapping[str, Any]) -> Document:
    found = document(level, said)
    if not isinstance(found, Document):
        raise ValueError("; ".join(map(str, found)))
    return found
