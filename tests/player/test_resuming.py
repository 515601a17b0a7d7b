"""A list whose player went on without it."""

import json
from typing import Any

import pytest

from agent.kernel import signals
from agent.kernel.media import Media, Role
from agent.kernel.signals import PlayCommanded, PlayerLost
from agent.player import wire
from agent.player.items import Item, Plan, Screen, Spot
from agent.player.operations import Next, Play, Previous, Replay
from agent.player.reports import Heard, HostCaughtUp, HostLost
from agent.player.resuming import HANDOVER_WITHIN_S
from agent.player.surroundings import Phase
from tests.support.desk import Desk, kinds

MIDROLL = Spot(Item(Media("m", "file:///m.mp4", role=Role.MIDROLL)), at=3.0)
FILM = Item(Media("a", "file:///a.mp4"), spots=(MIDROLL,))


def _before(items: list[Item] | None = None) -> Desk:
    """A process that plays its first item."""
    desk = Desk(items=items, unit=True)
    desk.play()
    return desk


def _after(before: Desk, *, orderly: bool = True, **options: Any) -> Desk:
    """The next process, which waits for the player."""
    desk = Desk(
        items=before.items, state=before.director.state(orderly=orderly), start=False, **{"unit": True, **options}
    )
    desk.at, desk.numbers = before.at + 1.0, before.numbers
    return desk


def _hear(desk: Desk, signal: signals.Signal, token: int) -> list[signals.Signal]:
    desk.numbers += 1
    return desk.director.on_report(Heard(1, desk.numbers, token, signal), desk.at)


def _catch_up(desk: Desk, medium: int) -> list[signals.Signal]:
    return desk.director.on_report(HostCaughtUp(desk.at, 1, medium), desk.at)


def test_same_run_plays_on_and_nothing_is_loaded() -> None:
    """The picture is the item's; what it says next is about the same load, and its end brings the next item."""
    before = _before()
    desk = _after(before)
    assert ([], True, Phase.WAITING) == (desk.later(0.0), desk.director.is_behind, desk.director.phase)
    assert before.director.taken == desk.director.taken
    assert [] == desk.ready(1)
    assert (Phase.PLAYING, "a", (1, 3)) == (desk.director.phase, desk.current, desk.director.place)
    assert desk.director.is_behind
    assert None is desk.director.deadline, "no time passes before all has been heard"
    assert [] == _catch_up(desk, before.token)
    assert not desk.director.is_behind
    assert ([], True) == (desk.sent, desk.director.shows)
    told = _hear(desk, signals.EndReached(desk.at), before.token)
    assert ["EndReached", "PlayCommanded"] == kinds(told)
    assert "b" == desk.current
    assert desk.token > before.token


def test_state_of_a_process_that_waits_is_the_one_that_it_found() -> None:
    """Killed while it waits, it leaves the play to the next one."""
    desk = _after(_after(_after(_before()), orderly=False))
    desk.ready(1)
    assert "a" == desk.current


def test_another_run_means_that_the_play_is_lost_and_begun_again() -> None:
    """That host knows nothing of it: as after a power cut."""
    desk = _after(_before())
    told = desk.ready(2)
    assert ["PlayerLost", "PlayCommanded"] == kinds(told)
    assert 0.0 == told[0].at, "that is: the last moment that the tracker heard of"
    assert ("a", False, (2, 0)) == (desk.current, desk.director.is_behind, desk.director.taken)


def test_run_that_does_not_come_in_time_is_given_up() -> None:
    """A session that nobody will end must not stay open for ever."""
    desk = _after(_before())
    assert [] == desk.later(0.0)
    assert desk.at + HANDOVER_WITHIN_S == desk.director.deadline
    assert [] == desk.later(HANDOVER_WITHIN_S - 0.1)
    assert ["PlayerLost"] == kinds(desk.later(0.1))
    assert not desk.director.is_behind
    assert ["PlayCommanded"] == kinds(desk.ready(1)), "it is late, and begins like any other"


