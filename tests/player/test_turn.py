"""When an item has taken too long."""

import pytest

from agent.kernel import signals
from agent.kernel.media import Media
from agent.player.items import Item
from agent.player.turn import Turn

_ITEM = Item(Media("a", "file:///a.mp4"))


def _due(turn: Turn) -> float | None:
    return turn.due(open_within=16.0, stuck=60.0)


def _stand(turn: Turn, since: int, until: int, *, at: float) -> None:
    """The player says every second where its playhead stands."""
    for second in range(since, until):
        turn.hear(signals.Sampled(float(second), at, 1.0, False))


def test_opening_has_a_limit_and_playing_another() -> None:
    """A dead address opens for ever, and a dead stream plays for ever (vlc.md section 2)."""
    turn = Turn(1, _ITEM, began=100.0)
    assert _due(turn) == 116.0
    turn.hear(signals.Playing(101.0))
    assert _due(turn) == 161.0
    turn.hear(signals.TimeChanged(110.0, 5.0))
    _stand(turn, 110, 125, at=5.001)
    assert _due(turn) == 170.0, "a playhead that stands still is no progress"
    turn.hear(signals.Sampled(125.0, 6.0, 1.0, False))
    assert _due(turn) == 185.0


def test_time_that_the_player_slept_through_is_no_standing_still() -> None:
    """After a suspension of an hour the film goes on, and the first thing that is heard is where it stood before."""
    turn = Turn(1, _ITEM, began=100.0)
    turn.hear(signals.Playing(101.0))
    turn.hear(signals.TimeChanged(110.0, 5.0))
    _stand(turn, 111, 121, at=5.0)
    _stand(turn, 3720, 3769, at=5.0)
    assert _due(turn) == 3770.0, "the ten seconds before the sleep count, and what is seen to stand still after it"


def test_pause_has_no_limit() -> None:
    """Somebody paused it, and somebody will go on."""
    turn = Turn(1, _ITEM, began=100.0)
    turn.hear(signals.Playing(101.0))
    turn.hear(signals.Paused(102.0))
    assert _due(turn) is None
    turn.hear(signals.Playing(500.0))
    assert _due(turn) == 560.0


def test_pause_in_mid_stall_has_no_limit_before_libvlc_says_paused() -> None:
    """libvlc says Paused only when data is back: until then the operator's word counts, not the standing playhead."""
    turn = Turn(1, _ITEM, began=100.0)
    turn.pause()
    assert _due(turn) == 116.0, "what never opens is given up all the same"
    turn.hear(signals.Playing(101.0))
    assert _due(turn) is None
    turn.resume(3600.0)
    assert _due(turn) == 3660.0, "from then on it has as long as after any stall"


def test_item_has_moved_only_by_the_players_own_word() -> None:
    """Garbage plays, too; what never moved could not be played."""
    turn = Turn(1, _ITEM, began=0.0)
    turn.hear(signals.Playing(1.0))
    turn.hear(signals.Sampled(2.0, 0.0, 1.0, False))
    assert turn.moved is False
    turn.hear(signals.TimeChanged(3.0, 0.4))
    assert turn.moved is True


@pytest.mark.parametrize(
    ("length", "start", "stop", "is_brief"),
    [(0.4, None, None, True), (1.6, None, None, False), (0.0, None, None, False), (9.0, 2.0, 2.3, True)],
)
def test_medium_too_short_for_a_word_of_the_playhead_is_known_by_its_length(
    length: float, start: float | None, stop: float | None, *, is_brief: bool
) -> None:
    """libvlc says no time of a healthy sound of a second; garbage has no length."""
    turn = Turn(1, Item(Media("a", "file:///a.png", start=start, stop=stop)), began=0.0)
    turn.hear(signals.LengthChanged(0.5, length))
    assert turn.is_brief is False, "it has not played"
    turn.hear(signals.Playing(1.0))
    assert is_brief is turn.is_brief


def test_limit_counts_from_the_first_picture() -> None:
    """A live stream shown for ten minutes is shown for ten minutes, however long it took to open."""
    turn = Turn(1, Item(Media("live", "udp://@:1234", live=True), limit=600.0), began=0.0)
    turn.hear(signals.Playing(5.0))
    turn.hear(signals.TimeChanged(600.0, 590.0))
    turn.hear(signals.Playing(601.0))
    assert _due(turn) == 605.0
    turn.hear(signals.Paused(602.0))
    assert _due(turn) == 605.0
