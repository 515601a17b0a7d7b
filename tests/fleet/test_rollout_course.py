"""When the next stage of a rollout comes, and when everything goes back."""

from hypothesis import given
from hypothesis import strategies as st

from agent.fleet.rollout_course import Course, Phase, Terms
from agent.fleet.rollout_health import Health, Standing

COURSE = Course(3, Terms(success=0.9, soak_s=60))


def fleet(**numbers: int) -> dict[str, Standing]:
    """So many devices that stand so."""
    return {
        f"{name}-{index}": Standing(Health[name.upper()], "because")
        for name, number in numbers.items()
        for index in range(number)
    }


def test_stage_is_passed_once_all_have_been_well_for_the_soak_time() -> None:
    """A player that dies half a minute after a change is found by waiting."""
    well = fleet(healthy=10)
    course = COURSE.step(well, 100.0)
    assert (0, 100.0) == (course.stage, course.steady_since)
    assert 0 == course.step(well, 159.9).stage
    assert (1, None) == (course.step(well, 160.0).stage, course.step(well, 160.0).steady_since)


def test_device_that_is_undecided_begins_the_soak_anew() -> None:
    """Every minute of it must be a good one."""
    course = COURSE.step(fleet(healthy=10), 0.0).step(fleet(healthy=9, pending=1), 50.0)
    assert course.steady_since is None
    assert 0 == course.step(fleet(healthy=10), 70.0).step(fleet(healthy=10), 129.0).stage


def test_allowed_share_may_fail_and_no_more() -> None:
    """One broken kiosk among ten must not stop the fleet, two must."""
    passable = fleet(healthy=9, refused=1)
    assert 1 == COURSE.step(passable, 0.0).step(passable, 60.0).stage
    back = COURSE.step(fleet(healthy=7, refused=1, silent=1, pending=1), 0.0)
    assert Phase.RETURNING is back.phase
    assert back.why is not None
    assert "2 devices of 10 failed (1 refused, 1 silent): refused-0: because" in back.why


def test_single_canary_may_not_fail() -> None:
    """5 % of one device is nobody."""
    assert Phase.RETURNING is COURSE.step(fleet(worse=1), 0.0).phase


def test_share_is_not_lost_in_rounding() -> None:
    """0.05 * 20 is 0.9999… to a computer."""
    assert [1, 0, 5, 0] == [
        Terms(share, 0).allowed(number) for share, number in ((0.95, 20), (0.95, 19), (0.9, 50), (1, 9))
    ]


def test_last_stage_ends_in_clearing_and_clearing_in_the_end() -> None:
    """All have it: the devices' own documents are no longer needed."""
    course = Course(1, Terms(1.0, 0.0)).step(fleet(healthy=2), 5.0)
    assert (Phase.CLEARING, Phase.DONE) == (course.phase, course.finished().phase)
    assert course.finished() == course.finished().finished()
    assert Phase.RETURNED is COURSE.turned_back("somebody said so").finished().phase


looks = st.lists(st.tuples(st.floats(0, 50), st.lists(st.sampled_from(Health), min_size=1, max_size=12)), max_size=30)


@given(looks, st.floats(0, 1), st.floats(0, 100))
def test_whatever_devices_do_the_course_never_skips_or_forgets(
    said: list[tuple[float, list[Health]]], success: float, soak: float
) -> None:
    """It never goes on with too many failures, never jumps a stage, and never goes on after it turned back."""
    course, now = Course(3, Terms(success, soak)), 0.0
    for wait, healths in said:
        now += wait
        before = course
        course = course.step({str(index): Standing(each) for index, each in enumerate(healths)}, now)
        failed = sum(each.has_failed for each in healths)
        if before.phase is not Phase.STAGE:
            assert course == before
        elif failed > before.terms.allowed(len(healths)):
            assert Phase.RETURNING is course.phase
        elif course.stage != before.stage or course.phase is Phase.CLEARING:
            assert before.steady_since is None or now - before.steady_since >= soak
            assert Health.PENDING not in healths
            assert course.stage - before.stage in (0, 1)