@pytest.mark.parametrize("options", [{"boot": "another"}, {"unit": False}])
def test_after_a_reboot_or_without_a_unit_nothing_is_waited_for(options: dict[str, Any]) -> None:
    """Such a player died with the machine, or with the agent."""
    desk = _after(_before(), **options)
    assert not desk.director.is_behind
    assert ["PlayCommanded"] == kinds(desk.ready(1))


def test_child_leaves_nothing_of_this_behind() -> None:
    """Each write costs a card; a child's play ends with the agent anyway."""
    desk = Desk()
    desk.play()
    assert "host" not in desk.director.state()


def test_host_that_has_something_else_by_now_is_gone_on_from() -> None:
    """A process that was killed before it could commit had it load the next item: that load is nobody's."""
    desk = _after(_before())
    desk.ready(1)
    assert ["PlayerLost", "PlayCommanded"] == kinds(_catch_up(desk, 999))
    assert "b" == desk.current
    assert [] == _catch_up(desk, 999), "once"


def test_host_that_is_lost_before_all_was_heard_ends_the_play_where_it_was_heard_last() -> None:
    """The silence since then was ours: it must not be told as a stall."""
    desk = _after(_before())
    desk.ready(1)
    lost = desk.director.on_report(HostLost(desk.at, 1, "died"), desk.at)
    assert [PlayerLost(0.0)] == lost
    assert (False, Phase.WAITING) == (desk.director.is_behind, desk.director.phase)


@pytest.mark.parametrize("operation", [Next(), Previous(), Replay(), wire.Stop()])
def test_operator_who_wants_something_else_is_not_kept_waiting(operation: Any) -> None:
    """And what he wants holds when the player comes."""
    desk = _after(_before())
    assert PlayerLost(0.0) == desk.director.obey(operation, desk.at)[0]
    assert not desk.director.is_behind
    desk.ready(1)
    assert (Phase.STOPPED if operation == wire.Stop() else Phase.PLAYING) == desk.director.phase


def test_player_that_comes_back_to_a_stopped_list_is_stopped() -> None:
    """It may show what it had: whoever stops a kiosk wants it dark."""
    desk = Desk(unit=True)
    desk.director.obey(wire.Stop(), desk.at)
    desk.sent.clear()
    desk.ready(1)
    assert [wire.Stop()] == desk.sent
    desk.director.obey(Play(), desk.at)
    assert Phase.PLAYING is desk.director.phase


def test_list_that_was_changed_meanwhile_goes_on_behind_the_item() -> None:
    """A document may come in before the player does."""
    before = _before()
    desk = _after(before)
    plan = Plan(
        tuple(desk.items[key] for key in (0, 2)), loop=True, shuffle=False, screen=Screen(volume=70, rotation=90)
    )
    assert [] == desk.director.replan(plan, desk.at)
    desk.ready(1)
    _catch_up(desk, before.token)
    _hear(desk, signals.EndReached(desk.at), before.token)
    assert "c" == desk.current


@pytest.mark.parametrize(("away_s", "comes"), [(2.0, True), (HANDOVER_WITHIN_S + 10.0, False)])
def test_midroll_is_passed_over_when_its_moment_is_long_past(away_s: float, comes: bool) -> None:
    """Nobody jumps back a minute in a film for an advertisement; seconds are another matter."""
    before = _before([FILM, Item(Media("b", "file:///b.mp4"))])
    before.hear(signals.TimeChanged(before.at, 2.9))
    desk = _after(before)
    passed = desk.at
    desk.at += away_s
    desk.ready(1)
    told = _hear(desk, signals.TimeChanged(passed, 3.1), before.token)
    assert comes is ("SpotCommanded" in kinds(told))
    if not comes:
        _catch_up(desk, before.token)
        assert ["TimeChanged"] == kinds(_hear(desk, signals.TimeChanged(desk.at, 3.4), before.token))


def test_play_that_never_was_is_not_waited_for() -> None:
    """Nothing was on the screen, so there is nothing to lose."""
    desk = Desk(unit=True, start=False)
    state = json.loads(json.dumps(desk.director.state()))
    assert None is state["host"]["going"]
    again = _after(desk, orderly=False)
    assert not again.director.is_behind
    assert [PlayCommanded] == [type(each) for each in again.ready(1)]
