"""How the player is watched."""

from agent.config.player_watch import Frozen, Restart


def test_player_is_watched_by_default() -> None:
    """A frozen picture mends itself unless somebody says otherwise."""
    assert Frozen().enabled
    assert Restart().first_delay_s < Restart().longest_delay_s
