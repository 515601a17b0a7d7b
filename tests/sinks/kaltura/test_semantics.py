"""What each of the two semantics asks of the tracker."""

from agent.sinks.kaltura.semantics import PLAYER_END, Semantics, milestones


def test_milestones_are_what_the_semantics_needs() -> None:
    """The tracker fires only what it was asked for; 98 % is the recorded player's end."""
    assert (0.25, 0.5, 0.75) == milestones(Semantics.GUIDE)
    assert (0.25, 0.5, 0.75, PLAYER_END) == milestones(Semantics.PLAYER)
