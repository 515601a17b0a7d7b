"""The list on the screen, with a link that only notes what it is told."""

from agent.kernel import signals
from agent.kernel.media import Media
from agent.kernel.rotation import Rotation
from agent.kernel.signals import PlayCommanded
from agent.player import wire
from agent.player.carousel import LOOK_AGAIN_S, MISSING_AT_ONCE, OPEN_WITHIN_S, STUCK_S
from agent.player.items import Item
from agent.player.outcomes import ItemFailed, ListPlays, ListRests, Reason
from agent.player.showing import ASK_AGAIN_S
from agent.player.surroundings import Phase
from tests.support.desk import Desk, kinds

_ONCE = Rotation((), loop=False)


def test_item_after_item_is_loaded_and_commanded_in_order() -> None:
    """The tracker must hear the end of one before the beginning of the next."""
    desk = Desk()
    assert kinds(desk.told) == ["PlayCommanded"]
    told = desk.play_through()
    assert kinds(told) == ["MediaChanged", "Playing", "TimeChanged", "EndReached", "PlayCommanded"]
    assert told[0] == signals.MediaChanged(desk.at, desk.items[0].media)
    assert told[-1] == PlayCommanded(desk.at, desk.items[1].media)
    assert desk.loads[-1] == wire.Load(2, "file:///b.mp4", (), 70, None, 90, True)


def test_nothing_is_loaded_before_a_player_is_ready() -> None:
    """A play that was commanded and never opened would be counted as a failure."""
    desk = Desk(start=False)
    assert (desk.sent, desk.director.phase, desk.director.deadline) == ([], Phase.WAITING, None)
    assert kinds(desk.ready()) == ["PlayCommanded"]


def test_missing_file_is_told_like_a_failure_and_passed_over() -> None:
    """It gives WIDGET_LOADED and an error (decision 11), and libvlc is not bothered."""
    desk = Desk(start=False)
    desk.missing = {"a"}
    assert kinds(desk.ready()) == ["PlayCommanded", "MediaChanged", "PlaybackFailed", "PlayCommanded"]
    assert [load.uri for load in desk.loads] == ["file:///b.mp4"]


def test_list_of_nothing_but_missing_files_rests_after_each_pass() -> None:
    """One pass a backoff step (decision 19): the processor and the log must survive a lost disk."""
    desk = Desk("ab", start=False)
    desk.missing = {"a", "b"}
    assert kinds(desk.ready()).count("PlaybackFailed") == 2
    assert (desk.director.phase, desk.director.deadline) == (Phase.RESTING, desk.at + 1.0)
    assert desk.later(0.5) == []
    assert kinds(desk.later(0.6)).count("PlaybackFailed") == 2
    desk.missing = {"a"}
    assert kinds(desk.later(5.0))[-1] == "PlayCommanded"
    assert desk.current == "b"


def test_list_of_thousands_that_are_not_there_is_gone_through_in_steps() -> None:
    """A playlist that arrives before its media must not keep the main loop for minutes: it has others to serve."""
    names = "".join(chr(0x4E00 + number) for number in range(5 * MISSING_AT_ONCE))
    desk = Desk(names, start=False)
    desk.missing = set(names)
    told = [kinds(desk.ready()).count("PlaybackFailed")]
    while desk.director.phase is not Phase.RESTING:
        assert desk.director.deadline == desk.at
        told.append(kinds(desk.later(0.0)).count("PlaybackFailed"))
    assert [MISSING_AT_ONCE] * 5 == [number for number in told if number]
    assert [*(ItemFailed(f"file:///{name}.mp4", Reason.MISSING) for name in names), ListRests()] == desk.news


