"""A verification's course: look, play, look again until something can be said.

Contract: `Verification.prepare` takes the baseline, `play` sends the test play, `follow` waits for it in the report.
Each may end with a `Conclusion`, and none raises for what a network or a service does. `pause` is the only wait.
Rules: nothing is sent where nothing could be concluded: no right to ask, a table that cannot be read, an entry that has
plays already. Time is the service's, by its answers' Date, for it files by arrival. The report is asked for whole
hours, since it may keep its numbers by the hour, and an hour's row stands at its beginning.
Reasons: the guide's section 10.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from agent.kernel.instants import Clock
from agent.kernel.verdict import ServerTime
from agent.runtime.verification.conclusion import Conclusion, inconclusive, judged, minutes, progress, unseen
from agent.runtime.verification.inquiry import Inquiry, Reading, Unasked
from agent.runtime.verification.pending import Pending
from agent.runtime.verification.testplay import Unsent, send
from agent.sinks.base import Message, Sink
from agent.sinks.kaltura.report import Window

HOUR_S: Final = 3600
SENDING_S: Final = 300
"""The test play is over this long after its beginning, tries included."""

FIRST_PAUSE_S: Final = 30.0
LONGEST_PAUSE_S: Final = 300.0
GROWTH: Final = 1.5
"""A report changes every few minutes at best, and an operator watches: soon at first, then rarely."""


@dataclass(frozen=True, slots=True)
class News:
    """What to show while waiting. `next_s`: seconds until the next look; `left_s`: until the wait is over."""

    text: str
    elapsed: float
    next_s: float
    left_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be verified. `play` makes the messages of a play that ends at the given wall second."""

    service_url: str
    partner_id: int
    entry_id: str
    session_id: str
    play: Callable[[float], list[Message]]


def window_at(time: float) -> Window:
    """The hours in which a test play that begins at `time` (epoch s) arrives."""
    return Window(int(time // HOUR_S) * HOUR_S, int((time + SENDING_S) // HOUR_S + 1) * HOUR_S - 1)


class Verification:
    """One operator's verification."""

    def __init__(self, inquiry: Inquiry, clock: Clock, pause: Callable[[float], None]) -> None:
        self._inquiry = inquiry
        self._clock = clock
        self._pause = pause

    def prepare(self, plan: Plan, sink: Sink) -> Pending | Conclusion:
        """Take the baseline; the play that may now be sent, or why it makes no sense to."""
        asked = sink.ask_time()
        if not isinstance(asked, ServerTime):
            return inconclusive(f"the service cannot be reached ({asked.text}); nothing was sent")
        device = self._clock.now().wall
        time = device if asked.time is None else asked.time
        window = window_at(time)
        found = self._inquiry.look(window, plan.entry_id)
        if isinstance(found, Unasked):
            return inconclusive(f"{found.why}; nothing was sent")
        if any(found.counts.values()):
            most = max(found.counts.values())
            return inconclusive(
                f"the report already has {most} of {plan.entry_id} in this hour, from which a test play could not be "
                "told; nothing was sent; take an entry that nobody else plays, or wait for the next hour"
            )
        skew = None if asked.time is None else device - asked.time
        return Pending(
            plan.service_url,
            plan.partner_id,
            plan.entry_id,
            plan.session_id,
            sent_at=time,
            skew=skew,
            window=window,
            baseline=found.counts,
        )

    def play(self, plan: Plan, sink: Sink, pending: Pending) -> Pending | Conclusion:
        """Send the test play; what is on its way now, or why it is not all."""
        now = self._clock.now()
        # As delivery does: by our clock where it is to be trusted, else by the service's.
        ended = now.wall if now.synced or pending.skew is None else now.wall - pending.skew
        play = plan.play(ended)
        found = send(sink, play, self._pause)
        if isinstance(found, Unsent):
            return inconclusive(f"{found.accepted} of {len(play)} events were delivered, then {found.why}")
        return replace(pending, sent_at=pending.sent_at if found.time is None else found.time)

    def follow(self, pending: Pending, wait_s: float, tell: Callable[[News], None]) -> Conclusion:
        """Look until something can be said, at most until `wait_s` seconds after the test play, at least once."""
        waited, pause_s = 0.0, FIRST_PAUSE_S
        while True:
            found = self._inquiry.look(pending.window, pending.entry_id)
            # What was waited counts too: the Date of a proxy in between may stand still.
            elapsed = max(self._elapsed(pending, found), waited)
            left = wait_s - elapsed
            conclusion = self._conclusion(pending, found, elapsed, is_over=left <= 0)
            if conclusion is not None:
                return conclusion
            text = found.why if isinstance(found, Unasked) else progress(pending, found.counts)
            next_s = min(pause_s, left)
            tell(News(text, elapsed, next_s, left))
            self._pause(next_s)
            waited, pause_s = max(waited, elapsed) + next_s, min(pause_s * GROWTH, LONGEST_PAUSE_S)

    def _conclusion(
        self, pending: Pending, found: Reading | Unasked, elapsed: float, *, is_over: bool
    ) -> Conclusion | None:
        if isinstance(found, Unasked):
            if not (found.is_final or is_over):
                return None
            return inconclusive(f"after {minutes(elapsed)} the report cannot be asked: {found.why}", resumable=True)
        conclusion = judged(pending, found.counts)
        if conclusion is not None or not is_over:
            return conclusion
        others = self._inquiry.others(pending.window)
        if isinstance(others, Unasked):
            return inconclusive(f"the report shows nothing, and cannot be asked further: {others.why}", resumable=True)
        return unseen(pending, found.counts, elapsed=elapsed, others=others)

    def _elapsed(self, pending: Pending, found: Reading | Unasked) -> float:
        if isinstance(found, Reading) and found.time is not None:
            return max(found.time - pending.sent_at, 0.0)
        return max(self._clock.now().wall - (pending.skew or 0.0) - pending.sent_at, 0.0)
