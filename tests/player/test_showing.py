"""One item with its spots on the screen, with a link that only notes what it is told."""

from agent.kernel import signals
from agent.kernel.media import Media, Role
from agent.kernel.rotation import Rotation
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.items import Item, Spot
from agent.player.operations import Next, Play, Previous, Replay
from agent.player.outcomes import ItemFailed, Reason
from agent.player.reports import HostLost
from agent.player.surroundings import Phase
from tests.support.desk import Desk, kinds

PRE, MID, POST, OVER = (
    Spot(Item(Media(role.value, f"file:///{role.value}.png", role=role), volume=40), at=at, seconds=2.0)
    for role, at in ((Role.PREROLL, 0.0), (Role.MIDROLL, 4.0), (Role.POSTROLL, 0.0), (Role.OVERLAY, 1.0))
)


def desk(*spots: Spot, start: bool = True, live: bool = False) -> Desk:
    """A list of a film with `spots` and of another film."""
    film = Item(Media("film", "file:///film.mp4", live=live), options=(":start-time=0",), spots=spots)
    return Desk(items=[film, Item(Media("b", "file:///b.mp4"))], start=start)


def uris(found: Desk) -> list[str]:
    return [load.uri.removeprefix("file:///") for load in found.loads]


def samples(found: Desk, *times: float) -> list[Signal]:
    """The content's playhead is at each of `times`, a second after the one before."""
    told: list[Signal] = []
    for time in times:
        found.at += 1
        told += found.hear(signals.TimeChanged(found.at, time))
    return told


def begin(found: Desk) -> list[Signal]:
    """The player has what was loaded last and begins to play it."""
    found.at += 1
    told = found.hear(wire.MediumSet(found.at))
    return [*told, *found.hear(signals.LengthChanged(found.at, 8.0)), *found.hear(signals.Playing(found.at))]


def test_full_program_is_commanded_in_order() -> None:
    """The tracker must know of each medium before it hears of it, and the session must begin before its first spot."""
    found = desk(PRE, MID, POST)
    assert kinds(found.told) == ["ProgramCommanded", "SpotCommanded"]
    assert kinds(found.play_through())[-2:] == ["EndReached", "ContentCommanded"]
    begin(found)
    assert kinds(samples(found, 2.0, 4.0)) == ["TimeChanged", "TimeChanged", "SpotCommanded"]
    assert ((Role.MIDROLL, 2),) == found.director.spots
    assert kinds(found.play_through())[-2:] == ["EndReached", "ContentCommanded"]
    assert (":start-time=0", ":start-time=4.000") == found.loads[-1].options
    begin(found)
    samples(found, 6.0, 7.9)
    assert kinds(found.hear(signals.EndReached(found.at))) == ["EndReached", "SpotCommanded"]
    assert kinds(found.play_through())[-3:] == ["EndReached", "ProgramOver", "PlayCommanded"]
    assert ["preroll.png", "film.mp4", "midroll.png", "film.mp4", "postroll.png", "b.mp4"] == uris(found)
    assert found.loads[0].volume == 40


def test_item_without_spots_is_commanded_as_ever() -> None:
    """What has no spots needs no program."""
    assert kinds(desk().told) == ["PlayCommanded"]


def test_operator_concerns_the_program_as_a_whole() -> None:
    """A visitor who wants the next film does not want the rest of this one's advertising first."""
    found = desk(PRE)
    assert kinds(found.director.obey(Next(), found.at)) == ["SkipCommanded", "PlayCommanded"]
    assert kinds(found.director.obey(Previous(), found.at)) == ["SkipCommanded", "ProgramCommanded", "SpotCommanded"]
    told = found.director.obey(Replay(), found.at)
    assert kinds(told) == ["SkipCommanded", "ProgramCommanded", "SpotCommanded"]
    assert told[1] == signals.ProgramCommanded(found.at, found.items[0].media, replay=True)
    assert found.director.obey(wire.Stop(), found.at) == [signals.StopCommanded(found.at)]
    assert found.director.current is None
    found.director.obey(Play(), found.at)
    assert found.current == "film"


def test_spot_that_is_missing_or_fails_is_gone_on_from_and_told_once() -> None:
    """A broken advertisement is news for the operator and nothing to the visitor."""
    found = desk(PRE, MID, POST, start=False)
    found.missing = {"midroll"}
    told = found.ready()
    told += found.hear(signals.PlaybackFailed(found.at))
    assert kinds(told) == ["ProgramCommanded", "SpotCommanded", "PlaybackFailed", "ContentCommanded"]
    begin(found)
    assert kinds(samples(found, 3.0, 5.0)) == ["TimeChanged", "TimeChanged", "SpotMissed"], "the film plays on"
    samples(found, 7.9)
    found.hear(signals.EndReached(found.at))
    assert kinds(found.later(16.0))[:2] == ["PlaybackFailed", "ProgramOver"], "the postroll never opened"
    assert {"unplayable": 2, "missing": 1} == found.director.outcomes.passed
    assert [
        ItemFailed("file:///preroll.png", Reason.UNPLAYABLE),
        ItemFailed("file:///midroll.png", Reason.MISSING),
        ItemFailed("file:///postroll.png", Reason.UNPLAYABLE),
    ] == found.news
    assert found.current == "b"


