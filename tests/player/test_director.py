"""The director, with a link that only notes what it is told."""

from agent.kernel import signals
from agent.kernel.media import Media
from agent.kernel.rotation import Rotation
from agent.kernel.signals import PlayCommanded
from agent.player import wire
from agent.player.carousel import STUCK_S
from agent.player.items import Item
from agent.player.operations import Next, Play, Previous, Replay
from agent.player.reports import HostLost
from agent.player.surroundings import Phase
from tests.support.desk import Desk, kinds

_ONCE = Rotation((), loop=False)


def test_next_before_the_player_is_ready_gives_the_coming_item_up() -> None:
    """After a crash an operator who asks for the next item must not get the interrupted one again."""
    desk = Desk(start=False)
    desk.director.obey(Next(), desk.at)
    desk.ready()
    assert desk.current == "b"


def test_late_signals_of_an_earlier_item_are_dropped() -> None:
    """A late EndReached would skip the item that has just begun."""
    desk = Desk()
    first = desk.token
    desk.play_through()
    assert desk.hear(signals.Stopped(desk.at), token=first) == []
    assert desk.hear(signals.EndReached(desk.at), token=first) == []
    assert desk.current == "b"


def test_pause_is_never_given_up() -> None:
    """Somebody paused the film to talk about it."""
    desk = Desk()
    desk.play()
    desk.director.obey(wire.Pause(), desk.at)
    desk.hear(signals.Paused(desk.at))
    assert desk.director.deadline is None
    assert desk.later(10_000) == []


def test_pause_in_mid_stall_is_never_given_up() -> None:
    """A stalled stream says Paused only when its data is back; an hour of silence after the operator's word is his."""
    desk = Desk()
    desk.play()
    desk.director.obey(wire.Pause(), desk.at)
    assert desk.later(3600.0) == []
    desk.director.obey(wire.Resume(), desk.at)
    assert kinds(desk.later(STUCK_S - 1)) == [], "the wait for a picture begins with the operator's word"
    assert kinds(desk.later(1)) == ["PlaybackFailed", "PlayCommanded"]


def test_held_last_frame_is_the_end() -> None:
    """With --play-and-pause VLC never says EndReached; an operator's pause is none."""
    desk = Desk(items=[Item(Media(key, f"file:///{key}.mp4", holds_last_frame=True)) for key in "ab"])
    desk.play()
    desk.director.obey(wire.Pause(), desk.at)
    assert kinds(desk.hear(signals.Paused(desk.at))) == ["Paused"]
    desk.director.obey(wire.Resume(), desk.at)
    desk.hear(signals.Playing(desk.at))
    assert kinds(desk.hear(signals.Paused(desk.at))) == ["Paused", "PlayCommanded"]


def test_lost_player_closes_the_play_and_the_next_item_waits_for_a_new_one() -> None:
    """The item may be what ended the player: going on from it is safe, repeating it is not."""
    desk = Desk()
    desk.play()
    lost = desk.director.on_report(HostLost(desk.at + 1, 1, "died"), desk.at + 2)
    assert lost == [signals.PlayerLost(desk.at + 1)]
    assert desk.director.phase is Phase.WAITING
    assert desk.hear(signals.EndReached(desk.at)) == []
    assert [signal.media.key for signal in desk.ready(2) if isinstance(signal, PlayCommanded)] == ["b"]
    assert desk.director.on_report(HostLost(desk.at, 2, "died"), desk.at) == [signals.PlayerLost(desk.at)]
    assert desk.director.on_report(HostLost(desk.at, 3, "died"), desk.at) == [], "nothing was being played"


def test_one_pass_ends_idle_and_next_begins_again() -> None:
    """`loop = false`: one pass of the list, then idle."""
    desk = Desk("ab", _ONCE)
    desk.play_through()
    assert kinds(desk.play_through())[-1] == "EndReached"
    assert (desk.director.phase, desk.current, desk.director.deadline) == (Phase.FINISHED, None, None)
    assert desk.ready(2) == [], "a new player does not begin it again"
    desk.director.obey(Next(), desk.at)
    assert desk.current == "a"


