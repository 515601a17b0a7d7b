"""Commands that come too late."""

import pytest

from agent.remote.answers import Address
from agent.remote.commands import Command, Next
from agent.remote.freshness import QUIET_S, Backlog, too_late

NOW = 1_763_770_000.0


def judged(expires: float | None, *, synced: bool, fresh: bool) -> str | None:
    return too_late(Command("c1", Next(), expires, Address("t")), wall=NOW, synced=synced, fresh=fresh)


@pytest.mark.parametrize("fresh", [True, False])
def test_synchronised_clock_decides(fresh: bool) -> None:
    """The one case in which anybody knows."""
    assert judged(NOW, synced=True, fresh=fresh) is None
    assert "expired 90 s ago" == judged(NOW - 90, synced=True, fresh=fresh)


@pytest.mark.parametrize("expires", [NOW + 60, NOW - 60, None])
def test_clock_that_is_not_set_decides_nothing(expires: float | None) -> None:
    """It stands in the past, where nothing has expired; a fleet without a time server is steered all the same."""
    assert judged(expires, synced=False, fresh=True) is None
    assert "may be old" in (judged(expires, synced=False, fresh=False) or "")


def test_command_without_an_end_is_executed_only_while_it_certainly_is_new() -> None:
    """A "next" that somebody sent last week to a kiosk that was switched off."""
    assert judged(None, synced=True, fresh=True) is None
    assert "the command has no expires" in (judged(None, synced=True, fresh=False) or "")


def test_nothing_is_fresh_without_a_connection() -> None:
    """What comes then is a mistake of ours; it must not fire."""
    backlog = Backlog()
    assert not backlog.is_over(100.0)
    backlog.online(100.0, resumed=False)
    backlog.offline()
    assert not backlog.is_over(200.0)


def test_connection_for_which_nothing_was_kept_brings_fresh_commands() -> None:
    """The first connection of all, and brokers that keep nothing."""
    backlog = Backlog()
    backlog.online(100.0, resumed=False)
    assert backlog.is_over(100.0)


def test_what_was_kept_has_come_once_it_is_quiet() -> None:
    """A slow line takes a while to bring a week's commands: each of them makes the wait begin anew."""
    backlog = Backlog()
    backlog.online(100.0, resumed=True)
    for second in range(100, 160, 5):
        assert not backlog.is_over(float(second))
    assert backlog.is_over(155.0 + QUIET_S)
    assert backlog.is_over(155.0 + QUIET_S), "from then on all is fresh, however many come"
    backlog.online(500.0, resumed=True)
    assert not backlog.is_over(500.0)
