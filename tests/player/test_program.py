"""What of an item comes next."""

import pytest

from agent.kernel.media import Media, Role
from agent.player.items import Item, Spot
from agent.player.program import Program
from agent.player.turn import Turn


def spot(key: str, role: Role, at: float = 0.0, seconds: float = 0.0) -> Spot:
    return Spot(Item(Media(key, f"file:///{key}.png", role=role)), at, seconds)


def program(*spots: Spot, start: float | None = None) -> Program:
    return Program(Item(Media("film", "file:///film.mp4", start=start), spots=spots))


def keys(spots: list[Spot]) -> list[str]:
    return [each.item.media.key for each in spots]


def over(time: float, length: float) -> Turn:
    """A content's turn that ended at `time` of `length`."""
    turn = Turn(1, Item(Media("film", "file:///film.mp4")), began=0.0)
    turn.time, turn.length = time, length
    return turn


def test_what_stands_before_the_content_is_queued_first_in_the_lists_order() -> None:
    """The order is the operator's, not ours."""
    found = program(spot("b", Role.BUMPER_PRE), spot("q", Role.POSTROLL), spot("p", Role.PREROLL))
    assert ["b", "p"] == keys(found.queue)


@pytest.mark.parametrize(
    ("times", "reached"),
    [
        ([0.0, 0.5], ["at-0"]),
        ([0.1, 4.8, 5.3], ["at-0", "at-5"]),
        ([0.1, 2.0, 4.0, 5.1, 5.6], ["at-0", "at-5"]),
        ([0.1, 9.0, 10.0], ["at-0"]),
        ([0.1, 9.0, 4.5, 5.0], ["at-0", "at-5"]),
    ],
)
def test_midroll_comes_once_when_it_is_played_up_to(times: list[float], reached: list[str]) -> None:
    """A jump over it is a jump over it, as for a quartile; going back and playing through it shows it."""
    found = program(spot("at-0", Role.MIDROLL, 0.0), spot("at-5", Role.MIDROLL, 5.0))
    assert reached == [key for time in [*times, times[-1], times[-1] + 0.1] for key in keys(found.reached(time))]


def test_midrolls_of_one_moment_come_together() -> None:
    """A break of two advertisements is one break."""
    found = program(spot("m", Role.MIDROLL, 5.0), spot("n", Role.MIDROLL, 5.2), start=4.0)
    assert ["m", "n"] == keys(found.reached(5.3))


def test_overlay_stands_while_the_playhead_is_in_its_stretch_and_only_once() -> None:
    """It belongs to a scene, not to an hour; whoever seeks back has seen it."""
    found = program(spot("o", Role.OVERLAY, 2.0, 3.0))
    for time, due in [(1.9, None), (2.0, "o"), (4.9, "o"), (5.0, None), (3.0, None)]:
        found.reached(time)
        overlay = found.overlay_due()
        assert due == (overlay and overlay.item.media.key)
        found.show(overlay)


def test_later_overlay_takes_the_place_of_an_earlier_one() -> None:
    """libvlc draws one."""
    found = program(spot("o", Role.OVERLAY, 2.0, 9.0), spot("n", Role.OVERLAY, 4.0, 1.0))
    found.reached(2.5)
    found.show(found.overlay_due())
    found.reached(4.5)
    overlay = found.overlay_due()
    assert overlay is not None and overlay.item.media.key == "n"


@pytest.mark.parametrize(
    ("time", "length", "queue"), [(59.0, 60.0, ["q", "b"]), (30.0, 60.0, []), (3.0, 0.0, ["q", "b"])]
)
def test_what_stands_after_the_content_follows_its_end_and_no_failure(
    time: float, length: float, queue: list[str]
) -> None:
    """A film that broke off in the middle says EndReached too (vlc.md R5); its program is over."""
    found = program(spot("q", Role.POSTROLL), spot("b", Role.BUMPER_POST))
    found.end_content(over(time, length))
    assert queue == keys(found.queue)
    assert found.content_over


def test_place_tells_equal_spots_apart() -> None:
    """The same film before and after is two of its spots."""
    first, second = spot("p", Role.PREROLL), spot("p", Role.PREROLL)
    found = program(first, second)
    assert [1, 2] == [found.place(first), found.place(second)]
