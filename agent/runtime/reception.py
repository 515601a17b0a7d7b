"""Takes in what the kiosk's own application tells: whose it is, and that it is durable before it is answered.

Contract: `take` is the main loop's; it answers every submission exactly once, after the transaction that keeps it.
Rules: what a visitor does with a medium belongs to the playback on the screen, at the point where that stands, unless
another entry is named; then it has a session of its own, one for each visit and entry. Either way it carries the visit
in which it is done, whenever the playback began. Page views and clicks belong to no session. Each event keeps the visit
going. Where the disk is full nothing is kept, and that is the answer: an application can try again, a play cannot
(agent.runtime.journal keeps plays in memory meanwhile).
Reasons: decisions 5, 27; the guide's sections 5.1, 6 and 12.2.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol
from uuid import UUID, uuid5

from agent.intake.submission import NO_ROOM, VISITS_OFF, Answer, Kept, Misfit, Submission, VisitCommand
from agent.kernel import codec
from agent.kernel.activity import Activity, Engaged
from agent.kernel.attribution import Attribution, Identity
from agent.kernel.events import Playhead
from agent.kernel.instants import Instant
from agent.kernel.records import Record
from agent.kernel.session import SessionTracker
from agent.kernel.visits import Visits
from agent.runtime.recorder import Profile, Recorder

VISITS: Final = "visits"
"""The named text in the store: how many visits there have been."""

TAKEN_AT_ONCE: Final = 500
"""What one transaction takes, as for the journal."""

Keep = Callable[[Sequence[Record], Mapping[str, str]], int | None]
"""Makes records and named texts durable; the first record's sequence, None where there is no room."""


class Screen(Protocol):
    """What is on the screen."""

    @property
    def attribution(self) -> Attribution | None:
        """The newest session's owner."""
        ...

    def head(self, at: float) -> Playhead | None:
        """Where the open session stands; None where none is open."""
        ...


@dataclass(frozen=True, slots=True)
class OnScreen:
    """The screen of a running agent."""

    tracker: SessionTracker
    recorder: Recorder

    @property
    def attribution(self) -> Attribution | None:
        """As the recorder knows it."""
        return self.recorder.attribution

    def head(self, at: float) -> Playhead | None:
        """As the tracker knows it."""
        return self.tracker.head(at)


@dataclass(frozen=True, slots=True)
class _Due:
    """An answer that only waits for the transaction. `place`: which record it is about, None for a visit's command."""

    submission: Submission
    place: int | None
    session: str | None
    visit: str | None


class Reception:
    """Attributes, keeps and answers."""

    def __init__(self, generation: str, profile: Profile, visits: Visits, *, screen: Screen, keep: Keep) -> None:
        self._generation = generation
        self._profile = profile
        self._visits = visits
        self._screen = screen
        self._keep = keep
        self._kept = visits.state()

    def context(self, now: float) -> str | None:
        """The visit that goes on at the boot-time second `now`; what opens meanwhile is watched in it."""
        return self._visits.current(now)

    def take(self, submissions: Sequence[Submission], now: Instant) -> None:
        """Keep and answer. Raises StoreDamaged and StoreFailed."""
        for first in range(0, len(submissions), TAKEN_AT_ONCE):
            self._take(submissions[first : first + TAKEN_AT_ONCE], now, first)

    def _take(self, submissions: Sequence[Submission], now: Instant, first: int) -> None:
        records: list[Record] = []
        due: list[_Due] = []
        for submission in submissions:
            found = self._attend(submission, now, first + len(records))
            if isinstance(found, Misfit):
                submission.reply.put(found)
                continue
            owner, activity = found
            if isinstance(activity, VisitCommand):
                due.append(_Due(submission, None, None, self._visits.current(now.boottime)))
                continue
            due.append(_Due(submission, len(records), owner.session_id or None, owner.context_id))
            kind, body = codec.encode(activity)
            records.append(Record(kind, body, codec.priority(activity), owner, now))
        self._answer(due, self._write(records))

    def _write(self, records: Sequence[Record]) -> int | None:
        state = self._visits.state()
        changed = {} if state == self._kept else {VISITS: state}
        if not records and not changed:
            return 0
        first = self._keep(records, changed)
        if first is not None:
            self._kept = state
        return first

    def _answer(self, due: Sequence[_Due], first: int | None) -> None:
        for each in due:
            answer: Answer = NO_ROOM
            if each.place is None and not self._visits.enabled:
                answer = VISITS_OFF
            elif first is not None:
                token = None
                if each.place is not None:
                    token = Identity(self._generation, first + each.place).token(0)
                answer = Kept(token, each.session, each.visit)
            each.submission.reply.put(answer)

    def _attend(
        self, submission: Submission, now: Instant, index: int
    ) -> tuple[Attribution, Activity | VisitCommand] | Misfit:
        """Whose it is, and what happened as of now."""
        what = submission.dated(now.boottime)
        match what:
            case VisitCommand.START:
                self._visits.start(now.boottime)
            case VisitCommand.END:
                self._visits.end(now.boottime)
            case _:
                self._visits.touch(now.boottime)
        context = self._visits.current(now.boottime)
        if isinstance(what, Engaged):
            return self._engaged(submission, what, now, context, index)
        owner = self._profile.attribution("", entry_id=submission.entry_id, context=context)
        return self._by(submission, owner), what

    def _engaged(
        self, submission: Submission, what: Engaged, now: Instant, context: str | None, index: int
    ) -> tuple[Attribution, Activity] | Misfit:
        """What a visitor did with the medium on the screen, or with another one."""
        playing, head, entry_id = self._screen.attribution, self._screen.head(now.boottime), submission.entry_id
        if head is not None and playing is not None and entry_id in (None, playing.entry_id):
            return self._by(submission, self._in_visit(playing, context)), replace(what, head=head)
        if entry_id is None:
            text = "is missing, and nothing is on the screen that this could be about"
            return Misfit("entry_id", text, "the Kaltura entry that this is about", mark=submission.mark)
        session = self._own_session(entry_id, context, f"{now.boot_id}/{now.boottime}/{index}")
        owner = self._profile.attribution(session, entry_id=entry_id, context=context)
        return self._by(submission, owner), what

    def _in_visit(self, playing: Attribution, context: str | None) -> Attribution:
        """The playback's owner, in the visit that is on: the film may have begun before the visitor came."""
        if context is None:
            return playing
        return replace(playing, context_id=context, unique_viewer=self._profile.viewer(context))

    def _own_session(self, entry_id: str, context: str | None, moment: str) -> str:
        """A session's id for what concerns no playback: one for a visit and an entry, else one for itself alone."""
        if context is not None:
            return str(uuid5(UUID(context), f"entry/{entry_id}"))
        return str(uuid5(UUID(self._generation), f"activity/{moment}"))

    @staticmethod
    def _by(submission: Submission, owner: Attribution) -> Attribution:
        return owner if submission.user_id is None else replace(owner, user_id=submission.user_id)
