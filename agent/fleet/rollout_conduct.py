"""Carries a rollout out: publishes a stage, watches, goes on or puts everything back.

Contract: `Conductor.run` goes on from wherever the plan is until the rollout is over; `Ended` says how. It raises
`DeskError`, OSError; what is published then stays, and `run` of another conductor takes it up.
Rules: all stages but the last publish the change in the devices' own documents, laid over what these said, so that a
device runs exactly as it will with the new document; the last one publishes that document for all, and once it is in
force the devices' own are put back. What is to be put back is in the journal before anything is published. Nobody's
change is overwritten: where another operator has published meanwhile, a device's document is left as it is, and the
rollout turns back where it is the document that is rolled out.
Reasons: devices take fleet, group and device documents only, and each keeps what it has when the operator is gone.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.fleet import documents, rollout_ground
from agent.fleet.desk import Desk
from agent.fleet.outcomes import Verdict, outcome
from agent.fleet.publishing import ConflictError, LostError, publish
from agent.fleet.rollout_course import Course, Phase
from agent.fleet.rollout_ground import Ground, UnreadableError
from agent.fleet.rollout_health import Health, Standing, baseline, judge, trouble
from agent.fleet.rollout_journal import Journal
from agent.fleet.rollout_overlay import Inexpressible
from agent.fleet.rollout_plan import Entry, Plan
from agent.fleet.roster import device_topics
from agent.fleet.sighting import Roll, Sighting
from agent.fleet.survey import survey
from agent.fleet.words import count
from agent.remote.documents import Document
from agent.remote.line import Outgoing
from agent.remote.topics import Device, Fleet, Level, Topics

# How often the devices are looked at, beside whenever one of them reports.
LOOK_EVERY_S = 0.5

# Verdicts of a device that runs what was put back, or what somebody has published after it.
_RUNS = (Verdict.APPLIED, Verdict.SUPERSEDED)

Tell = Callable[[str], None]
Target = tuple[Level, int]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a rollout ended. `overtaken`: devices whose own document somebody else has changed, so that it was left;
    `behind`: devices that have not confirmed what was put back, those that are away among them."""

    course: Course
    standings: Mapping[str, Standing]
    overtaken: tuple[str, ...]
    behind: tuple[str, ...]


