"""The main loop: reports and requests in, events durably out.

Contract: `step` takes what waits in the mailbox, lets the director and the tracker think, writes the events and the
state that belongs to them in ONE transaction, wakes the senders, and answers requests. It decides nothing itself.
Rules: nothing is answered, acknowledged or sent before it is durable. A crash anywhere is repaired by the next start.
After a hold-up (a slow card, a suspended process) the mailbox is read once more before time passes for the tracker,
for the player's words may still be on their way and their silence would count as a stall.
Reasons: house plan, "Shape"; decisions 1, 25, 27, 31.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from agent.kernel.events import Event
from agent.kernel.instants import Clock
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Signal, StopCommanded
from agent.player import reports
from agent.player.director import Director
from agent.player.operations import Operation
from agent.player.reports import Heard, Report
from agent.runtime.control import Request
from agent.runtime.journal import Journal
from agent.runtime.mailbox import Mailbox

# How long the loop sleeps when nothing is due: short enough for a signal handler's word to be heard.
LONGEST_WAIT_S = 0.5
# A step that comes this much later than the one before was held up.
HELD_UP_S = 1.5
CATCH_UP_S = 0.25


@dataclass(frozen=True, slots=True)
class Stop:
    """The process is to end in good order."""


Letter = Report | Request | Stop


def sample_kind(letter: Letter) -> object | None:
    """The kind of a position sample, which a later one may replace in a crowded mailbox; None for everything else."""
    return reports.sample_kind(letter) if isinstance(letter, Heard) else None


class MainLoop:
    """Owns the tracker and the director; everybody else only leaves letters.

    `acknowledge(run, number)` tells the player host what is durable. `answer` answers a request; it may call `obey`.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        mailbox: Mailbox[Letter],
        journal: Journal,
        tracker: SessionTracker,
        director: Director,
        acknowledge: Callable[[int, int], None],
        answer: Callable[[Request], dict[str, Any]],
    ) -> None:
        self._clock = clock
        self._mailbox = mailbox
        self._journal = journal
        self._tracker = tracker
        self._director = director
        self._acknowledge = acknowledge
        self._answer = answer
        self._stepped_at = clock.now().boottime
        self.stopping = False

    def run(self) -> None:
        """Step until a `Stop` is read or `stopping` is set."""
        while not self.stopping:
            self.step()

    def step(self) -> None:
        """One round; waits for a letter at most until the next deadline."""
        letters = self._mailbox.take(self._patience())
        if self._clock.now().boottime - self._stepped_at > HELD_UP_S:
            letters += self._mailbox.take(CATCH_UP_S)
        now = self._clock.now()
        events: list[Event] = []
        requests: list[Request] = []
        heard: Heard | None = None
        for letter in letters:
            match letter:
                case Request():
                    requests.append(letter)
                case Stop():
                    self.stopping = True
                case _:
                    heard = letter if isinstance(letter, Heard) else heard
                    events += self._feed(self._director.on_report(letter, now.boottime))
        events += self._feed(self._director.tick(now.boottime))
        events += self._tracker.tick(now.boottime)
        if self.stopping and self._tracker.is_open:
            events += self._tracker.feed(StopCommanded(now.boottime))
        self._journal.write(events, now, last=self.stopping)
        if heard is not None and not self._journal.pending:
            self._acknowledge(heard.run, heard.number)
        for request in requests:
            request.reply.put(self._answer(request))
        self._stepped_at = self._clock.now().boottime

    def obey(self, operation: Operation) -> None:
        """Do what an operator asks; durable on return."""
        now = self._clock.now()
        self._journal.write(self._feed(self._director.obey(operation, now.boottime)), now)

    def _feed(self, signals: Sequence[Signal]) -> list[Event]:
        return [event for signal in signals for event in self._tracker.feed(signal)]

    def _patience(self) -> float:
        deadlines = (self._tracker.deadline, self._director.deadline, self._journal.deadline)
        due = min((at for at in deadlines if at is not None), default=None)
        if due is None:
            return LONGEST_WAIT_S
        return min(max(due - self._clock.now().boottime, 0.0), LONGEST_WAIT_S)
