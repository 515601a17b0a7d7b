"""Takes commands from the broker, has each executed once, and answers.

Contract: a plain object that the main loop steps. `take` is given what came on the command topic, `tick` the time;
`online` and `offline` what became of the connection. `deadline` says when `tick` is due. OSError stays inside.
Rules
- The order that makes it once: remember durably as begun, acknowledge to the broker, execute, remember the answer
  durably, publish it. A command found begun after a restart has failed (agent.remote.deeds).
- A command that was seen before is answered as before and not executed.
- At most `IN_FLIGHT` at a time; they do not wait for each other, so that one that takes its time holds up nobody.
- Where the memory cannot be written, only what may happen twice without harm is executed: diagnostics help just then.
- An answer that may have been lost with the connection, or with a kill, is given again. One twice does no harm: the id
  tells.
- A retained command is refused once, not with each connection.
Reasons: agent.remote.freshness for what comes too late.
"""

import hashlib
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from agent.kernel.instants import Instant
from agent.remote.answers import Answer, Status, outgoing
from agent.remote.commands import Cleared, Command, Diagnostics, Flush, Refresh, Refusal, Report, parse
from agent.remote.deeds import KEPT_AT_MOST, Deed, Deeds
from agent.remote.freshness import Backlog, too_late
from agent.remote.letters import Arrived
from agent.remote.line import Line
from agent.remote.topics import Topics
from agent.runtime.commanding.hands import Hands
from agent.runtime.commanding.works import Done, Ending, Failed, Work, begin

log = structlog.get_logger()

# More at a time is a program that has run wild, or two operators at odds.
IN_FLIGHT = 16
# What is under way is looked at this often: an operator waits for it, and a look asks the store.
LOOK_EVERY_S = 0.25
# A dead connection is noticed after twice the keepalive at most; answers that went into it are given again.
PERHAPS_LOST_S = 120.0
TOO_MANY = f"too many commands at a time: {IN_FLIGHT} are under way; send it again with a new id"
BUNDLE_GONE = "a bundle is sent once and not kept; ask again with a new id"
SLICE_GONE = "a slice is sent once and not kept; ask again with a new id"
MEMORY_LOST = "the memory of commands was damaged, so this one may have been executed before; not repeated"


@dataclass(frozen=True, slots=True)
class _Running:
    command: Command
    work: Work


