"""Another list while VLC repeats an item by itself: it would never come to an end."""

from typing import Any

import pytest

from agent.kernel import signals
from agent.kernel.media import Media
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.items import Item, Plan, Screen
from tests.support.desk import Desk, kinds

_SCREEN = Screen(volume=70, rotation=90)


def _replan(desk: Desk, items: str | tuple[Item, ...], *, screen: Screen = _SCREEN) -> list[Signal]:
    listed = tuple(Item(Media(key, f"file:///{key}.mp4")) for key in items) if isinstance(items, str) else items
    return desk.director.replan(Plan(listed, loop=True, shuffle=False, screen=screen), desk.at)


def _repeated(**options: Any) -> Desk:
    """A desk whose one item VLC repeats by itself; it is in mid-pass."""
    media = Media("a", "file:///a.mp4", repeats=True)
    desk = Desk(items=[Item(media, options=(":input-repeat=65535",))], **options)
    desk.hear(signals.LengthChanged(desk.at, 8.0))
    desk.play()
    desk.hear(signals.TimeChanged(desk.at + 1, 5.0))
    return desk


@pytest.mark.parametrize("unit", [False, True])
def test_item_that_is_repeated_ends_with_its_pass_when_the_list_is_another(*, unit: bool) -> None:
    """It would go on for days; the pass that people look at is shown to its end, and is a whole play."""
    desk = _repeated(unit=unit)
    assert [] == _replan(desk, "b")
    assert ["TimeChanged"] == kinds(desk.hear(signals.TimeChanged(desk.at + 3, 7.8)))
    told = desk.hear(signals.TimeChanged(desk.at + 4, 0.4))
    assert ["EndReached", "PlayCommanded"] == kinds(told)
    assert "b" == desk.current


def test_item_that_is_repeated_and_stays_as_it_was_plays_on() -> None:
    """Another volume is no reason to cut a film."""
    desk = _repeated()
    _replan(desk, tuple(desk.items), screen=Screen(volume=30, rotation=90))
    assert ["TimeChanged"] == kinds(desk.hear(signals.TimeChanged(desk.at + 4, 0.4)))


def test_seek_of_an_operator_is_not_the_end_of_the_last_pass() -> None:
    """The film goes on from where he put it, and ends with that pass."""
    desk = _repeated()
    _replan(desk, "b")
    desk.director.obey(wire.Seek(0.0), desk.at)
    assert ["TimeChanged"] == kinds(desk.hear(signals.TimeChanged(desk.at + 0.5, 0.4)))
    desk.at += 8
    assert ["TimeChanged"] == kinds(desk.hear(signals.TimeChanged(desk.at, 7.8)))
    assert ["EndReached", "PlayCommanded"] == kinds(desk.hear(signals.TimeChanged(desk.at + 1, 0.4)))


def test_item_whose_copy_is_there_by_now_is_loaded_from_it_with_the_next_pass() -> None:
    """The first passes came over the network; nobody waits for 65,535 of them."""
    desk = _repeated()
    assert ["TimeChanged"] == kinds(desk.hear(signals.TimeChanged(desk.at + 4, 0.4)))
    desk.director.nearest = lambda uri: "file:///copies/a.mp4"
    assert ["TimeChanged"] == kinds(desk.hear(signals.TimeChanged(desk.at + 8, 7.8)))
    assert ["EndReached", "PlayCommanded"] == kinds(desk.hear(signals.TimeChanged(desk.at + 9, 0.4)))
    assert "file:///copies/a.mp4" == desk.loads[-1].uri
    desk.play()
    desk.hear(signals.TimeChanged(desk.at + 7, 7.8))
    assert ["TimeChanged"] == kinds(desk.hear(signals.TimeChanged(desk.at + 8, 0.4)))
