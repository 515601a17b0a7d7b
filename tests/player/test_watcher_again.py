"""A play that outlives the agent or its line: the watcher goes on with it, or knows that it cannot."""

import json
from typing import Any

import pytest

from agent.config.entries import EntryRules
from agent.kernel.media import Media
from agent.kernel.signals import PlayerLost
from agent.player.items import Item
from agent.player.naming import Naming
from agent.player.resuming import HANDOVER_WITHIN_S
from agent.player.surroundings import Phase
from agent.player.watcher import Watcher
from tests.support.watched import BOOT, LIST, PLAYED, Attached


def test_line_that_broke_tears_no_play() -> None:
    """A host that dials again says what it saw meanwhile; until all of it was heard no time passes."""
    host = Attached().open().play(3.0)
    host.lose()
    assert (True, Phase.WAITING) == (host.watcher.is_behind, host.watcher.phase)
    host.wait(5.0)
    host.ready()
    assert host.watcher.is_behind
    host.at -= 5.0
    host.play(4.0)
    host.caught_up()
    assert not host.watcher.is_behind
    host.play(7.75).end()
    host.tells(PLAYED)


@pytest.mark.parametrize("orderly", [True, False])
def test_agent_that_starts_again_goes_on_with_the_play(orderly: bool) -> None:
    """VLC does not care; the play is neither doubled nor lost, and its quartiles are told once."""
    host = Attached().open().play(5.0)
    host.again(orderly=orderly)
    assert (True, (7, host.number)) == (host.watcher.is_behind, host.watcher.taken)
    host.wait(2.0)
    host.ready()
    host.at -= 2.0
    host.play(6.5)
    host.caught_up()
    host.play(7.75).end().open("file:///b.mp4").play(1.0)
    host.tells(f"{PLAYED} opened:b loaded playing")


def test_play_that_ended_while_the_agent_was_away_is_told_with_its_own_times() -> None:
    """All of it waits in the host's ring."""
    host = Attached().open().play(5.0)
    host.again()
    host.ready()
    host.play(7.75).end().open("file:///b.mp4").play(2.25)
    host.caught_up()
    host.tells(f"{PLAYED} opened:b loaded playing 25%")


def test_another_run_of_the_host_means_that_nobody_knows() -> None:
    """It was interrupted, at the last moment that was heard of; the present medium is a play of its own."""
    host = Attached().open().play(3.0)
    host.again()
    host.wait(3.0)
    host.number = host.token = 0
    host.ready(8)
    assert (8, 0) == host.watcher.taken
    host.open()
    host.caught_up()
    host.time = 6.0
    host.play(7.75).end()
    host.tells(
        "opened:a loaded playing 25%@1002 closed:interrupted@1003 opened:a loaded playing ended closed:completed"
    )


def test_what_a_host_saw_before_it_had_a_line_is_told_with_its_own_times() -> None:
    """An agent that starts slowly, or comes later than VLC, hears of seconds at once: that is no seek."""
    host = Attached()
    host.lose()
    host.wait(30.0)
    host.at -= 20.0
    host.run, host.number, host.token = 8, 0, 0
    host.ready(8)
    host.open().play(7.75).end().open("file:///b.mp4").play(2.25)
    host.wait(0.5)
    host.at += 2.0
    host.caught_up()
    host.tells(
        "opened:a@1010 loaded playing@1010 25%@1012 50%@1014 75%@1016 ended@1018 closed:completed"
        " opened:b@1018 loaded playing 25%"
    )


def test_vlc_that_died_while_the_agent_was_away_is_heard_of_with_what_came_after() -> None:
    """Its loss is not the end of what waits in the host's ring."""
    host = Attached().open().play(3.0)
    host.again()
    host.ready()
    host.wait(1.0).say(PlayerLost(host.at))
    assert host.watcher.is_behind
    host.open("file:///b.mp4").play(1.0)
    host.caught_up()
    host.tells("opened:a loaded playing 25% closed:interrupted@1004 opened:b@1004 loaded playing@1004")


def test_host_that_does_not_come_back_interrupts_the_play() -> None:
    """A session that nobody will ever end must not stay open for ever."""
    host = Attached().open().play(3.0)
    host.again()
    host.wait(HANDOVER_WITHIN_S + 1.0)
    host.tells("opened:a loaded playing 25% closed:interrupted@1003")
    assert host.watcher.is_behind, "a host that comes later may have seen more"


def test_host_that_was_told_to_end_interrupts_the_play_at_once() -> None:
    """It will not come back as what it was."""
    host = Attached().open().play(3.0)
    host.lose(commanded=True)
    host.tells("opened:a loaded playing 25% closed:interrupted")


def test_medium_that_the_host_has_instead_means_that_the_play_was_lost() -> None:
    """Its ring is bounded: what said so was given up."""
    host = Attached().open().play(3.0)
    host.again()
    host.ready()
    host.caught_up(medium=9)
    host.tells("opened:a loaded playing 25% closed:interrupted")


def test_play_of_another_boot_is_nobodys() -> None:
    """A reboot ends VLC too; the recovery closes what was open."""
    host = Attached().open().play(3.0)
    host.again(boot="another")
    assert not host.watcher.is_behind


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"host": 3},
        {"host": {"boot": BOOT, "medium": 4}},
        {"host": {"boot": BOOT, "medium": {"token": "x"}}},
        {"host": {"boot": BOOT, "medium": {"token": 1, "uri": "file:///a.mp4", "begun": 1}}},
        {"rotation": {"playing": True}, "host": {"boot": BOOT, "going": {"token": 1}}},
    ],
)
def test_state_of_another_kind_is_none(state: dict[str, Any]) -> None:
    """A damaged file, or the state of a director before the source was changed."""
    naming = Naming(LIST, EntryRules())
    watcher = Watcher(naming, link=Attached(), boot=BOOT, tell=lambda _: None, state=state)
    assert (False, None) == (watcher.is_behind, watcher.current)


def test_address_is_kept_without_its_password() -> None:
    """The state stands on the disk; and the item is found again by it."""
    camera = Item(Media("cam", "rtsp://user:secret@camera/1", "0_cam", live=True))
    host = Attached((camera,)).open("rtsp://user:secret@camera/1", length=0.0).play(3.0)
    assert "secret" not in json.dumps(host.watcher.state())
    host.again()
    assert host.watcher.current is not None
    assert "0_cam" == host.watcher.current.media.entry_id


def test_idle_player_changes_no_state() -> None:
    """What changes is written, and an idle kiosk must not wear its card."""
    host = Attached().open().play(7.75).end()
    before = host.watcher.state()
    host.wait(60.0)
    assert (before, None) == (host.watcher.state(), host.watcher.deadline)