def test_spot_that_takes_the_player_with_it_does_not_take_its_content() -> None:
    """libvlc dies of an advertisement at each pass; the film behind it must still be seen."""
    found = desk(PRE)
    found.play()
    lost = found.director.on_report(HostLost(found.at, 1, "died"), found.at)
    assert lost == [signals.PlaybackFailed(found.at)]
    assert found.director.phase is Phase.WAITING
    assert found.director.spots == ()
    assert found.later(1000.0) == []
    assert found.ready(2) == [signals.ContentCommanded(found.at)]
    found.director.on_report(HostLost(found.at, 2, "died"), found.at)
    assert found.director.phase is Phase.WAITING
    assert kinds(found.ready(3)) == ["PlayCommanded"], "the content's own loss ends its program"
    assert found.current == "b"


def test_operator_goes_on_while_a_program_waits_for_a_player() -> None:
    """What is given up is what the screen would come back with."""
    found = desk(PRE)
    found.director.on_report(HostLost(found.at, 1, "died"), found.at)
    assert found.director.obey(Play(), found.at) == []
    assert kinds(found.director.obey(Next(), found.at)) == ["SkipCommanded"]
    assert kinds(found.ready(2)) == ["PlayCommanded"]


def test_content_that_fails_or_breaks_off_ends_its_program() -> None:
    """No postroll after a film that nobody saw the end of."""
    failed = desk(POST)
    failed.play()
    assert kinds(failed.hear(signals.PlaybackFailed(failed.at))) == ["PlaybackFailed", "PlayCommanded"]
    broken = desk(POST)
    begin(broken)
    samples(broken, 2.0)
    assert kinds(broken.hear(signals.EndReached(broken.at))) == ["EndReached", "ProgramOver", "PlayCommanded"]


def test_missing_content_is_told_and_its_preroll_is_not_shown() -> None:
    """Advertising for a film that is not there."""
    found = desk(PRE, start=False)
    found.missing = {"film"}
    assert kinds(found.ready()) == ["ProgramCommanded", "MediaChanged", "PlaybackFailed", "PlayCommanded"]
    assert ["b.mp4"] == uris(found)


def test_spot_out_of_its_hours_is_passed_over_in_silence() -> None:
    """A campaign that ended yesterday is neither shown nor a failure."""
    found = desk(PRE, MID, OVER, start=False)
    found.closed = {"preroll", "midroll", "overlay"}
    assert kinds(found.ready()) == ["ProgramCommanded", "ContentCommanded"]
    begin(found)
    told = samples(found, 1.5, 3.5, 4.5, 5.5)
    assert {"TimeChanged", "OverlayHidden"} == set(kinds(told))
    assert {} == found.director.outcomes.passed


def test_closing_time_of_the_content_ends_its_program_in_a_spot() -> None:
    """The offer ended; its advertisement did too."""
    found = desk(PRE, start=False)
    found.closing = {"film": found.at + 10.0}
    found.ready()
    found.play()
    assert kinds(found.later(10.0)) == ["SkipCommanded", "PlayCommanded"]
    assert {"closed": 1} == found.director.outcomes.passed


def test_live_spot_ends_at_its_limit() -> None:
    """It has no end of its own, and the film waits for it."""
    spot = Spot(Item(Media("preroll", "udp://@:1", live=True, role=Role.PREROLL), limit=5.0))
    found = desk(spot)
    found.play()
    assert kinds(found.later(5.0)) == ["EndReached", "ContentCommanded"]


def test_live_content_is_followed_by_its_postroll() -> None:
    """Its limit is the only end that it has."""
    film = Item(Media("live", "udp://@:1", live=True), spots=(POST,), limit=5.0)
    found = Desk(items=[film, Item(Media("b", "file:///b.mp4"))])
    found.play()
    assert kinds(found.later(5.0)) == ["EndReached", "SpotCommanded"]


def test_overlay_is_drawn_and_taken_away_where_the_playhead_is() -> None:
    """libvlc draws it; the tracker is told when."""
    found = desk(OVER)
    begin(found)
    assert kinds(samples(found, 0.5, 1.1)) == ["TimeChanged", "TimeChanged", "OverlayShown"]
    assert found.sent[-1] == wire.Overlay("/overlay.png")
    assert ((Role.OVERLAY, 1),) == found.director.spots
    assert kinds(samples(found, 2.5, 3.1, 3.5)) == ["TimeChanged", "TimeChanged", "OverlayHidden", "TimeChanged"]
    assert found.sent[-1] == wire.Overlay(None)