def test_operator_skips_and_goes_back() -> None:
    """A skipped play is told as such, before the next begins."""
    desk = Desk()
    desk.play()
    assert kinds(desk.director.obey(Next(), desk.at)) == ["SkipCommanded", "PlayCommanded"]
    assert desk.current == "b"
    assert kinds(desk.director.obey(Previous(), desk.at)) == ["SkipCommanded", "PlayCommanded"]
    assert desk.current == "a"


def test_replay_by_command_is_told_as_replay() -> None:
    """Only this is a REPLAY; a pass of the loop is not (decision 12)."""
    desk = Desk("a")
    assert desk.play_through()[-1] == PlayCommanded(desk.at, desk.items[0].media, replay=False)
    told = desk.director.obey(Replay(), desk.at)
    assert told == [signals.SkipCommanded(desk.at), PlayCommanded(desk.at, desk.items[0].media, replay=True)]


def test_seek_to_the_beginning_after_the_end_replays() -> None:
    """What a visitor does at the end of a film (decision 12); any other seek has nothing to act on."""
    desk = Desk("ab", _ONCE)
    desk.play_through()
    desk.play_through()
    assert desk.director.obey(wire.Seek(5.0), desk.at) == []
    assert desk.director.obey(wire.Seek(0.0), desk.at) == [PlayCommanded(desk.at, desk.items[1].media, replay=True)]


def test_seek_is_told_to_tracker_and_player() -> None:
    """The tracker need not guess what we did ourselves."""
    desk = Desk()
    desk.play()
    assert desk.director.obey(wire.Seek(2.0), desk.at) == [signals.SeekCommanded(desk.at, 2.0)]
    assert desk.sent[-1] == wire.Seek(2.0)


def test_stop_stays_stopped_and_play_resumes_the_same_item() -> None:
    """Whoever stops a kiosk wants it dark, also when the player or the agent restarts meanwhile."""
    desk = Desk()
    desk.play_through()
    desk.play()
    assert desk.director.obey(wire.Stop(), desk.at) == [signals.StopCommanded(desk.at)]
    assert desk.sent[-1] == wire.Stop()
    assert desk.director.obey(wire.Stop(), desk.at) == []
    assert desk.ready(2) == []
    again = Desk(state=desk.director.state())
    assert (again.told, again.director.phase) == ([], Phase.STOPPED)
    again.director.obey(Play(), again.at)
    assert again.current == "b"
    assert Desk(state=desk.director.state(), boot="another").current == "b", "switched off and on, it plays"


def test_volume_and_fullscreen_hold_for_the_items_to_come() -> None:
    """An operator who turns the sound down means the evening, not the clip."""
    desk = Desk()
    desk.director.obey(wire.SetVolume(20), desk.at)
    desk.director.obey(wire.SetFullscreen(on=False), desk.at)
    desk.director.obey(wire.SetRate(1.5), desk.at)
    assert desk.sent[-3:] == [wire.SetVolume(20), wire.SetFullscreen(on=False), wire.SetRate(1.5)]
    desk.play_through()
    assert (desk.loads[-1].volume, desk.loads[-1].fullscreen) == (20, False)


def test_pause_and_play_pass_through() -> None:
    """The player's own Paused and Playing tell the tracker."""
    desk = Desk()
    desk.play()
    assert desk.director.obey(wire.Pause(), desk.at) == []
    assert desk.director.obey(Play(), desk.at) == []
    assert desk.sent[-2:] == [wire.Pause(), wire.Resume()]


def test_unexpected_stop_goes_on() -> None:
    """Whatever stopped libvlc, the screen must not stay dark."""
    desk = Desk()
    desk.play()
    assert kinds(desk.hear(signals.Stopped(desk.at))) == ["Stopped", "PlayCommanded"]


def test_passes_of_a_repeated_item_are_one_item_of_the_list() -> None:
    """Five passes in a row are what the list shows in that place; the item's hours, stop and next are as ever."""
    clip = Item(Media("a", "file:///a.mp4", repeats=True), options=(":input-repeat=4",))
    desk = Desk(items=[clip, Item(Media("b", "file:///b.mp4"))])
    desk.play()
    for number in range(4):
        told = [*desk.hear(signals.TimeChanged(desk.at + number, 7.8)), *desk.hear(signals.TimeChanged(desk.at, 0.4))]
        assert ["TimeChanged", "TimeChanged"] == kinds(told)
    assert "a" == desk.current
    desk.hear(signals.EndReached(desk.at))
    assert "b" == desk.current