class Commander:
    """`device`: its id. `topics` may be replaced while nothing is connected. `counters` are for `status`."""

    def __init__(self, deeds: Deeds, hands: Hands, *, line: Line, topics: Topics, device: str) -> None:
        self.topics = topics
        self.counters: Counter[str] = Counter()
        self._deeds = deeds
        self._hands = hands
        self._line = line
        self._device = device
        self._backlog = Backlog()
        self._is_online = False
        self._running: dict[str, _Running] = {}
        self._told: deque[tuple[str, float]] = deque(maxlen=KEPT_AT_MOST)
        self._looked_at = 0.0
        self._is_unwritten = False
        if deeds.damage is not None:
            self.counters["memory-damaged"] += 1
            log.error("memory of commands lost", problem=deeds.damage)

    @property
    def deadline(self) -> float | None:
        """The boot-time second at which `tick` is due, or None."""
        looks = [self._looked_at + LOOK_EVERY_S] if self._running else []
        back = self._hands.levels.deadline
        return min(looks + ([] if back is None else [back]), default=None)

    def online(self, now: Instant, *, resumed: bool) -> None:
        """A connection has begun, and will bring what comes next. `resumed`: the broker had kept our session."""
        self._is_online = True
        self._backlog.online(now.boottime, resumed=resumed)
        untold = self._deeds.untold
        for deed in untold:
            self._tell(_answer(deed), now)
        if untold:
            self._save()

    def offline(self, now: Instant) -> None:
        """The connection is over."""
        self._is_online = False
        self._backlog.offline()
        for id, at in self._told:
            if now.boottime - at < PERHAPS_LOST_S:
                self._deeds.note_told(id, told=False)
        self._told.clear()

    def take(self, letters: Sequence[Arrived], now: Instant) -> None:
        """Take in what came on the command topic."""
        answers: list[Answer] = []
        begun: list[Command] = []
        for letter in letters:
            match parse(letter, self.topics, self._device):
                case Cleared():
                    continue
                case Refusal() as refusal:
                    answers += self._refuse(refusal, letter)
                case Command() as command:
                    deed = self._deeds.find(command.id)
                    if deed is not None:
                        self.counters["repeated"] += 1
                        answers.append(replace(_answer(deed), address=command.address))
                        continue
                    reason = self._objection(command, now, len(begun))
                    begun += [command] if reason is None else []
                    answers += [] if reason is None else [self._failed(command, reason)]
        is_saved = self._save() if self._deeds.is_unsaved else True
        for letter in letters:
            self._line.acknowledge(letter.run, letter.mid, letter.qos)
        for answer in answers:
            self._tell(answer, now)
        self._begin(begun, now, is_saved=is_saved)

    def tick(self, now: Instant) -> None:
        """See what has come of what is under way."""
        self._hands.levels.tick(now.boottime)
        if self._running and now.boottime >= self._looked_at + LOOK_EVERY_S:
            self._looked_at = now.boottime
            looks = [(each.command, each.work.look(now.boottime)) for each in self._running.values()]
            self._finish([(command, ending) for command, ending in looks if ending is not None], now)

    def status(self, now: float) -> dict[str, Any]:
        """For `status`. `now`: boot-time s."""
        counters = {name: number for name, number in self.counters.items() if number}
        level = self._hands.levels.status(now)
        return {"under_way": len(self._running), "log_level": level, "counters": counters}

    def _refuse(self, refusal: Refusal, letter: Arrived) -> list[Answer]:
        """What is said to it; nothing to a retained one that was refused, or executed, before."""
        self.counters["refused"] += 1
        reason = "; ".join(refusal.problems)
        answer = Answer(refusal.id, refusal.name, Status.FAILED, refusal.address, reason)
        if refusal.retained:
            id = refusal.id or f"retained-{hashlib.sha256(letter.payload).hexdigest()[:16]}"
            if self._deeds.find(id) is not None:
                return []
            self._deeds.note(Deed(id, refusal.name or "", refusal.address, Status.FAILED, reason, told=True))
        log.warning("command refused", id=refusal.id, command=refusal.name, reason=reason)
        return [answer]

    def _objection(self, command: Command, now: Instant, begun: int) -> str | None:
        """Why a command that makes sense is not executed; None where it is."""
        fresh = self._backlog.is_over(now.boottime)
        late = too_late(command, wall=now.wall, synced=now.synced, fresh=fresh)
        if late is not None:
            return late
        if self._deeds.damage is not None and not fresh:
            return MEMORY_LOST
        if len(self._running) + begun >= IN_FLIGHT:
            return TOO_MANY
        self._deeds.note(Deed(command.id, command.order.word, command.address, Status.ACCEPTED))
        return None

    def _failed(self, command: Command, reason: str) -> Answer:
        """Note and answer what will not be executed."""
        deed = Deed(command.id, command.order.word, command.address, Status.FAILED, reason)
        self._deeds.note(deed)
        self._count(deed)
        return _answer(deed)

    def _begin(self, commands: Iterable[Command], now: Instant, *, is_saved: bool) -> None:
        ended: list[tuple[Command, Ending]] = []
        for command in commands:
            if not is_saved and not isinstance(command.order, Refresh | Flush | Diagnostics | Report):
                ended.append((command, Failed("it cannot be remembered, since the disk takes no write; not executed")))
                continue
            self._tell(Answer(command.id, command.order.word, Status.ACCEPTED, command.address), now)
            match begin(command.order, self._hands, now.boottime):
                case Done() | Failed() as ending:
                    ended.append((command, ending))
                case work:
                    self._running[command.id] = _Running(command, work)
        self._finish(ended, now)

    def _finish(self, ended: Sequence[tuple[Command, Ending]], now: Instant) -> None:
        """Remember how they ended, then say so."""
        answers: list[Answer] = []
        for command, ending in ended:
            self._running.pop(command.id, None)
            status = Status.DONE if isinstance(ending, Done) else Status.FAILED
            deed = Deed(command.id, command.order.word, command.address, status, ending.reason)
            self._deeds.note(deed)
            self._count(deed)
            data = ending.data if isinstance(ending, Done) else None
            answers.append(Answer(deed.id, deed.name, status, deed.address, ending.reason, data))
        if answers:
            self._save()
        for answer in answers:
            self._tell(answer, now)

    def _count(self, deed: Deed) -> None:
        self.counters[deed.status.value] += 1
        log.info("command", id=deed.id, command=deed.name, status=deed.status.value, reason=deed.reason)

    def _tell(self, answer: Answer, now: Instant) -> None:
        """Publish it; without a connection a final answer waits for the next one."""
        if not self._is_online:
            return
        self._line.publish(outgoing(answer, device=self._device, wall=now.wall))
        if answer.id is not None and answer.status is not Status.ACCEPTED:
            self._deeds.note_told(answer.id, told=True)
            self._told.append((answer.id, now.boottime))

    def _save(self) -> bool:
        """Whether the memory of commands is durable now; logged once where it is not, and once when it is again."""
        try:
            self._deeds.save()
        except OSError as error:
            self.counters["memory-unwritten"] += 1
            if not self._is_unwritten:
                log.error("commands cannot be remembered", error=str(error))
            self._is_unwritten = True
            return False
        if self._is_unwritten:
            log.info("commands are remembered again")
        self._is_unwritten = False
        return True


def _answer(deed: Deed) -> Answer:
    """What is said of a command that is known."""
    reason = deed.reason
    if deed.status is Status.DONE:
        reason = {Diagnostics.word: BUNDLE_GONE, Report.word: SLICE_GONE}.get(deed.name, reason)
    return Answer(deed.id, deed.name, deed.status, deed.address, reason)
