"""In ten lines: is this kiosk fine?"""

from typing import Any

import click
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.short_text import MOST_LINES, short_report, verdict_line
from agent.runtime.health.judgement import judge
from tests.cli.test_status_text import FULL, without_some

WELL: dict[str, Any] = {
    "running": True,
    "version": "0.1.0",
    "ready": True,
    "uptime_s": 185.0,
    "device": {"id": "device-001"},
    "remote": {"url": "mqtts://broker.example.com", "online": True},
    "clock": {"wall": 1_795_000_185.0, "synced": True},
    "player": FULL["player"],
    "queue": {"events": 2, "bytes": 4200, "bound_bytes": 256 << 20, "oldest_wall": 1_795_000_005.0},
    "sinks": [{"name": "stats.collect", "state": "sending", "delivered": 1204, "last_delivery_wall": 1_795_000_180.0}],
}


def lines(status: dict[str, Any]) -> list[str]:
    return [click.unstyle(line) for line in short_report(status, judge(status))]


def test_kiosk_that_is_fine_says_so_in_the_first_line() -> None:
    """Over the telephone: read me the first line."""
    assert [
        "fine",
        "device-001 · kiosk-agent 0.1.0 · ready · up 3 min 5 s · broker online",
        "player    playing · item 3 of 12 · 0:42 of 1:30 at 1.5× · 0_abcd1234 · skipped 3 missing",
        "queue     2 events · 4.1 KiB of 256 MiB · oldest 3 min ago",
        "sinks     stats.collect · sending · 1,204 delivered · last 5 s ago",
        "more: kiosk-agent status --long",
    ] == lines(WELL)


def test_broker_that_is_away_is_said_beside_who_it_is() -> None:
    """Whoever is on the telephone wonders why the fleet's table shows another thing."""
    assert lines({**WELL, "remote": {"url": "mqtts://b", "online": False}})[1].endswith("· broker offline")


def test_what_is_wrong_stands_first_with_its_remedy() -> None:
    """And the rest is counted, so that nobody takes three for all."""
    held = {"name": "stats.collect", "state": "held", "cause": "session", "text": "expired", "since_s": 7200.0}
    sick = {**WELL, "sinks": [held]}
    assert ["needs attention: stats.collect is held: expired", "→ kiosk-agent doctor says"] == [
        lines(sick)[0],
        lines(sick)[1][:25],
    ]
    assert "stats.collect · held · session for 2 h" in "\n".join(lines(sick))
    machine = {"under_voltage": True, "temperature_c": 90.0, "disk_free_bytes": 1, "disk_bytes": 100}
    worse = {**sick, "machine": machine, "queue": {"trouble": "I/O error", "volatile": "tmpfs"}}
    assert "(and 3 more)" in "\n".join(lines(worse))
    assert "needs attention: the queue cannot be written: I/O error, and 5 things more" == verdict_line(judge(worse))


def test_store_without_an_agent_is_told_as_such() -> None:
    """Figures of a sleeping store must not look like those of a living agent."""
    found = lines({"running": False, "queue": {"events": 3}, "sinks": []})
    assert "no agent is running" in found[0]
    assert "queue     3 events" in found
    assert ["kiosk-agent · no agent is running", "why"] == lines({"running": False, "text": "why"})


def test_many_destinations_are_counted() -> None:
    """An imported queue has some of its own."""
    sinks = [{"name": f"sink-{number}", "state": "idle"} for number in range(5)]
    assert "and 3 destinations more" in "\n".join(lines({**WELL, "sinks": sinks}))


@given(without_some({**FULL, "queue": {**FULL["queue"], "trouble": "x" * 900 + "\n"}}))
def test_never_more_than_ten_lines(status: dict[str, Any]) -> None:
    """It is the promise."""
    found = lines(status)
    assert 1 <= len(found) <= MOST_LINES
    assert [] == [line for line in found if "\n" in line]


@given(st.just(FULL))
def test_full_answer_fits(status: dict[str, Any]) -> None:
    """With everything at once."""
    assert len(lines(status)) <= MOST_LINES


def test_screen_stands_beside_the_player() -> None:
    """It plays is half of the answer."""
    for display, words in (
        ({"state": "on", "for_s": 5.0}, "display on"),
        ({"state": "off", "for_s": 7200.0, "should_be_on": True}, "display off for 2 h 0 min"),
        ({"state": "unknown"}, "display unknown"),
    ):
        (player,) = [line for line in lines({**WELL, "display": display}) if line.startswith("player")]
        assert words in player.split(" · ")


def test_player_that_is_not_ours_is_named_in_the_players_line() -> None:
    """The first thing to know of a kiosk whose pictures another program shows."""
    player = {"state": "playing", "attached": {"source": "http", "follows": "VLC at 127.0.0.1"}}
    assert "player    playing · VLC at 127.0.0.1 over HTTP" in lines({**WELL, "player": player})
    nobody = {"state": "idle", "host": {"running": True}, "attached": {"source": "mpris", "follows": None}}
    assert "player    idle · no VLC over MPRIS" in lines({**WELL, "player": nobody})
    absent = {**nobody, "host": {"running": False}}
    assert "player    idle · kiosk-attach is not connected" in lines({**WELL, "player": absent}), "another remedy"