def test_broken_list_says_so_once_and_again_when_it_plays() -> None:
    """Whoever looks at the log of a dark screen must find why, and not ten thousand times (decision 19)."""
    desk = Desk("ab", start=False)
    desk.missing = {"a", "b"}
    desk.ready()
    for _ in range(9):
        desk.later(60.0)
    missing = [ItemFailed(f"file:///{key}.mp4", Reason.MISSING) for key in "ab"]
    assert [*missing, ListRests()] == desk.news
    desk.missing = {"a"}
    desk.later(60.0)
    desk.play_through()
    assert [*missing, ListRests(), ListPlays(10, 601.0)] == desk.news


def test_stream_that_breaks_off_in_every_pass_is_told_once() -> None:
    """That it plays in between does not mend it."""
    desk = Desk("a")
    for _ in range(3):
        desk.play()
        desk.hear(signals.PlaybackFailed(desk.at))
    assert [ItemFailed("file:///a.mp4", Reason.FAILED)] == desk.news
    desk.play_through()
    desk.hear(signals.PlaybackFailed(desk.at))
    assert [ItemFailed("file:///a.mp4", Reason.UNPLAYABLE), ListRests()] == desk.news[1:]


def test_failed_and_unplayable_items_are_gone_on_from() -> None:
    """Garbage ends without an error, and without a moved playhead (vlc.md R5)."""
    desk = Desk("ab")
    assert kinds(desk.hear(signals.PlaybackFailed(desk.at))) == ["PlaybackFailed", "PlayCommanded"]
    desk.hear(signals.Playing(desk.at))
    assert kinds(desk.hear(signals.EndReached(desk.at))) == ["EndReached"]
    assert desk.director.phase is Phase.RESTING, "both failed"


def test_item_that_failed_after_it_played_is_no_unplayable_one() -> None:
    """A stream that breaks off was on the screen: it must not make the list rest, nor be told as bad material."""
    desk = Desk("a")
    desk.play()
    assert kinds(desk.hear(signals.PlaybackFailed(desk.at))) == ["PlaybackFailed", "PlayCommanded"]
    desk.play()
    assert kinds(desk.later(STUCK_S)) == ["PlaybackFailed", "PlayCommanded"]
    assert {"failed": 2} == desk.director.outcomes.passed
    assert kinds(desk.later(OPEN_WITHIN_S)) == ["PlaybackFailed"]
    assert {"failed": 2, "unplayable": 1} == desk.director.outcomes.passed
    assert desk.director.phase is Phase.RESTING


def test_list_of_very_short_items_does_not_rest() -> None:
    """A flash of a tenth of a second ends before libvlc says a time; it was shown all the same."""
    desk = Desk("a")
    desk.hear(signals.LengthChanged(desk.at, 0.1))
    desk.hear(signals.Playing(desk.at))
    assert kinds(desk.hear(signals.EndReached(desk.at))) == ["EndReached", "PlayCommanded"]
    assert {} == desk.director.outcomes.passed
    desk.hear(signals.LengthChanged(desk.at, 0.1))
    desk.hear(signals.Playing(desk.at))
    desk.hear(signals.PlaybackFailed(desk.at))
    assert desk.director.phase is Phase.RESTING, "an error is an error, however short the item"


def test_item_that_does_not_open_is_given_up_as_failed() -> None:
    """A black hole in the network is silent for ever (vlc.md section 2)."""
    desk = Desk()
    desk.hear(signals.Opening(desk.at))
    assert desk.director.deadline == desk.at + OPEN_WITHIN_S
    assert kinds(desk.later(OPEN_WITHIN_S)) == ["PlaybackFailed", "PlayCommanded"]
    assert desk.current == "b"


def test_item_that_stands_still_is_given_up_as_failed() -> None:
    """A dead UDP sender leaves VLC Playing for ever."""
    desk = Desk()
    desk.play()
    assert desk.later(STUCK_S - 1) == []
    assert kinds(desk.later(1)) == ["PlaybackFailed", "PlayCommanded"]


