"""Whether the kiosk's application is heard."""

from agent.runtime.checks.finding import Finding, Level
from agent.runtime.checks.intake import intake


def test_doors_are_named_and_a_shut_one_has_its_remedy() -> None:
    """An application whose events go nowhere is noticed weeks later, in the reports."""
    shut = {"problem": "there is no group kiosk", "remedy": "Create it."}
    status = {"intake": {"listening": ["/run/a.sock", "http://127.0.0.1:8337"], "shut": [shut]}}
    assert [
        Finding(Level.OK, "intake", "listens on /run/a.sock and http://127.0.0.1:8337"),
        Finding(Level.FAIL, "intake", "there is no group kiosk", "Create it."),
    ] == list(intake(status))


def test_agent_without_an_intake_is_no_finding() -> None:
    """It is switched off, or the agent is of an earlier version."""
    assert [] == [*intake({}), *intake({"intake": {"listening": [], "shut": []}})]
