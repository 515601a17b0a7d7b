"""Another list while something is on the screen, with a link that only notes what it is told."""

from dataclasses import replace
from typing import Any

import pytest

from agent.config.hours import Window, opening
from agent.kernel import signals
from agent.kernel.media import Media, Role
from agent.kernel.rotation import Rotation
from agent.kernel.signals import PlayCommanded, Signal
from agent.player import wire
from agent.player.items import Item, Plan, Screen, Spot
from agent.player.operations import Play
from agent.player.outcomes import ItemFailed, Reason
from agent.player.reports import HostLost
from agent.player.surroundings import Phase
from tests.support.desk import Desk, kinds

_ONCE = Rotation((), loop=False)
_SCREEN = Screen(volume=70, rotation=90)


def _item(key: str, **changes: Any) -> Item:
    return Item(Media(key, f"file:///{key}.mp4"), **changes)


def _items(keys: str) -> tuple[Item, ...]:
    return tuple(_item(key) for key in keys)


def _replan(
    desk: Desk, items: str | tuple[Item, ...], *, loop: bool = True, shuffle: bool = False, screen: Screen = _SCREEN
) -> list[Signal]:
    listed = _items(items) if isinstance(items, str) else items
    return desk.director.replan(Plan(listed, loop, shuffle, screen), desk.at)


def _playing(keys: str = "abc", **options: Any) -> Desk:
    """A desk whose first item plays, and is known to have an end."""
    desk = Desk(keys, **options)
    desk.hear(signals.LengthChanged(desk.at, 60.0))
    desk.play()
    return desk


def _commanded(told: list[Signal]) -> list[str]:
    return [signal.media.key for signal in told if isinstance(signal, PlayCommanded)]


def test_item_that_stays_plays_on_and_the_new_list_follows_it() -> None:
    """Whoever looks at the screen must not see that an operator did something."""
    desk = _playing()
    sent = list(desk.sent)
    assert _replan(desk, "bxac") == []
    assert sent == desk.sent, "the player hears nothing of it"
    assert ["c"] == _commanded(desk.hear(signals.EndReached(desk.at)))
    assert ["b"] == _commanded(desk.play_through())


def test_item_that_left_plays_to_its_end_and_the_new_list_follows() -> None:
    """Half a film is a fault to whoever watches it; nothing of it says that anything was changed."""
    desk = _playing()
    assert _replan(desk, "xy") == []
    assert desk.current == "a"
    assert ["EndReached", "PlayCommanded"] == kinds(desk.hear(signals.EndReached(desk.at)))
    assert desk.current == "x"


def test_item_that_is_another_now_ends_as_what_it_was_begun() -> None:
    """A session's entry is frozen when it opens (decision 5); the next pass shows the item as it is now."""
    desk = _playing("ab")
    changed = replace(_item("a"), media=Media("a", "file:///a.mp4", entry_id="0_bbbb"))
    assert _replan(desk, (changed, _item("b"))) == []
    assert desk.director.current == _item("a")
    assert ["b"] == _commanded(desk.hear(signals.EndReached(desk.at)))
    desk.play_through()
    assert desk.director.current == changed


@pytest.mark.parametrize(
    "item",
    [Item(Media("live", "udp://@:1", live=True)), Item(Media("radio", "http://host/radio"))],
    ids=["live", "without a length"],
)
def test_item_without_an_end_that_left_is_given_up_at_once(item: Item) -> None:
    """It would be on the screen for ever, and the operator's list never."""
    desk = Desk(items=[item])
    desk.play()
    told = _replan(desk, "xy")
    assert ["SkipCommanded", "PlayCommanded"] == kinds(told)
    assert ["x"] == _commanded(told)


def test_item_with_a_limit_or_a_duration_that_left_plays_to_it() -> None:
    """A live stream of half a minute has an end, and so has an image."""
    live = Item(Media("live", "udp://@:1", live=True), limit=30.0)
    image = Item(Media("image", "file:///image.png"), options=(":image-duration=10",))
    for item in (live, image):
        desk = Desk(items=[item])
        desk.play()
        assert _replan(desk, "xy") == []
        assert item == desk.director.current