def test_live_stream_is_gone_on_from_at_its_limit() -> None:
    """It has no end of its own."""
    live = Item(Media("live", "udp://@:1", live=True), limit=30.0)
    desk = Desk(items=[live, Item(Media("b", "file:///b.mp4"))])
    desk.play()
    assert kinds(desk.later(30)) == ["SkipCommanded", "PlayCommanded"]


def test_closed_list_looks_again_until_it_opens() -> None:
    """At eight in the morning the screen wakes by itself."""
    desk = Desk(start=False)
    desk.closed = {"a", "b", "c"}
    assert desk.ready() == []
    assert desk.director.phase is Phase.SHUT
    assert desk.later(LOOK_AGAIN_S) == []
    desk.closed = {"a", "c"}
    assert kinds(desk.later(LOOK_AGAIN_S)) == ["PlayCommanded"]
    assert desk.current == "b"


def test_item_on_the_screen_is_given_up_at_closing_time() -> None:
    """An offer that ends at noon must not stand there at three: neither a picture nor a stream ends by itself."""
    desk = Desk("ab", start=False)
    desk.closing = {"a": desk.at + 100.0}
    desk.ready()
    desk.play()
    assert ASK_AGAIN_S >= (desk.director.deadline or 0.0) - desk.at
    desk.director.obey(wire.Pause(), desk.at)
    assert desk.later(98.5) == []
    assert kinds(desk.later(1.0)) == ["SkipCommanded", "PlayCommanded"]
    assert (desk.current, desk.director.outcomes.passed) == ("b", {"closed": 1})


def test_screen_is_dark_after_the_last_item_closed() -> None:
    """And the list looks again until it opens."""
    desk = Desk("a", start=False)
    desk.closing = {"a": desk.at + 10.0}
    desk.ready()
    assert kinds(desk.later(10.0)) == ["SkipCommanded"]
    assert (desk.sent[-1], desk.director.phase) == (wire.Stop(), Phase.SHUT)
    desk.closing = {}
    assert kinds(desk.later(LOOK_AGAIN_S)) == ["PlayCommanded"]


def test_closing_time_moves_with_the_clock_on_the_wall() -> None:
    """A Pi learns the time of day from the network, long after it began to play."""
    desk = Desk("ab", start=False)
    desk.closing = {"a": desk.at + 40_000.0}
    desk.ready()
    desk.play()
    desk.hear(signals.TimeChanged(desk.at + 50.0, 50.0))
    assert desk.later(59.5) == []
    desk.hear(signals.TimeChanged(desk.at, 60.0))
    desk.closing = {"a": desk.at - 7200.0}
    assert kinds(desk.later(ASK_AGAIN_S - 1)) == []
    assert kinds(desk.later(1)) == ["SkipCommanded", "PlayCommanded"]


def test_opening_hours_do_not_hide_a_stuck_item() -> None:
    """Both clocks run at once."""
    desk = Desk("ab", start=False)
    desk.closing = {"a": desk.at + 1000.0}
    desk.ready()
    desk.play()
    assert [kinds(desk.later(seconds)) for seconds in (59.5, 0.5)] == [[], ["PlaybackFailed", "PlayCommanded"]]


def test_restarted_agent_goes_on_where_the_list_was() -> None:
    """The interrupted item from its beginning; tokens are never given twice, for a unit's host outlives the agent."""
    desk = Desk()
    desk.play_through()
    desk.play()
    again = Desk(state=desk.director.state())
    assert again.current == "b"
    assert again.token > desk.token
    assert Desk(state={"rotation": 7, "tokens": "x", "boot": None}).current == "a", "a damaged state costs the place"


def test_finished_pass_stays_finished_after_a_crash() -> None:
    """systemd restarts the agent; the list must not begin again by it."""
    desk = Desk("a", _ONCE)
    desk.play_through()
    again = Desk("a", _ONCE, state=desk.director.state())
    assert (again.told, again.director.phase) == ([], Phase.FINISHED)
    assert Desk("a", _ONCE, state=desk.director.state(), boot="next morning").current == "a"
