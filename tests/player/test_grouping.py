"""Which spot belongs to which content item."""

import pytest

from agent.kernel.media import Media, Role
from agent.player.grouping import Line, group
from agent.player.items import Item


def line(name: str, role: Role = Role.CONTENT, *, live: bool = False, at: float = 0.0) -> Line:
    return Line(Item(Media(name, f"file:///{name}", role=role, live=live)), at, 5.0)


def test_spots_go_to_the_content_that_they_stand_round() -> None:
    """Who writes a list reads it from above: before the film, in it, after it."""
    lines = [
        line("b1", Role.BUMPER_PRE),
        line("p1", Role.PREROLL),
        line("one"),
        line("m", Role.MIDROLL, at=7.0),
        line("q", Role.POSTROLL),
        line("p2", Role.PREROLL),
        line("b2", Role.BUMPER_POST),
        line("two"),
        line("three"),
    ]
    items, problems = group(lines)
    spots = [[spot.item.media.key for spot in item.spots] for item in items]
    assert [["b1", "p1", "m", "q", "b2"], ["p2"], []] == spots
    assert ["one", "two", "three"] == [item.media.key for item in items]
    assert (7.0, 5.0) == (items[0].spots[2].at, items[0].spots[2].seconds)
    assert () == problems


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([line("p", Role.PREROLL)], "the preroll file:///p has no content item after it, it is left out"),
        ([line("q", Role.POSTROLL), line("x")], "the postroll file:///q has no content item before it, it is left out"),
        (
            [line("x", live=True), line("m", Role.MIDROLL)],
            "the midroll file:///m has no place in a live stream, it is left out",
        ),
        ([line("x"), line("o.mp4", Role.OVERLAY)], "the overlay file:///o.mp4 is no image file, it is left out"),
        (
            [line("x"), line("a,b.png", Role.OVERLAY)],
            "the overlay file:///a,b.png cannot be shown with a comma or semicolon in its name, it is left out",
        ),
    ],
)
def test_spot_that_cannot_be_shown_is_told_and_passed_over(lines: list[Line], problem: str) -> None:
    """An advertiser's film that is never shown must be found in the log, and the list plays on."""
    items, problems = group(lines)
    assert (problem,) == problems
    assert all(item.spots == () for item in items)


def test_overlay_from_the_network_is_left_out() -> None:
    """libvlc's logo filter reads files only."""
    content, remote = line("x"), Line(Item(Media("o", "http://h/o.png", role=Role.OVERLAY)), 1.0, 5.0)
    assert ("the overlay http://h/o.png is no image file, it is left out",) == group([content, remote])[1]


def test_password_of_a_spots_address_is_not_told() -> None:
    """Problems go to the log."""
    (problem,) = group([Line(Item(Media("p", "http://u:secret@h/p.mp4", role=Role.PREROLL)))])[1]
    assert "secret" not in problem
