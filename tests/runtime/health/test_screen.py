"""Whether the screen shows what it should."""

from typing import Any

import pytest

from agent.runtime.health.reasons import Kind, Verdict
from agent.runtime.health.screen import ATTACH_S, DARK_S, MANY_RESTARTS, PAUSED_S, STALLED_S, START_S, screen


def found(player: dict[str, Any], uptime: float = 10_000.0) -> list[tuple[Verdict, Kind]]:
    return [(each.verdict, each.kind) for each in screen({"uptime_s": uptime, "player": player})]


@pytest.mark.parametrize("state", ["playing", "closed", "idle", "ending"])
def test_what_may_last_is_no_reason(state: str) -> None:
    """A shop that is closed, or a list that is over, needs nobody at night."""
    assert [] == found({"state": state, "phase": state, "state_s": 1e6, "host": {"running": True}})


@pytest.mark.parametrize(
    ("state", "bound", "verdict", "kind"),
    [
        ("starting", START_S, Verdict.FAILING, Kind.NOT_PLAYING),
        ("opening", START_S, Verdict.FAILING, Kind.NOT_PLAYING),
        ("stalled", STALLED_S, Verdict.FAILING, Kind.STALLED),
        ("paused", PAUSED_S, Verdict.DEGRADED, Kind.PAUSED),
    ],
)
def test_a_moment_is_none_and_more_is_one(state: str, bound: float, verdict: Verdict, kind: Kind) -> None:
    """A healthcheck that cries while a stream buffers is switched off by the end of the week."""
    assert [] == found({"state": state, "state_s": bound - 1})
    assert [(verdict, kind)] == found({"state": state, "state_s": bound})


def test_list_of_which_nothing_plays_is_failing_at_once() -> None:
    """The screen is black."""
    assert [(Verdict.FAILING, Kind.NOT_PLAYING)] == found({"state": "waiting", "state_s": 0.0})


def test_player_that_is_not_there_is_failing_once_it_had_time_to_start() -> None:
    """libvlc is missing, or crashes at each start."""
    dead = {"state": "starting", "state_s": 500.0, "host": {"running": False, "last_exit": "signal 11"}}
    assert [(Verdict.FAILING, Kind.NO_PLAYER)] == found(dead)
    assert [] == found({**dead, "state_s": 5.0}, uptime=5.0)
    (reason,) = screen({"uptime_s": 1000.0, "player": dead})
    assert "signal 11" in reason.text


def test_stopped_by_a_command_is_told_and_finished_is_not() -> None:
    """Somebody forgot to start it again."""
    assert [(Verdict.DEGRADED, Kind.STOPPED)] == found({"state": "idle", "phase": "stopped"})
    assert [] == found({"state": "idle", "phase": "finished"})


def test_picture_that_the_watch_calls_frozen_is_failing() -> None:
    """The player says that it plays, and nothing moves."""
    frozen = {"cause": "the playhead stands still", "for_s": 130.0}
    (reason,) = screen({"uptime_s": 1000.0, "player": {"state": "playing"}, "frozen": frozen})
    assert (Verdict.FAILING, Kind.FROZEN) == (reason.verdict, reason.kind)
    assert "the playhead stands still, for 2 min" == reason.text
    assert [] == list(screen({"player": {"state": "playing"}, "frozen": {"cause": None, "for_s": None}}))


def test_restarts_count_by_the_hour() -> None:
    """Three in a year are nothing; three since this morning are a sick player."""
    player = {"state": "playing", "host": {"running": True, "restarts": MANY_RESTARTS}}
    assert [(Verdict.DEGRADED, Kind.PLAYER_RESTARTS)] == found(player, uptime=600.0)
    assert [] == found(player, uptime=MANY_RESTARTS * 3600.0)


def test_nothing_said_is_nothing_wrong() -> None:
    """An agent of another version may tell less."""
    assert [] == list(screen({}))
    assert [] == found({"state": None, "host": None})


DARK = {"state": "off", "why": "HDMI-A-1 has no monitor", "for_s": DARK_S, "should_be_on": True}


def dark(display: dict[str, Any], state: str = "playing") -> list[Kind]:
    return [each.kind for each in screen({"uptime_s": 1e4, "player": {"state": state}, "display": display})]


def test_screen_that_is_dark_in_its_hours_needs_somebody() -> None:
    """The player plays, the events flow, and nobody sees anything."""
    assert [Kind.DARK_SCREEN] == dark(DARK)
    (reason,) = screen({"uptime_s": 1e4, "player": {"state": "playing"}, "display": DARK})
    assert Verdict.DEGRADED is reason.verdict
    assert "dark for 5 min: HDMI-A-1 has no monitor" in reason.text
    assert "display.hours" in reason.remedy


def test_screen_that_may_be_dark_or_of_which_nothing_is_known_needs_nobody() -> None:
    """Closed, just switched off, nothing to show, no way to tell."""
    for change in (
        {"should_be_on": False},
        {"should_be_on": None},
        {"for_s": DARK_S - 1},
        {"state": "unknown"},
        {"state": "on"},
    ):
        assert [] == dark({**DARK, **change})
    assert [] == dark(DARK, state="closed")
    assert [] == dark(DARK, state="idle")
    assert [] == dark({})


ATTACHED = {"source": "mpris", "follows": "vlc", "problem": None}


def test_vlc_that_is_followed_may_be_idle() -> None:
    """When it plays is nobody's business but the kiosk's."""
    player = {"state": "idle", "state_s": 1e6, "host": {"running": True}, "attached": ATTACHED}
    assert [] == found(player)
    assert [(Verdict.FAILING, Kind.STALLED)] == found({**player, "state": "stalled"})


@pytest.mark.parametrize(
    ("host", "attached", "bound", "said"),
    [
        ({"running": False}, {**ATTACHED, "problem": "it has not come: look"}, ATTACH_S, ("it has not come", "look")),
        ({"running": True}, {**ATTACHED, "follows": None, "problem": "no VLC: start"}, START_S, ("no VLC", "start")),
        ({"running": True}, {**ATTACHED, "follows": None}, START_S, ("no VLC is seen", "start it")),
    ],
)
def test_nobody_to_follow_is_failing_after_a_while(
    host: dict[str, Any], attached: dict[str, Any], bound: float, said: tuple[str, str]
) -> None:
    """Nothing is reported then; the remedy is the host's own word."""
    player = {"state": "starting", "state_s": 1e6, "host": host, "attached": {**attached, "unfollowed_s": bound - 1}}
    assert [] == found(player), "it may have been idle for hours before"
    player["attached"] = {**attached, "unfollowed_s": bound}
    assert [] == found(player, uptime=bound - 1)
    (earlier,) = screen({"uptime_s": 1e4, "player": {**player, "state_s": bound, "attached": attached}})
    assert said[0] in earlier.text, "an agent that does not say for how long"
    (reason,) = screen({"uptime_s": 1e4, "player": player})
    assert (Verdict.FAILING, Kind.NO_PLAYER) == (reason.verdict, reason.kind)
    assert said[0] in reason.text
    assert said[1] == reason.remedy
