"""What is a leap of a foreign player's playhead, and what its ordinary unsteadiness."""

from hypothesis import given
from hypothesis import strategies as st

from agent.player.attached.playhead import Move, Playhead

LONG_AGO = -100.0


def running(position: float = 10.0, at: float = 0.0) -> Playhead:
    """A playhead that has run for long, and was at `position` when it was asked at `at`."""
    return Playhead(changed=LONG_AGO, position=position, asked=at, moved=at)


def take(playhead: Playhead, position: float, at: float, *, rate: float = 1.0, late: float = 0.0) -> Move:
    return playhead.take(position, asked=at - late, at=at, rate=rate)


def test_recorded_staircase_is_no_leap() -> None:
    """Positions of cvlc 3.0.24, asked for each quarter of a second: steps of 0 and of 0.5 s are all it gives."""
    recorded = [0.0, 0.4, 0.657, 0.912, 0.912, 1.4, 1.651, 2.0, 2.302, 2.302, 2.602]
    playhead = Playhead(changed=0.0)
    moves = [take(playhead, position, 0.25 * number) for number, position in enumerate(recorded)]
    assert Move.LEAP not in moves
    assert [Move.NONE, Move.STEP] == moves[:2]


def test_zero_before_the_first_move_is_no_position() -> None:
    """VLC reads 0 even of an item that starts at 30 s: the first true position would look like a seek."""
    playhead = Playhead(changed=0.0)
    assert [Move.NONE, Move.STEP] == [take(playhead, 0.0, 1.5), take(playhead, 30.4, 2.0)]


def test_zero_as_it_ends_is_no_leap() -> None:
    """VLC answers 0 a moment before it says that it has stopped."""
    playhead = running(10.0)
    assert Move.NONE == take(playhead, 0.0, 0.25)
    assert 10.3 == playhead.reached(0.3, rate=1.0)


def test_seek_to_the_beginning_shows_by_the_next_step() -> None:
    """Its own 0 is not believed."""
    playhead = running(10.0)
    assert [Move.NONE, Move.LEAP] == [take(playhead, 0.0, 0.25), take(playhead, 0.4, 0.5)]


def test_false_seeked_after_a_pause_is_a_step() -> None:
    """As recorded: 0.50 s on, 0.15 s after the picture went on (vlc.md: false Seeked)."""
    playhead = running(0.657)
    playhead.unsettle(4.504)
    assert Move.STEP == take(playhead, 1.152637, 4.653)


def test_seeks_of_a_second_either_way_are_leaps() -> None:
    """The shortest that is promised, from the least lucky stair."""
    assert Move.LEAP == take(running(10.0), 11.0, 0.25)
    assert Move.LEAP == take(running(10.0), 9.5, 0.25)


def test_seek_while_paused_shows_as_a_leap_when_it_goes_on() -> None:
    """VLC says nothing of it until then."""
    playhead = running(10.0)
    playhead.unsettle(100.0)
    assert Move.LEAP == take(playhead, 30.4, 100.3)


def test_leap_is_told_once_though_vlc_lands_on_another_frame() -> None:
    """VLC says the target first, then the key frame before it, each with a Seeked."""
    playhead = running(10.0)
    assert [Move.LEAP, Move.STEP] == [take(playhead, 30.0, 0.25), take(playhead, 29.2, 0.6)]


def test_faster_picture_makes_wider_steps() -> None:
    """At rate 4 a step is more than a second of media."""
    assert Move.STEP == take(running(10.0), 12.25, 0.25, rate=4.0)
    assert Move.LEAP == take(running(10.0), 30.0, 0.25, rate=4.0)


def test_answer_that_comes_late_makes_no_leap() -> None:
    """On a busy machine VLC's answer waits: it was asked before, and answered from before."""
    playhead = running(10.0, at=0.0)
    assert Move.STEP == take(playhead, 10.2, 3.0, late=2.8)
    assert Move.STEP == take(playhead, 13.1, 3.25)


def test_stall_that_ends_with_the_picture_where_the_clock_is_makes_no_leap() -> None:
    """A live stream goes on in the present."""
    playhead = running(10.0)
    assert {Move.NONE} == {take(playhead, 10.0, 0.25 * step) for step in range(1, 16)}
    assert Move.STEP == take(playhead, 14.0, 4.0)


def test_stall_that_ends_where_it_began_makes_no_leap() -> None:
    """VLC sends a Seeked then, for the position is not where its clock is."""
    playhead = running(10.0)
    assert {Move.NONE} == {take(playhead, 10.0, 0.25 * step) for step in range(1, 16)}
    assert Move.STEP == take(playhead, 10.3, 4.0)


def test_reached_runs_on_for_a_while_and_no_further() -> None:
    """The end of an item comes up to half a second after its last step; a stalled one has not come to its end."""
    assert 10.5 == running(10.0).reached(0.5, rate=1.0)
    assert 11.0 == running(10.0).reached(60.0, rate=1.0)
    assert 10.0 == running(10.0).reached(60.0, rate=0.0)
    assert None is Playhead(changed=0.0).reached(5.0, rate=1.0)


@given(
    st.floats(0.0, 1e5),
    st.lists(st.tuples(st.floats(0.05, 0.6), st.floats(0.0, 0.3)), max_size=60),
    st.sampled_from([0.25, 0.5, 1.0, 2.0]),
)
def test_undisturbed_playing_never_leaps(start: float, looks: list[tuple[float, float]], rate: float) -> None:
    """Whenever it is asked, and whatever stair it stands on: a false seek is a false report."""
    playhead, now, real, seen = running(start, 0.0), 0.0, start, start
    for wait, behind in looks:
        now += wait
        real += wait * rate
        seen = max(seen, real - behind * rate)
        assert Move.LEAP is not take(playhead, seen, now, rate=rate)