def test_unchanged_live_stream_is_not_cut() -> None:
    """A change of what comes after it concerns it least of all."""
    live = Item(Media("live", "udp://@:1", live=True))
    desk = Desk(items=[live])
    desk.play()
    assert _replan(desk, (live, _item("b"))) == []
    assert live == desk.director.current


def test_emptied_list_ends_with_the_present_item_and_shows_nothing_then() -> None:
    """An operator who takes everything off the screen has no next item in mind; one who fills it again has."""
    desk = _playing()
    assert _replan(desk, "") == []
    assert ["EndReached"] == kinds(desk.hear(signals.EndReached(desk.at)))
    assert (Phase.SHUT, wire.Stop()) == (desk.director.phase, desk.sent[-1])
    assert ["x"] == _commanded(_replan(desk, "x"))


def test_list_for_a_kiosk_that_shows_nothing_begins_at_once() -> None:
    """Nothing is interrupted, so there is nothing to wait for."""
    resting = Desk("a", start=False)
    resting.missing = {"a"}
    resting.ready()
    finished = Desk("a", _ONCE)
    finished.play_through()
    shut = Desk("a", start=False)
    shut.closed = {"a"}
    shut.ready()
    phases = [desk.director.phase for desk in (resting, finished, shut)]
    assert [Phase.RESTING, Phase.FINISHED, Phase.SHUT] == phases
    for desk in (resting, finished, shut):
        assert _commanded(_replan(desk, "xa"))[-1:] == ["x"]


def test_finished_list_that_only_changes_its_order_stays_finished() -> None:
    """No event and no picture for a switch that has nothing to act on."""
    desk = Desk("a", _ONCE)
    desk.play_through()
    sent = list(desk.sent)
    assert _replan(desk, "a", loop=False, shuffle=True) == []
    assert (Phase.FINISHED, sent) == (desk.director.phase, desk.sent)


def test_stopped_kiosk_stays_dark_until_it_is_told_to_play() -> None:
    """Whoever stopped it stands before it; the list came from far away."""
    desk = _playing()
    desk.director.obey(wire.Stop(), desk.at)
    assert _replan(desk, "xy") == []
    assert Phase.STOPPED is desk.director.phase
    assert ["x"] == _commanded(desk.director.obey(Play(), desk.at))


def test_list_before_the_player_is_ready_is_the_one_that_comes_up() -> None:
    """Documents arrive while libvlc still starts."""
    desk = Desk(start=False)
    assert _replan(desk, "xy") == []
    assert ["x"] == _commanded(desk.ready())


def test_same_again_changes_nothing() -> None:
    """A document that repeats what holds must not even begin a rest anew."""
    desk = Desk("a", start=False)
    desk.missing = {"a"}
    desk.ready()
    due, sent = desk.director.deadline, list(desk.sent)
    assert _replan(desk, "a") == []
    assert (due, sent) == (desk.director.deadline, desk.sent)


def test_volume_holds_at_once_unless_the_item_has_its_own() -> None:
    """Loud is loud now, not after the film."""
    desk = _playing()
    assert _replan(desk, "abc", screen=replace(_SCREEN, volume=30)) == []
    assert wire.SetVolume(30) == desk.sent[-1]
    own = (_item("a", volume=90), _item("b"))
    assert _replan(desk, own, screen=replace(_SCREEN, volume=30)) == []
    assert wire.SetVolume(90) == desk.sent[-1]
    sent = len(desk.sent)
    assert _replan(desk, own, screen=replace(_SCREEN, volume=10)) == []
    assert sent == len(desk.sent), "its own volume is the same"
    desk.hear(signals.EndReached(desk.at))
    assert 10 == desk.loads[-1].volume


def test_volume_that_an_operator_set_outlives_a_change_of_something_else() -> None:
    """He turned it down for the evening; the afternoon's new clip knows nothing of that."""
    desk = _playing()
    desk.director.obey(wire.SetVolume(5), desk.at)
    _replan(desk, "abcd", screen=replace(_SCREEN, fullscreen=False))
    assert wire.SetVolume(5) == desk.sent[-1]
    desk.hear(signals.EndReached(desk.at))
    assert (5, False) == (desk.loads[-1].volume, desk.loads[-1].fullscreen)


