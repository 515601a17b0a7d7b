"""The main loop: reports and requests in, events durably out.

Contract: `step` takes what waits in the mailbox, lets the director and the tracker think, writes the events and the
state that belongs to them in ONE transaction, wakes the senders, and answers requests. It decides nothing itself.
Rules: nothing is answered, acknowledged or sent before it is durable. A crash anywhere is repaired by the next start.
After a hold-up (a slow card, a suspended process) the mailbox is read until the player's words are of now before time
passes for the tracker: some are still on their way, and their silence would count as a stall.
Reasons: ARCHITECTURE.md; decisions 1, 25, 27, 31.
"""

from collections.abc import Callable, Sequence
from typing import Any

from agent.intake.submission import Submission
from agent.kernel.events import Event
from agent.kernel.instants import Clock, Instant
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Signal, StopCommanded
from agent.player import reports
from agent.player.conductor import Conductor
from agent.player.operations import Operation
from agent.player.reports import Heard, Report
from agent.remote import letters as broker
from agent.runtime.control import Request
from agent.runtime.journal import Journal
from agent.runtime.mailbox import Mailbox

# How long the loop sleeps when nothing is due: short enough for a signal handler's word to be heard.
LONGEST_WAIT_S = 0.5
# A step that comes this much later than the one before was held up.
HELD_UP_S = 1.5
# Then all that waits has been read when nothing comes for this long (a playing host says something every 0.25 s), or
# what comes is this fresh. Reading it takes no longer than the bound, unless the host's clock stands still.
QUIET_S = 0.5
FRESH_S = 0.5
CATCH_UP_S = 5.0

Letter = Report | Request | Submission | broker.Letter


def sample_kind(letter: Letter) -> object | None:
    """The kind of a position sample, which a later one may replace in a crowded mailbox; None for everything else."""
    return reports.sample_kind(letter) if isinstance(letter, Heard) else None


class MainLoop:
    """Owns the tracker and the director; everybody else only leaves letters.

    `acknowledge(run, number)` tells the player host what is durable. `answer` answers a request; it may call `obey`.
    `receive` keeps and answers what applications tell; `context` is the visit that goes on at a boot-time second.
    `housekeep` is told the boot-time second after each step, for what is looked at now and then. `steer` is given what
    the broker says, once the step is written, and `steer_due` answers when it must be called without. `plays_on`: the
    player goes on when we end, so the play is left open.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        mailbox: Mailbox[Letter],
        journal: Journal,
        tracker: SessionTracker,
        director: Conductor,
        acknowledge: Callable[[int, int], None],
        answer: Callable[[Request], dict[str, Any]],
        receive: Callable[[Sequence[Submission], Instant], None] = lambda *_: None,
        context: Callable[[float], str | None] = lambda _: None,
        housekeep: Callable[[float], None] = lambda _: None,
        steer: Callable[[Sequence[broker.Letter], Instant], None] = lambda *_: None,
        steer_due: Callable[[], float | None] = lambda: None,
        plays_on: bool = False,
    ) -> None:
        self._clock = clock
        self._mailbox = mailbox
        self._journal = journal
        self._tracker = tracker
        self._director = director
        self._acknowledge = acknowledge
        self._answer = answer
        self._receive = receive
        self._context = context
        self._housekeep = housekeep
        self._steer = steer
        self._steer_due = steer_due
        self._plays_on = plays_on
        self._stepped_at = clock.now().boottime
        self._heard: Heard | None = None
        self._ended = self._is_back = False
        self.stopping = False

    def run(self) -> None:
        """Step until `stopping` was set and a step has ended all in good order, or until `abandon`."""
        while not self._ended:
            self.step()

    def abandon(self) -> None:
        """End after the present step, and not in good order: what the next start finds is a crash, and counts as one.

        For any thread.
        """
        self._ended = True

    def step(self) -> None:
        """One round; waits for a letter at most until the next deadline."""
        letters = self._mailbox.take(self._patience())
        now = self._clock.now()
        if now.boottime - self._stepped_at > HELD_UP_S or self._is_back:
            letters += self._catch_up()
            now = self._clock.now()
        self._stepped_at = now.boottime
        was_behind = self._director.is_behind
        # Read once: a signal may set it at any moment, and what follows must be of one mind.
        stopping = self.stopping
        events: list[Event] = []
        requests: list[Request] = []
        submissions: list[Submission] = []
        from_broker: list[broker.Letter] = []
        for letter in letters:
            match letter:
                case Request():
                    requests.append(letter)
                case Submission():
                    submissions.append(letter)
                case broker.Online() | broker.Offline() | broker.Arrived() | broker.Declined():
                    from_broker.append(letter)
                case _:
                    self._heard = letter if isinstance(letter, Heard) else self._heard
                    events += self._feed(self._director.on_report(letter, now.boottime))
        events += self._feed(self._director.tick(now.boottime))
        if not (was_behind or self._director.is_behind):
            events += self._tracker.tick(now.boottime)
        self._is_back = was_behind and not self._director.is_behind
        if stopping and self._tracker.is_open and not self._plays_on:
            events += self._tracker.feed(StopCommanded(now.boottime))
        self._write(events, now, followed=bool(submissions), last=stopping)
        if submissions:
            self._receive(submissions, now)
        for request in requests:
            request.reply.put(self._answer(request))
        if not stopping:
            self._steer(from_broker, now)
        self._housekeep(now.boottime)
        self._ended = self._ended or stopping

    def _catch_up(self) -> list[Letter]:
        """What the other threads still have to put after all of us were held up."""
        letters: list[Letter] = []
        until = self._clock.now().boottime + CATCH_UP_S
        while more := self._mailbox.take(QUIET_S):
            letters += more
            now = self._clock.now().boottime
            if now > until or any(isinstance(each, Heard) and each.signal.at > now - FRESH_S for each in more):
                break
        return letters

    def _write(
        self,
        events: Sequence[Event],
        now: Instant,
        *,
        urgent: bool = False,
        followed: bool = False,
        last: bool = False,
    ) -> None:
        """Commit, in good time; what the player said up to here is then acknowledged."""
        context = self._context(now.boottime)
        is_written = self._journal.write(events, now, urgent=urgent, followed=followed, last=last, context=context)
        if is_written and self._heard is not None:
            self._acknowledge(self._heard.run, self._heard.number)
            self._heard = None

    def obey(self, operation: Operation) -> None:
        """Do what an operator asks; durable on return, unless the disk is full. For the main thread, as `inject`."""
        self.inject(self._director.obey(operation, self._clock.now().boottime))

    def inject(self, signals: Sequence[Signal]) -> None:
        """Take in what the director said between two steps, or where a step answers: durable on return, unless the disk
        is full. Not before a step has written what it heard itself."""
        self._write(self._feed(signals), self._clock.now(), urgent=True)

    def _feed(self, signals: Sequence[Signal]) -> list[Event]:
        return [event for signal in signals for event in self._tracker.feed(signal)]

    def _patience(self) -> float:
        if self.stopping:
            return 0.0
        tracker_due = None if self._director.is_behind else self._tracker.deadline
        deadlines = (tracker_due, self._director.deadline, self._journal.deadline, self._steer_due())
        due = min((at for at in deadlines if at is not None), default=None)
        if due is None:
            return LONGEST_WAIT_S
        return min(max(due - self._clock.now().boottime, 0.0), LONGEST_WAIT_S)
