"""What a check found."""

from agent.runtime.checks.finding import Level, fail, ok, warn


def test_only_what_is_in_order_needs_no_remedy() -> None:
    """A warning without a remedy is a worry without a way out."""
    assert (Level.OK, None) == (ok("disk", "fine").level, ok("disk", "fine").remedy)
    assert (Level.WARN, "free some") == (
        warn("disk", "little", "free some").level,
        warn("disk", "", "free some").remedy,
    )
    assert Level.FAIL is fail("disk", "none", "free some").level