def test_hours_of_the_present_item_hold_at_once() -> None:
    """An offer that was called off must leave the screen, and one that was not must stay."""
    desk = _playing()
    item = _item("a", window=Window((opening("08:00-20:00"),)))
    assert _replan(desk, (item, _item("b"))) == []
    assert desk.director.deadline == desk.at
    assert desk.later(0.0) == [], "it is open"
    desk.closing = {"a": desk.at}
    assert _replan(desk, (replace(item, window=Window()), _item("b"))) == []
    assert ["SkipCommanded", "PlayCommanded"] == kinds(desk.later(0.0))
    assert {"closed": 1} == desk.director.outcomes.passed


def test_program_under_way_is_finished_with_its_own_spots() -> None:
    """The advertisement after a film was sold with the film."""
    spot = Spot(Item(Media("spot", "file:///spot.mp4", role=Role.POSTROLL)))
    desk = Desk(items=[_item("a", spots=(spot,)), _item("b")])
    desk.hear(signals.LengthChanged(desk.at, 60.0))
    desk.play()
    assert _replan(desk, "xy") == []
    desk.hear(signals.TimeChanged(desk.at, 60.0))
    assert ["EndReached", "SpotCommanded"] == kinds(desk.hear(signals.EndReached(desk.at)))
    assert _replan(desk, "yx") == []
    told = desk.play_through()
    assert ["ProgramOver", "PlayCommanded"] == kinds(told)[-2:]
    assert ["y"] == _commanded(told)


def test_failures_of_items_that_left_are_forgotten() -> None:
    """A kiosk's life has many lists; and an item that comes back mended and broken again is news."""
    desk = Desk("ab", start=False)
    desk.missing = {"a"}
    desk.ready()
    _replan(desk, "b")
    _replan(desk, "ab")
    desk.play_through()
    assert [ItemFailed("file:///a.mp4", Reason.MISSING)] * 2 == desk.news


def test_crash_at_any_side_of_a_change_goes_on_with_the_new_list() -> None:
    """The list is in force before the place in it is durable; a power cut may come between the two."""
    desk = _playing("abc")
    before = desk.director.state()
    _replan(desk, "xac")
    assert "a" == Desk("xac", state=before).current
    assert "a" == Desk("xac", state=desk.director.state()).current, "it was cut short"
    assert "x" == Desk("xyz", state=before).current
    _replan(desk, "xyz")
    assert "y" == Desk("xyz", state=desk.director.state()).current, "what comes behind x, as without the crash"
    assert "y" == Desk("xyz", state=desk.director.state(orderly=True)).current


def test_player_that_was_told_to_start_again_begins_the_item_anew() -> None:
    """It is not the item's fault: nothing is counted, and neither is a cut."""
    desk = _playing("ab")
    for run in range(2, 9):
        lost = desk.director.on_report(HostLost(desk.at, run - 1, "commanded", commanded=True), desk.at)
        assert [signals.PlayerLost(desk.at)] == lost
        assert (Phase.WAITING, None) == (desk.director.phase, desk.current)
        assert ["a"] == _commanded(desk.ready(run))
        desk.play()
    assert ({}, []) == (desk.director.outcomes.passed, desk.news)
    assert desk.director.on_report(HostLost(desk.at, 9, "commanded", commanded=True), desk.at)
    assert desk.director.on_report(HostLost(desk.at, 10, "commanded", commanded=True), desk.at) == []


def test_player_that_was_told_to_start_again_leaves_a_stopped_kiosk_dark() -> None:
    """A new option of VLC is no reason to play."""
    desk = _playing()
    desk.director.obey(wire.Stop(), desk.at)
    assert desk.director.on_report(HostLost(desk.at, 1, "commanded", commanded=True), desk.at) == []
    assert (desk.ready(2), Phase.STOPPED) == ([], desk.director.phase)


def test_program_whose_player_was_told_to_start_again_begins_with_its_first_spot() -> None:
    """The session was interrupted; the next one is a whole one."""
    spot = Spot(Item(Media("spot", "file:///spot.mp4", role=Role.PREROLL)))
    desk = Desk(items=[_item("a", spots=(spot,))])
    desk.play_through()
    lost = desk.director.on_report(HostLost(desk.at, 1, "commanded", commanded=True), desk.at)
    assert ["PlayerLost"] == kinds(lost)
    assert ["ProgramCommanded", "SpotCommanded"] == kinds(desk.ready(2))
