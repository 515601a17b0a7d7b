"""What the status says of a player that is not ours."""

from agent.config.player import Player, Source
from agent.player.keeper import PlayerStatus
from agent.player.wire import Attached
from agent.runtime.attached import ABSENT, ACCURACY, attached

MPRIS = Player(source=Source.MPRIS)


def _said(*, source: str = "mpris", name: str | None = "vlc", problem: str | None = None) -> PlayerStatus:
    return PlayerStatus(ready=True, attached=Attached(1.0, source, name, ("vlc.instance9",), problem))


def test_own_player_is_not_attached() -> None:
    """Nothing in its status changes."""
    assert attached(Player(), PlayerStatus(ready=True), 9.0) is None


def test_accuracy_of_the_source_is_said_where_its_figures_are_read() -> None:
    """Whoever reads a position must know what it is worth."""
    found = attached(MPRIS, _said(), 9.0)
    assert {
        "source": "mpris",
        "accuracy": ACCURACY["mpris"],
        "follows": "vlc",
        "others": ["vlc.instance9"],
        "problem": None,
        "unfollowed_s": None,
    } == found
    assert set(ACCURACY) == {source.value for source in Source} - {Source.VLC.value}


def test_what_is_missing_is_said_with_its_remedy() -> None:
    """No host; no player; a host that asks another way than the configuration says."""
    missing = attached(MPRIS, PlayerStatus(unfollowed_since=4.0), 9.0)
    assert missing is not None
    assert (ABSENT, None, 5.0) == (missing["problem"], missing["follows"], missing["unfollowed_s"])
    nobody = attached(MPRIS, _said(name=None, problem="no VLC: start it"), 9.0)
    assert nobody is not None
    assert "no VLC: start it" == nobody["problem"]
    other = attached(MPRIS, _said(source="http"), 9.0)
    assert other is not None
    assert "http" == other["source"]
    assert "player.source is mpris: take --source=http off" in other["problem"]


def test_host_that_asks_another_way_is_named_before_what_it_does_not_find_there() -> None:
    """Whoever wants HTTP must not be told to mend a session bus."""
    found = attached(Player(source=Source.HTTP), _said(name=None, problem="no session bus: log in"), 9.0)
    assert found is not None
    assert "asks over mpris, and player.source is http: start kiosk-attach with --source=http" in found["problem"]


def test_what_a_lost_host_said_last_counts_no_more() -> None:
    """Its VLC may be gone as well."""
    lost = attached(MPRIS, PlayerStatus(ready=False, attached=Attached(1.0, "mpris", "vlc", (), None)), 9.0)
    assert lost is not None
    assert None is lost["follows"]
