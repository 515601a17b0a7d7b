"""What the running agent's status says is not fine, as findings."""

from agent.runtime.checks.finding import Level
from agent.runtime.checks.health import health


def test_fine_agent_is_one_good_line() -> None:
    """doctor says that it asked."""
    (finding,) = health({"player": {"state": "playing"}})
    assert Level.OK is finding.level


def test_failing_is_fail_and_degraded_is_warn_each_with_its_remedy() -> None:
    """doctor tells what is not fine, and the remedy."""
    status = {"queue": {"trouble": "I/O error"}, "sinks": [{"name": "a", "state": "idle", "dead_letters": 2}]}
    found = list(health(status))
    assert [Level.FAIL, Level.WARN] == [finding.level for finding in found]
    assert all(finding.remedy for finding in found)


def test_what_doctor_looks_at_itself_is_not_told_twice() -> None:
    """Two lines about one disk are two disks."""
    (finding,) = health({"queue": {"volatile": "tmpfs"}, "machine": {"disk_free_bytes": 1, "disk_bytes": 100}})
    assert Level.OK is finding.level
