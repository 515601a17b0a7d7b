"""The long report of `status` for people."""

from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.cli.status_text import report
from agent.runtime.health.judgement import judge

FULL: dict[str, Any] = {
    "running": True,
    "version": "0.1.0",
    "pid": 7,
    "uptime_s": 185.0,
    "started_wall": 1_795_000_000.0,
    "ready": True,
    "device": {"id": "device-001", "name": "Lobby", "site": "Berlin", "tags": ["portrait"]},
    "config": {"file": "/etc/kiosk-agent/kiosk-agent.toml", "warnings": ["playlist item 3 does not exist"]},
    "clock": {"wall": 1_795_000_185.0, "synced": False},
    "player": {
        "state": "playing",
        "phase": "playing",
        "item": {"index": 3, "count": 12, "uri": "file:///srv/a.mp4", "entry_id": "0_abcd1234"},
        "position": 42.0,
        "duration": 90.0,
        "rate": 1.5,
        "host": {"pid": 8, "running": True, "restarts": 2, "libvlc": "3.0.21", "last_exit": "signal 9"},
        "skipped": {"missing": 3},
        "rejected_options": ["--nonsense"],
    },
    "queue": {
        "events": 13,
        "bytes": 4200,
        "bound_bytes": 256 << 20,
        "oldest_wall": 1_795_000_005.0,
        "generation": "g",
        "schema": 1,
        "dropped": {"age": 2},
        "disk_full": True,
        "estimated_times": 7,
        "volatile": "tmpfs: a power cut loses it",
        "opening": None,
    },
    "sinks": [
        {
            "name": "stats.collect",
            "state": "waiting",
            "cause": "network",
            "text": "connection refused",
            "since_wall": 1_795_000_005.0,
            "next_try_s": 12.0,
            "last_delivery_wall": 1_795_000_000.0,
            "tries": 5,
            "depth": 13,
            "delivered": 1204,
            "passed": {"no-entry": 4},
            "dropped": {"age": 2},
            "dead": {"INVALID_ENUM_VALUE": 1},
            "dead_letters": 1,
            "resent": 1,
            "perhaps_repeated": 2,
            "unverified": 8,
        }
    ],
    "counters": {"samples coalesced": 9},
    "something": "from a later version",
}


def text(status: dict[str, Any]) -> str:
    return click.unstyle("\n".join(lines_of(status)))


def lines_of(status: dict[str, Any]) -> list[str]:
    return report(status, judge(status))


@pytest.mark.parametrize(
    "words",
    [
        "kiosk-agent 0.1.0 · ready · up 3 min 5 s",
        "device    device-001 · Lobby · Berlin · #portrait",
        "warning: playlist item 3 does not exist",
        "not synchronised",
        "playing · item 3 of 12 · 0:42 of 1:30 at 1.5×",
        "file:///srv/a.mp4 → 0_abcd1234",
        "host pid 8 · libvlc 3.0.21 · 2 restarts · last exit: signal 9",
        "skipped: 3 missing",
        "VLC does not know: --nonsense",
        "13 events · 4.1 KiB of 256 MiB · oldest 3 min ago",
        "volatile: tmpfs: a power cut loses it",
        "the disk is full",
        "1 dead letter kept",
        "stats.collect · waiting · 13 waiting · 1,204 delivered · last 3 min 5 s ago",
        "network: connection refused",
        "5 tries · next in 12 s",
        "passed over: 4 no-entry",
        "dropped: 2 age",
        "refused: 1 INVALID_ENUM_VALUE",
        "1 message sent again, since an answer was lost",
        "2 messages perhaps sent twice",
        "8 messages delivered unverified",
        "7 events dated by estimate",
        "counters  9 samples coalesced",
    ],
)
def test_full_answer_shows_each_of_its_facts(words: str) -> None:
    """What the agent counts and nobody can see might as well not be counted."""
    assert words in text(FULL)


def test_media_without_an_entry_says_that_it_is_not_reported() -> None:
    """The commonest question: why does my film not count?"""
    assert "file:///b.mp4 (no entry: not reported)" in text(
        {"player": {"state": "playing", "item": {"uri": "file:///b.mp4"}}}
    )


def test_no_agent_running_is_said_in_the_first_line() -> None:
    """Figures of a sleeping store must not look like those of a living agent."""
    first = text({"running": False, "queue": {"events": 3}}).splitlines()[0]
    assert "no agent is running" in first


def test_phase_of_the_list_is_said_where_it_adds_something() -> None:
    """ "idle" alone leaves open whether the list has ended or the shop is closed."""
    assert "player    idle · outside opening hours" in text(
        {"player": {"state": "idle", "phase": "outside opening hours"}}
    )
    assert "playing · playing" not in text(FULL)


