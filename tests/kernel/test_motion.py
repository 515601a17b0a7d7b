"""How the playhead moves."""

from agent.kernel.motion import GLIDE, LEAP, Motion


def moving(at: float = 0.0, *, rate: float = 1.0) -> Motion:
    """A playhead that runs from the media time `at`, at the boot-time second 100."""
    motion = Motion(rate=rate, running=True, clock=100.0)
    motion.begin(at, ran=0.0)
    return motion


def test_the_position_is_carried_on_for_a_sampling_step_only() -> None:
    """In a stall the picture stands still, whatever the clock says."""
    motion = moving(5.0)
    motion.advance(100.3)
    assert 5.3 == round(motion.position() or 0.0, 3)
    motion.advance(200.0)
    assert 5.0 + GLIDE == motion.position()


def test_time_in_pause_is_no_time_to_play() -> None:
    """The position at a pause is where the picture stands."""
    motion = moving(5.0)
    motion.advance(100.3)
    motion.running = False
    motion.advance(500.0)
    assert 5.3 == round(motion.position() or 0.0, 3)


def test_double_rate_covers_twice_the_medium() -> None:
    """Watched time is media seconds."""
    motion = moving(rate=2.0)
    motion.advance(101.0)
    assert motion.take(2.0, adaptive=False)
    assert (2.0, 2.0, ((0.0, 2.0),)) == (motion.played, motion.ran, motion.segments())


def test_a_leap_that_there_was_no_time_for_begins_a_new_stretch() -> None:
    """What was not shown must not count as watched."""
    motion = moving()
    motion.advance(101.0)
    motion.take(1.0 + LEAP + 0.1, adaptive=False)
    assert (2.6, 0.0) == (motion.start, motion.played)


def test_what_goes_back_a_little_does_not_move_the_front_back() -> None:
    """HLS jitters by 30 ms and jumps back by up to 4.2 s without a seek."""
    motion = moving(0.0)
    motion.advance(110.0)
    motion.take(10.0, adaptive=True)
    motion.take(6.0, adaptive=True)
    assert (0.0, 10.0) == (motion.start, motion.front)
    motion.take(6.0, adaptive=False)
    assert (6.0, 6.0) == (motion.start, motion.front)


def test_steps_that_each_lead_a_little_do_not_add_up() -> None:
    """A clock that runs fast by a tenth must not make ten per cent more watched time than there was."""
    motion = moving()
    for number in range(1, 200):
        motion.advance(100.0 + number)
        motion.take(number * 1.5, adaptive=False)
    assert motion.played <= motion.ran + LEAP


def test_the_natural_end_is_reached_though_no_sample_says_so() -> None:
    """VLC's last sample is up to a second short of the end."""
    motion = moving()
    motion.advance(107.5)
    motion.take(7.5, adaptive=False)
    motion.finish(8.0)
    assert (8.0, 8.0, ((0.0, 8.0),)) == (motion.position(), motion.played, motion.segments())
