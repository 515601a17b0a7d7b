"""Settings that make no sense for a player that is not the agent's."""

from agent.config import attached
from agent.config.hours import Opening
from agent.config.player import Headless, HostMode, Player, PlaylistItem, Rotation, Source
from agent.config.player_watch import Restart


def _told(player: Player) -> list[str]:
    return [str(problem) for problem in attached.warnings(player)]


def test_nothing_is_told_of_what_nobody_wrote() -> None:
    """Defaults are no settings; and what names an entry, a part or a live stream counts."""
    item = PlaylistItem(uri="file:///a.mp4", entry_id="0_abcd1234", live=True, start_s=1.0, stop_s=2.0)
    watched = Restart(hang_after_s=9.0)
    assert [] == _told(Player(source=Source.MPRIS, playlist=(item,), restart=watched))


def test_all_that_has_no_effect_is_told_in_two_sentences() -> None:
    """Who sets a volume should not wait for it; who has thirty items does not want thirty lines."""
    items = (PlaylistItem(uri="a.mp4"), PlaylistItem(uri="b.mp4", volume=3), PlaylistItem(uri="c.mp4", volume=4))
    player = Player(
        source=Source.HTTP,
        host=HostMode.UNIT,
        headless=Headless.ALWAYS,
        volume=50,
        restart=Restart(first_delay_s=3.0),
        playlist=items,
    )
    first, second = _told(player)
    assert first.endswith('is "http", so these have no effect: headless, host, restart.first_delay_s, volume.')
    assert (
        'player.playlist[1]: player.source is "http", so these have no effect here and in 1 more item: volume.'
        == second
    )


def test_every_vain_setting_of_an_item_is_named() -> None:
    """Who is told of the volume alone takes it out, and goes on to trust the opening hours."""
    opening = Opening(frozenset({0}), 480, 1080)
    item = PlaylistItem(uri="a.mp4", volume=3, rotation=Rotation(90), hours=(opening,), options=(":x",))
    (told,) = _told(Player(source=Source.MPRIS, playlist=(item,)))
    assert (
        'player.playlist[0]: player.source is "mpris", so these have no effect: volume, rotation, options, hours.'
        == told
    )