def without_some(value: Any) -> st.SearchStrategy[Any]:
    """`value` with any of its parts missing or null."""
    if isinstance(value, dict):
        return st.fixed_dictionaries({}, optional={key: without_some(item) for key, item in value.items()})
    if isinstance(value, list):
        return st.lists(st.one_of([without_some(item) for item in value]), max_size=2)
    return st.sampled_from([value, None])


@given(without_some(FULL))
def test_any_part_may_be_missing(status: dict[str, Any]) -> None:
    """A command of one version asks an agent of another, or one that is still starting."""
    assert lines_of(status)


def test_session_says_how_long_it_lives_by_the_services_clock() -> None:
    """The device's own clock may be wrong by years; and that none can be had is what somebody must mend."""
    fresh = {"mode": "app-token", "state": "fresh", "expires_wall": 1.0, "left_s": 3540.0, "renewals": 2, "text": None}
    assert "app-token · there is one · ends in 59 min · 2 started" in text({"session": fresh})
    refused = {"mode": "secret", "state": "refused", "text": "no session: the secret is wrong"}
    shown = text({"session": refused})
    assert "none can be had" in shown
    assert "the secret is wrong" in shown
    assert "session" not in text({"session": {"mode": "none", "state": "none"}})


def test_intake_says_where_it_is_what_it_took_and_why_a_door_is_shut() -> None:
    """An application's developer looks here first."""
    path = "/run/kiosk-agent/intake.sock"
    shut = {"problem": "port 8337: in use", "remedy": "Choose another intake.web.port."}
    shown = text({"intake": {"listening": [path], "shut": [shut], "counters": {"accepted": 4}}})
    assert path in shown
    assert "4 accepted" in shown
    assert "shut: port 8337: in use" in shown
    assert "Choose another intake.web.port." in shown


def test_spot_that_plays_stands_beside_its_content() -> None:
    """Else a screen that shows an advertisement seems to be paused."""
    player = {"state": "paused", "item": {"uri": "file:///a.mp4"}, "spots": [{"role": "midroll", "index": 2}]}
    assert "in it: midroll 2" in text({"player": player})


def test_a_clock_that_holds_delivery_up_is_named_at_the_clock() -> None:
    """Whoever sees "certificate not accepted" looks for a certificate; the clock is what to look at."""
    sinks = [{"name": "stats.collect", "state": "waiting", "cause": "clock"}, {"name": "trackEvent", "cause": "tls"}]
    lines = lines_of({"clock": {"wall": 500.0, "synced": False}, "sinks": sinks})
    text = click.unstyle("\n".join(lines))
    assert "before this program was made" in text
    assert "waits for it: stats.collect (kiosk-agent doctor" in text
    in_order = click.unstyle(
        "\n".join(lines_of({"clock": {"wall": 1_795_000_185.0, "synced": True}, "sinks": sinks[1:]}))
    )
    assert "wrong" not in in_order
    assert "waits for it" not in in_order


def test_long_report_says_all_that_is_wrong_and_what_helps() -> None:
    """The short one has room for three."""
    machine = {"disk_free_bytes": 2_000_000_000, "disk_bytes": 16_000_000_000, "temperature_c": 85.0}
    shown = text({**FULL, "machine": {**machine, "under_voltage": True}})
    assert "health    failing: the disk is full" in shown
    assert "degraded: the processor has 85 °C" in shown
    assert "→ Use the supply" in shown
    assert "machine   1.9 GiB free · 85 °C · under-voltage since the boot" in shown
    assert "health    fine" in text({"running": True, "ready": True})
    assert "health" not in text({"running": False, "queue": {"events": 1}})


ATTACHED = {
    "source": "mpris",
    "accuracy": "over MPRIS: positions to 0.5 s",
    "follows": "vlc",
    "others": ["vlc.instance9"],
    "problem": None,
}


def test_player_that_is_not_ours_is_named_with_what_is_known_of_it() -> None:
    """A figure over HTTP is not worth what one of our own player is; and nobody looks for a second VLC."""
    player = {**FULL["player"], "attached": ATTACHED, "host": {"pid": 8, "running": True, "libvlc": "VLC over MPRIS"}}
    told = text({**FULL, "player": player})
    assert "follows vlc · others, not followed: vlc.instance9" in told
    assert "over MPRIS: positions to 0.5 s" in told
    assert "host pid 8 · VLC over MPRIS" in told
    nobody = {**ATTACHED, "follows": None, "others": [], "problem": "no VLC: start it"}
    told = text({**FULL, "player": {**player, "attached": nobody}})
    assert "follows no VLC" in told
    assert "kiosk-attach is not connected" in text(
        {**FULL, "player": {**player, "attached": nobody, "host": {"running": False}}}
    )
    assert "problem: no VLC: start it" in told
