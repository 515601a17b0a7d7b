"""What is known of a device's boots."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.kernel.boots import MOST, NO_BOOTS, Boot, Boots, is_right
from agent.kernel.instants import Instant
from agent.kernel.release import BUILD_EPOCH
from tests.support.playback import WALL

MONDAY, TUESDAY = "monday", "tuesday"

boots_of_any_kind = st.builds(
    Boots,
    st.lists(
        st.builds(
            Boot,
            st.text(max_size=4),
            st.one_of(st.none(), st.floats(0, 4e9)),
            st.floats(0, 1e8),
            st.one_of(st.none(), st.floats(0, 4e9)),
        ),
        max_size=5,
    ).map(tuple),
)


def at(boottime: float, *, boot: str = MONDAY, wall: float | None = None, synced: bool = False) -> Instant:
    """A moment by a clock that is right, unless told otherwise."""
    return Instant(boot, boottime, WALL + boottime if wall is None else wall, synced)


def test_a_boot_that_sees_the_time_late_is_known_from_its_beginning() -> None:
    """Most kiosks boot in the past, and the network comes a minute later."""
    boots = NO_BOOTS.seen(at(5.0, wall=5.0))
    assert Boots((Boot(MONDAY, None, 5.0),)) == boots
    boots = boots.seen(at(65.0, synced=True))
    assert Boots((Boot(MONDAY, WALL, 65.0),)) == boots
    assert at(5.0, synced=True) == boots.corrected(at(5.0, wall=5.0))


def test_nothing_new_is_the_same_object() -> None:
    """It is asked at every step, and each news costs a write to the card."""
    boots = NO_BOOTS.seen(at(5.0, synced=True))
    for now in (at(6.0, synced=True), at(7.0, wall=WALL + 7.2, synced=True), at(9.0, wall=9.0)):
        assert boots is boots.seen(now)
    lapsed = boots.seen(at(40_000.0))
    assert lapsed is lapsed.seen(at(40_001.0))
    assert WALL == lapsed.boots[0].began


def test_the_newest_word_of_a_time_server_counts() -> None:
    """A clock that a wrong server set is stepped when the right one answers."""
    boots = NO_BOOTS.seen(at(5.0, wall=WALL - 3_600.0, synced=True)).seen(at(65.0, synced=True))
    assert (Boot(MONDAY, WALL, 65.0),) == boots.boots


def test_a_clock_that_nobody_vouches_for_is_noted_apart() -> None:
    """It may be a battery's, or a hand's; and one that reads 1970 says nothing at all."""
    boots = NO_BOOTS.seen(at(5.0, wall=5.0)).seen(at(65.0))
    assert (Boot(MONDAY, None, 65.0, claimed=WALL),) == boots.boots
    assert at(5.0) == boots.corrected(at(5.0))
    boots = boots.seen(at(70.0, wall=WALL - 10.0, synced=True)).seen(at(80.0, wall=80.0, synced=True))
    assert (Boot(MONDAY, WALL - 80.0, 70.0, claimed=WALL),) == boots.boots


def test_an_instant_by_a_clock_that_was_right_stays_as_it_is() -> None:
    """It may have been sent so."""
    boots = NO_BOOTS.seen(at(5.0, wall=WALL - 3_600.0, synced=True))
    assert at(6.0, synced=True) == boots.corrected(at(6.0, synced=True))
    assert not is_right(at(6.0, wall=BUILD_EPOCH - 1.0, synced=True))


def test_what_an_earlier_process_left_tells_how_far_its_boot_came() -> None:
    """That bounds the boots after it; what was known better is not replaced by it."""
    boots = NO_BOOTS.seen(at(5.0, synced=True)).reached(at(900.0, wall=3.0))
    assert (Boot(MONDAY, WALL, 900.0),) == boots.boots
    assert boots is boots.reached(at(800.0, synced=True))
    boots = boots.reached(at(30.0, boot=TUESDAY, wall=WALL + 90_000.0, synced=True))
    assert Boot(TUESDAY, WALL + 89_970.0, 30.0) == boots.boots[-1]


def test_boots_that_no_event_needs_any_more_are_forgotten() -> None:
    """But not the one whose end bounds what came after it."""
    timed, dark = Boot("a", WALL, 9.0), Boot("b", None, 9.0)
    boots = Boots((timed, dark, Boot("c", WALL, 9.0), Boot("d", None, 9.0), Boot("e", None, 9.0)))
    assert boots.boots[2:] == boots.needed_by("e").boots
    assert boots.boots == boots.needed_by("b").boots
    assert boots is boots.needed_by("a")
    assert boots is boots.needed_by("unknown")


def test_a_device_in_a_boot_loop_fills_no_card() -> None:
    """A loose plug makes hundreds of boots."""
    boots = NO_BOOTS
    for number in range(MOST + 9):
        boots = boots.seen(at(3.0, boot=str(number)))
    assert MOST == len(boots.boots)
    assert str(MOST + 8) == boots.boots[-1].boot_id


@given(boots_of_any_kind)
def test_what_is_written_reads_back_equal(boots: Boots) -> None:
    """It crosses every restart."""
    assert boots == Boots.read(boots.text())


@pytest.mark.parametrize(
    "text", ["", "{", "{}x", "5", "[5]", '[["a"]]', '[["a",1,"b",null]]', "[[1,1,1,1]]", '[["a",[],1,1]]']
)
def test_anything_else_is_refused(text: str) -> None:
    """Damage must not become a date."""
    with pytest.raises(ValueError, match=r"."):
        Boots.read(text)
