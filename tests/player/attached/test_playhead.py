"""What is believed of a foreign player's playhead."""

from agent.player.attached.playhead import Playhead


def test_recorded_staircase_is_news_step_by_step() -> None:
    """Positions of cvlc 3.0.24, asked for each quarter of a second: some say nothing new."""
    recorded = [0.0, 0.4, 0.657, 0.912, 0.912, 1.4, 1.651]
    playhead = Playhead(changed=0.0)
    news = [playhead.take(position, 0.25 * number) for number, position in enumerate(recorded)]
    assert [False, True, True, True, False, True, True] == news


def test_zero_is_no_position() -> None:
    """VLC answers it before an item begins, even one that starts at 30 s, and just before it says that it stopped."""
    playhead = Playhead(changed=0.0)
    assert [False, True, False] == [playhead.take(position, 2.0) for position in (0.0, 30.4, 0.0)]
    assert 30.4 == playhead.position


def test_what_vlc_pushes_just_after_a_change_is_not_believed() -> None:
    """As recorded: a Seeked 0.15 s after the picture went on, 0.5 s ahead of where it stood."""
    playhead = Playhead(changed=0.0, position=0.657, moved=3.0)
    playhead.unsettle(4.504)
    assert not playhead.take(1.152637, 4.653, pushed=True)
    assert playhead.take(1.152637, 4.784)
    assert playhead.take(20.0, 6.0, pushed=True)


def test_reached_runs_on_for_a_while_and_no_further() -> None:
    """The end of an item comes up to half a second after its last step; a stalled one has not come to its end."""
    playhead = Playhead(changed=0.0, position=10.0, moved=0.0)
    assert 10.5 == playhead.reached(0.5, rate=1.0)
    assert 11.0 == playhead.reached(60.0, rate=1.0)
    assert 10.0 == playhead.reached(60.0, rate=0.0)
    assert None is Playhead(changed=0.0).reached(5.0, rate=1.0)
