"""Reports for the broker, loaded when the first one is asked for.

Contract: `reports` answers the hand that begins one.
Reasons: a kiosk that nobody asks does not hold in memory what adds plays up.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.remote.commands import Report
    from agent.runtime.commanding.works import Ending, Work
    from agent.runtime.reporting.lines import Ledger
    from agent.runtime.reporting.works import Reporter


def reports(ledger: "Ledger") -> "Callable[[Report, float], Ending | Work]":
    """What begins a report on `ledger`."""

    @cache
    def reporter() -> "Reporter":
        from agent.runtime.reporting.works import Reporter  # noqa: PLC0415  see above

        return Reporter(ledger)

    return lambda order, now: reporter().begin(order, now)
