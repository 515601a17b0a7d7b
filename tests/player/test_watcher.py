"""A player that is not ours, told as an attached host says it: what the tracker makes of it."""

from agent.kernel import signals
from agent.kernel.media import Media
from agent.player import wire
from agent.player.items import Item, Plan, Screen
from agent.player.operations import Fail, Next, Operation, Play, Previous, Replay
from agent.player.surroundings import Phase
from tests.support.watched import PLAYED, Attached


def test_item_that_plays_through_is_a_play_with_its_entry() -> None:
    """As of our own player; the address in VLC's list finds the entry."""
    host = Attached().open().play(7.75)
    item = host.watcher.current
    assert item is not None
    assert ("0_a", (1, 2), Phase.PLAYING, True) == (
        item.media.entry_id,
        host.watcher.place,
        host.watcher.phase,
        host.watcher.shows,
    )
    host.end()
    host.tells(PLAYED)
    assert (None, (0, 2), Phase.IDLE, None) == (
        host.watcher.current,
        host.watcher.place,
        host.watcher.phase,
        host.watcher.turn,
    )


def test_next_item_closes_the_one_before_as_what_it_was() -> None:
    """Skipped in the middle; ended where it stood at its end, though nobody said so."""
    host = Attached().open().play(3.0).open("file:///b.mp4").play(7.75).open().play(1.0)
    host.tells(
        "opened:a loaded playing 25% closed:skipped opened:b loaded playing 25% 50% 75% ended closed:completed"
        " opened:a loaded playing"
    )


def test_each_pass_of_a_loop_is_a_play() -> None:
    """VLC stops between two passes; a host that says Playing only, after the end, means the same."""
    host = Attached().open().play(7.75).end().open().play(7.75).end()
    host.time = 0.0
    host.wait(0.25).say(signals.Playing(host.at)).play(7.75).end()
    host.tells(f"{PLAYED} {PLAYED} {PLAYED}")


def test_pauses_seeks_and_stops_in_the_player_are_its_own() -> None:
    """Somebody with a keyboard; no command of ours is in it."""
    host = Attached().open(length=60.0).play(5.0)
    host.wait(0.25).say(signals.Paused(host.at)).wait(3.0).say(signals.Playing(host.at)).play(6.0)
    host.time = 30.0
    host.wait(0.25).say(signals.Sampled(host.at, 30.0, 1.0, fullscreen=False)).play(32.0)
    host.say(signals.Stopped(host.at))
    host.tells("opened:a loaded playing paused resumed seeked:6.2>30 closed:stopped")
    assert [] == host.sent


def test_seek_of_an_operator_is_told_once_and_by_his_word() -> None:
    """The order is known to be ours; the playhead's leap, and the pulse that a host makes of it, say it again."""
    host = Attached().open(length=60.0).play(5.0)
    host.obey(wire.Seek(40.0))
    host.time = 40.0
    host.wait(0.25).say(signals.Buffering(host.at, 0.0)).say(signals.Buffering(host.at, 100.0))
    host.say(signals.TimeChanged(host.at, 40.0)).say(signals.Sampled(host.at, 40.0, 1.0, fullscreen=False)).play(42.0)
    host.tells("opened:a loaded playing seeked:5>40")
    assert [wire.Seek(40.0)] == host.sent


def test_rate_and_full_screen_are_looked_at() -> None:
    """A rate that changes between two looks is no seek."""
    host = Attached().open(length=60.0).play(3.0).play(11.0, rate=4.0).play(12.0)
    host.wait(0.25).say(signals.Sampled(host.at, 12.25, 1.0, fullscreen=True))
    host.tells("opened:a loaded playing rate:4 rate:1 fullscreen:on")


def test_playhead_that_stands_still_is_a_stall() -> None:
    """Rule R3 on what was polled: nothing is restarted, and it is told."""
    host = Attached().open(length=60.0).play(3.0)
    for _ in range(12):
        host.wait(0.25).say(signals.Sampled(host.at, host.time, 1.0, fullscreen=False))
    host.play(5.0)
    host.tells("opened:a loaded playing stalled recovered")


def test_playhead_at_zero_between_two_items_is_no_seek() -> None:
    """VLC answers 0 while it has none; a real seek to 0 shows at the next step."""
    host = Attached().open(length=60.0).play(5.0)
    host.wait(0.25).say(signals.Sampled(host.at, 0.0, 1.0, fullscreen=False)).open("file:///b.mp4").play(1.0)
    host.tells("opened:a loaded playing closed:skipped opened:b loaded playing")
    host.play(3.0).wait(0.25).say(signals.Sampled(host.at, 0.0, 1.0, fullscreen=False))
    host.time = 0.0
    host.play(1.0)
    host.tells("opened:a loaded playing closed:skipped opened:b loaded playing 25% seeked:3.5>0.25")


def test_vlc_that_dies_interrupts_its_play_and_the_next_one_begins() -> None:
    """The host outlives it, and follows another."""
    host = Attached().open().play(3.0).say(signals.PlayerLost(0.0)).wait(5.0).open("file:///b.mp4").play(1.0)
    host.tells("opened:a loaded playing 25% closed:interrupted opened:b loaded playing")


def test_orders_that_fit_are_passed_on() -> None:
    """What comes of them the host says."""
    host = Attached().open().play(1.0)
    passed: list[tuple[Operation, wire.Command]] = [
        (Next(), wire.Skip()),
        (Play(), wire.Resume()),
        *((order, order) for order in (wire.Pause(), wire.Resume(), wire.Stop(), wire.SetVolume(50))),
        *((order, order) for order in (wire.SetRate(2.0), wire.SetFullscreen(on=True), wire.Seek(3.0))),
    ]
    for order, command in passed:
        assert host.watcher.refusal(order) is None
        host.obey(order)
        assert command == host.sent[-1]
    assert len(passed) == len(host.sent)


def test_orders_that_need_a_list_of_ours_are_refused_with_a_way_out() -> None:
    """The operator must not wait for what will not come."""
    host = Attached().open().play(1.0)
    for order in (Previous(), Replay()):
        reason = host.watcher.refusal(order)
        assert reason is not None
        assert "not the agent's own" in reason
        host.obey(order)
    host.obey(Fail(again=True))
    assert [] == host.sent


def test_another_list_names_the_next_medium() -> None:
    """What plays stays what it was begun as."""
    host = Attached().open().play(1.0)
    renamed = Plan((Item(Media("a", "file:///a.mp4", "1_new")),), loop=True, shuffle=False, screen=Screen())
    assert [] == host.watcher.replan(renamed, host.at)
    assert host.watcher.current is not None
    assert "0_a" == host.watcher.current.media.entry_id
    host.open()
    assert "1_new" == host.watcher.current.media.entry_id
    assert 1 == len(host.watcher.items)


def test_tail_of_a_medium_that_is_over_is_not_heard() -> None:
    """Signals cross: a late look of the item before must not move the next one."""
    host = Attached().open().play(3.0).open("file:///b.mp4").play(1.0)
    host.say(signals.Sampled(host.at, 3.25, 1.0, fullscreen=False), token=1).say(signals.Stopped(host.at), token=1)
    host.play(2.5)
    host.tells("opened:a loaded playing 25% closed:skipped opened:b loaded playing 25%")
