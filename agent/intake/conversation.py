"""What is said on one connection: lines in, answers out, in the order of the lines.

Contract: pure but for what it is given. `hear` takes what was received, `work` says what it can (a submission for each
line that is right, an answer for each that is not), `out` are the bytes to be sent. `deadline` is the boot-time second
at which `overdue` may have to end it.
Rules: at most `PIPELINE` lines wait for their answers, and no more is read before an answer that is due has been sent:
whoever does not listen is not listened to. Who was told to wait is not heard until then. Who says `BAD_LINES` wrong
lines in a row, or begins a line and does not end it, is told so and left. Silence between lines is no fault.
"""

import json
from collections import deque
from collections.abc import Callable
from math import inf
from typing import Final

from agent.intake.lines import MAX_LINE_BYTES, Lines, Oversized
from agent.intake.parse import parse
from agent.intake.submission import UNANSWERED, Answer, Declined, Kept, Misfit, Reason, Submission, plain
from agent.intake.throttle import Throttle

# Lines whose answers are due: enough for one transaction to keep many, so that a flash card's 20 ms are shared.
PIPELINE: Final = 32
BAD_LINES: Final = 10
# A line is written in one go by anything that works.
LINE_WITHIN_S: Final = 10.0
# The main loop steps several times a second; a slow card may hold it up for seconds.
ANSWER_WITHIN_S: Final = 10.0
# Answers are short: who does not take one for so long hangs.
HEARD_WITHIN_S: Final = 30.0
# Who is told to wait must be heard again soon enough to learn that there is room.
LONGEST_PAUSE_S: Final = 1.0

# How `status` counts what was kept; all else by its reason.
ACCEPTED: Final = "accepted"
OVERSIZED = Misfit(
    None,
    f"a line of more than {MAX_LINE_BYTES} bytes",
    f"lines of at most {MAX_LINE_BYTES} bytes",
    reason=Reason.OVERSIZED,
)
INCOMPLETE = Misfit(
    None,
    f"a line was begun and not ended within {LINE_WITHIN_S:.0f} s",
    "one JSON object a line, with its line end",
    reason=Reason.INCOMPLETE,
)


class Slot:
    """The place of one answer. `put` is the main loop's: it wakes whoever waits. The first answer stands."""

    def __init__(self, since: float, wake: Callable[[], None]) -> None:
        self.since = since
        self.mark: str | int | None = None
        self.answer: Answer | None = None
        self._wake = wake

    def put(self, item: Answer, /) -> None:
        if self.answer is None:
            self.answer = item
        self._wake()


class Conversation:
    """`who`: the other side, in words. `put` leaves a submission for the main loop; `count` counts by reason."""

    def __init__(
        self,
        who: str,
        *,
        put: Callable[[Submission], None],
        throttle: Throttle,
        count: Callable[[str], None],
        wake: Callable[[], None],
        now: float,
    ) -> None:
        self._who, self._put, self._throttle, self._count, self._wake = who, put, throttle, count, wake
        self._lines = Lines()
        self._due: deque[Slot] = deque()
        self._bad = 0
        self._paused_until = 0.0
        self._ended = False
        self._listening = True
        self._listening_since = now
        self._unsent_since = now
        self.heard_at = now
        self.out = bytearray()

    def hear(self, data: bytes, now: float) -> None:
        """Something was received; nothing (b"") is the end of what the other side says."""
        self.heard_at = now
        if data:
            self._lines.feed(data, now)
            return
        last = self._lines.rest()
        if last is not None:
            self._take(last, now)
        self._ended = True

    def work(self, now: float) -> None:
        """Go on as far as possible."""
        if now >= self._paused_until:
            self._paused_until = 0.0
        self._say(now)
        while self.wants_more(now) and (line := self._lines.next()) is not None:
            self._take(line, now)
            self._say(now)
        listening = self.wants_more(now)
        if listening and not self._listening:
            self._listening_since = now
        self._listening = listening

    @property
    def is_over(self) -> bool:
        """Whether everything is said that will be."""
        return self._ended and not self._due and not self.out

    @property
    def waiting(self) -> int:
        """Lines whose answers are due: they are kept or not, and nobody will hear it if this ends now."""
        return len(self._due)

    def wants_more(self, now: float) -> bool:
        """Whether anything more should be received."""
        return not (self._ended or self.out or len(self._due) >= PIPELINE or now < self._paused_until)

    def deadline(self, now: float) -> float:
        """The boot-time second at which something is to be done without anybody's doing; infinite for none."""
        found = inf
        # Though it be over by now: nobody has worked since, and until somebody does, nothing more is received.
        if self._paused_until > 0.0:
            found = self._paused_until
        elif self._lines.begun is not None and self._listening:
            found = self._line_due(self._lines.begun)
        if self._due:
            found = min(found, self._due[0].since + ANSWER_WITHIN_S)
        return min(found, self._unsent_since + HEARD_WITHIN_S) if self.out else found

    def overdue(self, now: float) -> bool:
        """Deal with what took too long; True where the other side hangs and is to be left at once."""
        for slot in self._due:
            if slot.answer is None and now - slot.since >= ANSWER_WITHIN_S:
                slot.put(UNANSWERED)
        begun = self._lines.begun
        if begun is not None and self._listening and now >= self._line_due(begun):
            self._refuse(INCOMPLETE, now)
            self._ended = True
        return bool(self.out) and now - self._unsent_since >= HEARD_WITHIN_S

    def sent(self, number: int) -> None:
        """So many bytes of `out` are on their way. Who takes them in drops is no quicker than who takes none."""
        del self.out[:number]

    def _line_due(self, begun: float) -> float:
        """When the line that was begun must be whole; while nobody listened, its end may have been said."""
        return max(begun, self._listening_since) + LINE_WITHIN_S

    def _take(self, line: bytes | Oversized, now: float) -> None:
        if isinstance(line, Oversized):
            self._refuse(OVERSIZED, now)
            return
        slot = Slot(now, self._wake)
        found = parse(line, who=self._who, reply=slot)
        if isinstance(found, Misfit):
            self._refuse(found, now)
            return
        self._bad = 0
        slot.mark = found.mark
        self._due.append(slot)
        wait = self._throttle.wait(now)
        if wait > 0.0:
            text = "more is told than intake.rate and intake.burst allow; nothing of this line was kept"
            slot.answer = Declined(Reason.THROTTLED, text, round(wait, 3))
            self._paused_until = now + min(wait, LONGEST_PAUSE_S)
            return
        self._put(found)

    def _refuse(self, misfit: Misfit, now: float) -> None:
        self._bad += 1
        slot = Slot(now, self._wake)
        slot.answer, slot.mark = misfit, misfit.mark
        self._due.append(slot)
        self._ended = self._ended or self._bad >= BAD_LINES

    def _say(self, now: float) -> None:
        """The answers that are there, up to the first that is not."""
        while self._due and (answer := self._due[0].answer) is not None:
            slot = self._due.popleft()
            if not self.out:
                self._unsent_since = now
            self.out += json.dumps(plain(answer, slot.mark)).encode("ascii") + b"\n"
            self._count(ACCEPTED if isinstance(answer, Kept) else answer.reason.value)
