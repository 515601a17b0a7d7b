"""The broker's command `report`: one slice, made a few lines at each look.

Contract: `Reporter.begin` answers a work that ends with the slice in its data, or says what is wrong.
Rules: works that are looked at in the same moment take turns: the main loop gives a few milliseconds to reports, not
to each of them. Nothing is written and no more is kept than the slice in the making.
"""

from agent.kernel.periods import checked
from agent.outbox.errors import StoreTrouble
from agent.remote.commands import Report
from agent.runtime.commanding.works import Done, Ending, Failed
from agent.runtime.reporting.lines import Ledger
from agent.runtime.reporting.slicing import Question, Slicing

# A slice takes some 13 s of looks; as many reports as there may be commands at a time, one behind the other, and then
# some. Who asked has mostly given up by then.
MADE_WITHIN_S = 240.0


class Reporter:
    """All reports that are asked of this device."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._stepped_at = -1.0

    def begin(self, order: Report, now: float) -> "Ending | Reporting":
        """Ask for a slice."""
        try:
            asked = Question(order.by, checked(order.period), order.cursor)
        except ValueError as error:
            return Failed(str(error))
        return Reporting(self, asked, now + MADE_WITHIN_S)

    def making(self, asked: Question) -> Slicing:
        """One slice."""
        return Slicing(self._ledger, asked)

    def may_step(self, now: float) -> bool:
        """Whether nobody has stepped in this moment; whoever asks is the one who has, then."""
        if now <= self._stepped_at:
            return False
        self._stepped_at = now
        return True


class Reporting:
    """One slice in the making, until a boot-time second."""

    def __init__(self, reporter: Reporter, asked: Question, until: float) -> None:
        self._reporter = reporter
        self._slicing = reporter.making(asked)
        self._until = until

    def look(self, now: float) -> Ending | None:
        if now >= self._until:
            return Failed(f"not made within {MADE_WITHIN_S:.0f} s, for others were asked for too; ask again")
        if not self._reporter.may_step(now):
            return None
        try:
            made = self._slicing.step()
        except StoreTrouble as error:
            return Failed(f"{error} {error.remedy}")
        return None if made is None else Done(data=made.plain())