def test_missing_overlay_is_told_once() -> None:
    """The film plays on without it."""
    found = desk(OVER, start=False)
    found.missing = {"overlay"}
    found.ready()
    begin(found)
    assert kinds(samples(found, 1.1, 1.6, 2.0)).count("SpotMissed") == 1
    assert {"missing": 1} == found.director.outcomes.passed


def test_midroll_takes_the_overlay_from_the_screen() -> None:
    """The next load clears it; nobody takes away what is gone."""
    found = desk(Spot(OVER.item, at=3.0, seconds=9.0), MID)
    begin(found)
    assert kinds(samples(found, 1.0, 3.0, 4.0))[-3:] == ["OverlayShown", "TimeChanged", "SpotCommanded"]
    assert ((Role.MIDROLL, 2),) == found.director.spots
    found.play_through()
    begin(found)
    assert kinds(samples(found, 4.2, 5.0)) == ["TimeChanged", "TimeChanged"]


def test_midroll_beyond_the_end_is_told_and_one_that_was_jumped_over_is_not() -> None:
    """A moment that does not exist in this film is a mistake in the list; a visitor's jump is none."""
    beyond = Spot(Item(Media("beyond", "file:///beyond.mp4", role=Role.MIDROLL)), at=60.0)
    found = desk(MID, beyond)
    begin(found)
    samples(found, 1.0, 7.9)
    assert kinds(found.hear(signals.EndReached(found.at))) == ["EndReached", "ProgramOver", "PlayCommanded"]
    assert {"unreached": 1} == found.director.outcomes.passed
    assert [ItemFailed("file:///beyond.mp4", Reason.UNREACHED)] == found.news


def test_nothing_comes_while_the_content_is_paused() -> None:
    """Somebody paused just before the advertisement to talk."""
    found = desk(MID)
    begin(found)
    samples(found, 3.0)
    found.director.obey(wire.Pause(), found.at)
    assert kinds(found.hear(signals.Sampled(found.at, 4.0, 1.0, False))) == ["Sampled"], "told, but not yet paused"
    found.hear(signals.Paused(found.at))
    assert kinds(found.hear(signals.Sampled(found.at, 4.0, 1.0, False))) == ["Sampled"]
    found.director.obey(wire.Resume(), found.at)
    assert kinds(found.hear(signals.Playing(found.at))) == ["Playing"]
    assert kinds(samples(found, 4.2)) == ["TimeChanged", "SpotCommanded"]


def test_looping_list_shows_the_spots_in_each_pass() -> None:
    """Each pass is a session of its own."""
    film = Item(Media("film", "file:///film.mp4"), spots=(PRE,))
    found = Desk(items=[film], rotation=Rotation(()))
    for _ in range(2):
        found.play_through()
        found.play_through()
    assert ["preroll.png", "film.mp4", "preroll.png", "film.mp4", "preroll.png"] == uris(found)


def test_crash_in_a_spot_begins_the_item_again_from_its_first_spot() -> None:
    """What the visitor saw of it was interrupted."""
    found = desk(PRE, Spot(Item(Media("bumper", "file:///bumper.mp4", role=Role.BUMPER_PRE))))
    found.play_through()
    assert ((Role.BUMPER_PRE, 2),) == found.director.spots
    again = Desk(items=found.items, state=found.director.state())
    assert kinds(again.told) == ["ProgramCommanded", "SpotCommanded"]
    assert (again.current, again.director.spots) == ("film", ((Role.PREROLL, 1),))


def test_screen_shows_what_it_should_or_nothing_where_nothing_is_to_be() -> None:
    """A new option of VLC is on trial: a player that says hello and shows no picture did not come back."""
    desk = Desk("ab", start=False)
    shown = [desk.director.shows]
    desk.ready()
    shown.append(desk.director.shows)
    desk.play()
    shown.append(desk.director.shows)
    desk.director.on_report(HostLost(desk.at, 1, "commanded", commanded=True), desk.at)
    shown.append(desk.director.shows)
    desk.ready(2)
    assert ([False, False, True, False, False], 2) == ([*shown, desk.director.shows], desk.director.run)
    desk.play()
    assert desk.director.shows
    dark = Desk("a", start=False)
    dark.closed = {"a"}
    dark.ready()
    assert dark.director.shows, "nothing is to be shown"
    broken = Desk("a")
    broken.hear(signals.PlaybackFailed(broken.at))
    assert not broken.director.shows, "it rests, since nothing can be played"
