"""What is said about an outage: once for each cause, and once at its end."""

from agent.delivery.status import Outage, OutageBegan, OutageEnded
from agent.kernel.verdict import Cause
from tests.support.playback import NOW


def test_an_outage_is_told_once_for_each_cause_and_at_its_end_with_its_numbers() -> None:
    """A night without a network must not fill the journal (house rule 5)."""
    outage, first = Outage(NOW).failed(Cause.NETWORK, "refused", is_held=False)
    outage, second = outage.failed(Cause.NETWORK, "refused", is_held=False)
    outage, third = outage.failed(Cause.SESSION, "EXPIRED", is_held=True)
    outage, fourth = outage.failed(Cause.NETWORK, "refused", is_held=False)
    assert [OutageBegan(Cause.NETWORK, "refused", False), None, OutageBegan(Cause.SESSION, "EXPIRED", True), None] == [
        first,
        second,
        third,
        fourth,
    ]
    assert OutageEnded(tries=4, seconds=90.0) == outage.ended(NOW.at(NOW.boottime + 90.0))