class Conductor:
    """One rollout. `roll`: the devices, as far as they are known; it is kept up to date."""

    def __init__(self, desk: Desk, topics: Topics, journal: Journal, *, roll: Roll, tell: Tell) -> None:
        self._desk = desk
        self._topics = topics
        self._journal = journal
        self._roll = roll
        self._tell = tell
        self._standings: dict[str, Standing] = {}
        self._ill_since: dict[str, float] = {}
        self._overtaken: set[str] = set()

    @property
    def _plan(self) -> Plan:
        return self._journal.plan

    def run(self) -> Ended:
        """From wherever the rollout is to its end."""
        while self._plan.course.phase is Phase.STAGE:
            self._stage()
        behind: tuple[str, ...] = ()
        if not self._plan.course.phase.is_over:
            is_return = self._plan.course.phase is Phase.RETURNING
            self._tell(f"putting back: {self._plan.course.why}" if is_return else "clearing up")
            targets = self._put_back_level() if is_return else {}
            targets |= self._put_back_devices()
            if self._put_back_devices():
                raise LostError("The broker does not keep what is put back. Look at it, then run this again, --abort.")
            behind = self._confirmed(targets)
            self._save(self._plan.course.finished())
        self._journal.forget()
        return Ended(self._plan.course, self._standings, tuple(sorted(self._overtaken)), behind)

    def turn_back(self, why: str) -> None:
        """Begin to put everything back; nothing happens where that is no longer possible."""
        self._save(self._plan.course.turned_back(why))

    def _save(self, course: Course, entries: Sequence[Entry] = ()) -> None:
        if entries or course != self._plan.course:
            self._journal.save(self._plan.at(course), entries)

    # ------------------------------------------------------------------------------------------------------- stages

    def _stage(self) -> None:
        course = self._plan.course
        devices = self._plan.stages[course.stage]
        self._tell(f"stage {course.stage + 1} of {course.stages}: {count(len(devices), 'more device')}")
        try:
            if course.is_last:
                self._publish_for_all(devices)
            else:
                self._publish_for(devices)
        except (ConflictError, UnreadableError) as error:
            self.turn_back(str(error))
            return
        self._watch()

    def _publish_for_all(self, devices: Sequence[str]) -> None:
        wall, known = self._desk.wall(), self._journal.entries
        self._save(
            self._plan.course,
            [Entry(each, None, None, baseline(self._at(each), wall)) for each in devices if each not in known],
        )
        found = survey(self._desk, self._topics, self._plan.level)
        if found.document == self._plan.document:
            return  # published before this program was killed
        if _text(found.payload) != self._plan.before:
            raise ConflictError(f"somebody else has changed the document of {self._plan.level} meanwhile")
        publish(self._desk, self._topics, found, self._plan.document)

    def _publish_for(self, devices: Sequence[str]) -> None:
        ground = rollout_ground.read(self._desk, self._topics, self._roll, devices)
        if _text(ground.retained.get(self._plan.level)) != self._plan.before:
            raise ConflictError(f"somebody else has changed the document of {self._plan.level} meanwhile")
        wall, known = self._desk.wall(), self._journal.entries
        fresh = [
            Entry(each, ground.document(Device(each)), ground.next_revision(each), baseline(self._at(each), wall))
            for each in devices
            if each not in known
        ]
        self._save(self._plan.course, fresh)
        for device in devices:
            entry, there = self._journal.entries[device], ground.document(Device(device))
            if there == entry.own:
                self._publish(ground, self._overlay(ground, entry))

    def _overlay(self, ground: Ground, entry: Entry) -> Document:
        tree = ground.overlay(self._at(entry.device), self._plan.document)
        if isinstance(tree, Inexpressible):
            raise ConflictError(f"the documents that count for {entry.device} have changed meanwhile")
        assert entry.revision is not None
        groups = None if entry.own is None else entry.own.groups
        note = f"rollout {self._plan.id} of {self._plan.level} {self._plan.document.revision}"
        return Document(Device(entry.device), entry.revision, tree, groups, note, self._plan.document.by)

    def _publish(self, ground: Ground, document: Document) -> None:
        """Publish a device's own document, with its place in the history."""
        kept = documents.encode(document, published=round(self._desk.wall(), 3))
        history = self._topics.history(document.level, document.revision)
        self._desk.publish(Outgoing(history, kept, retain=True))
        self._desk.publish(Outgoing(self._topics.desired(document.level), documents.encode(document), retain=True))

    # ------------------------------------------------------------------------------------------------------ watching

    def _watch(self) -> None:
        """Until the course changes."""
        course, begun = self._plan.course, self._desk.now()
        self._ill_since.clear()
        desired = self._topics.desired(self._plan.level)
        self._desk.subscribe([*device_topics(self._topics, Fleet()), desired])
        expected = documents.encode(self._plan.document).decode() if course.is_last else self._plan.before
        shown: Counter[Health] | None = None
        while course.phase is Phase.STAGE and course.stage == self._plan.course.stage:
            self._take(LOOK_EVERY_S, desired, expected)
            if self._plan.course.phase is not Phase.STAGE:
                return
            now = self._desk.now()
            self._standings = {each: self._judged(each, now - begun, now) for each in self._plan.reached}
            course = course.step(self._standings, now)
            counted = Counter(each.health for each in self._standings.values())
            if counted != shown:
                shown = counted
                self._tell(", ".join(f"{number} {health.value}" for health, number in counted.most_common()))
        self._save(replace(course, steady_since=None))

    def _take(self, seconds: float, desired: str, expected: str | None) -> None:
        """Take what has come; somebody else's document of the level turns the course back."""
        until = self._desk.now() + seconds
        while (left := until - self._desk.now()) > 0:
            arrived = self._desk.receive(left)
            if arrived is None:
                return
            if arrived.topic == desired and _text(arrived.payload or None) != expected:
                self.turn_back(f"somebody else has changed the document of {self._plan.level} meanwhile")
                return
            self._roll.take(arrived.topic, arrived.payload)

    def _judged(self, device: str, elapsed: float, now: float) -> Standing:
        sighting, entry = self._at(device), self._journal.entries[device]
        ill = trouble(sighting, entry.baseline, self._desk.wall())
        since = self._ill_since.setdefault(device, now) if ill else self._ill_since.pop(device, now)
        target = self._target(entry)
        return judge(sighting, target, elapsed=elapsed, ill_for=now - since, ill=ill, limits=self._plan.limits)

    def _target(self, entry: Entry) -> Target:
        if self._plan.course.is_last or entry.revision is None:
            return self._plan.level, self._plan.document.revision
        return Device(entry.device), entry.revision

    def _at(self, device: str) -> Sighting:
        return self._roll.devices.get(device, Sighting(device))

    # -------------------------------------------------------------------------------------------------- putting back

    def _put_back_level(self) -> dict[str, Target]:
        """The document of the level, where ours was published; the devices that will tell of it."""
        found = survey(self._desk, self._topics, self._plan.level)
        if found.document != self._plan.document:
            return {}
        before = None if self._plan.before is None else documents.read(self._plan.level, self._plan.before.encode())
        old = before if isinstance(before, Document) else Document(self._plan.level, 1, {})
        revision = self._plan.document.revision + 1
        publish(self._desk, self._topics, found, replace(old, revision=revision))
        return dict.fromkeys(found.online, (self._plan.level, revision))

    def _put_back_devices(self) -> dict[str, Target]:
        """The devices' own documents; those that were not there yet."""
        entries = [each for each in self._journal.entries.values() if each.revision is not None]
        ground = rollout_ground.read(self._desk, self._topics, self._roll, [each.device for each in entries])
        targets: dict[str, Target] = {}
        for entry in entries:
            assert entry.revision is not None
            old = entry.put_back()
            there = ground.retained.get(old.level)
            found = None if there is None else documents.read(old.level, there)
            if isinstance(found, Document) and found.revision > entry.revision:
                if found != old:
                    self._overtaken.add(entry.device)
                continue
            self._publish(ground, old)
            targets[entry.device] = (old.level, old.revision)
        return targets

    def _confirmed(self, targets: Mapping[str, Target]) -> tuple[str, ...]:
        """Wait for the devices to say that they run it; those that have not said so in time."""
        until = self._desk.now() + self._plan.limits.within_s
        self._desk.subscribe(device_topics(self._topics, Fleet()))
        while True:
            outcomes = {device: outcome(self._at(device), *target) for device, target in targets.items()}
            left = until - self._desk.now()
            if left <= 0 or all(each.is_settled for each in outcomes.values()):
                return tuple(sorted(device for device, each in outcomes.items() if each.verdict not in _RUNS))
            self._take(min(left, LOOK_EVERY_S), "", None)


def _text(payload: bytes | None) -> str | None:
    return None if payload is None else payload.decode(errors="replace")
