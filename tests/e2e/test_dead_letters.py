"""Messages that the service refuses for good, and what an operator does about them: the real program, both ways."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, is_over, kiosk, tokens, unstalled
from tools.standin.analytics import Analytics
from tools.standin.faults import Page, Refuse
from tools.standin.server import Collector

SINK = "stats.collect"
ENTRY = "0_abcd1234"
MISSING = [each for each in PLAYED if each not in (3, 7)]


def dead(agent: Kiosk, *arguments: str) -> tuple[int, str]:
    """`kiosk-agent queue dead`: its exit status, and all that it printed."""
    command = [sys.executable, "-m", "agent.cli.main", "queue", "dead", *arguments, "--state-dir", str(agent.state)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, stdin=subprocess.DEVNULL)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def letters(agent: Kiosk) -> list[dict[str, Any]]:
    """What `queue dead list --json` tells."""
    status, printed = dead(agent, "list", "--json")
    assert 0 == status, printed
    found: list[dict[str, Any]] = json.loads(printed)["letters"]
    return found


@pytest.fixture(params=["running", "at rest"])
def refused(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Collector, Kiosk, bool]]:
    """A kiosk whose PLAY and PLAY_REACHED_100 were refused; the fault is gone. Whether it still runs."""
    with Collector() as collector, kiosk(tmp_path, collector, [Clip(media.silent_clip(1.0), ENTRY)]) as agent:
        for kind in ("3", "7"):
            collector.fault(Refuse("INVALID_ENUM_VALUE"), where={"eventType": kind})
        agent.start()
        status = agent.wait_idle()
        assert {"INVALID_ENUM_VALUE": 2} == status["sinks"][0]["dead"]
        assert MISSING == [event["eventType"] for event in unstalled(collector.events)]
        if request.param == "at rest":
            assert 0 == agent.end()
        collector.clear()
        # A process that starts from here on plays nothing: what arrives then was retried.
        agent.config.write_text(agent.config.read_text().partition("[[player.playlist]]")[0])
        yield collector, agent, request.param == "running"


def test_letters_are_listed_and_shown_with_the_services_words(refused: tuple[Collector, Kiosk, bool]) -> None:
    """What was refused, why in the server's own words, whose it was and what was sent."""
    _, agent, _ = refused
    play, end = letters(agent)
    assert [("PLAY", ENTRY), ("PLAY_REACHED_100", ENTRY)] == [
        (e["message"], e["event"]["entry_id"]) for e in (play, end)
    ]
    assert ("3", play["event"]["session_id"]) == (play["fields"]["eventType"], play["fields"]["sessionId"])
    status, page = dead(agent, "show", str(play["number"]))
    assert 0 == status
    for words in (
        "Invalid enumeration value",
        "answered with an error 1 time",
        play["event"]["session_id"],
        "eventType",
    ):
        assert words in page
    assert "ks" not in play["fields"]


def test_retry_after_the_cause_is_gone_arrives_with_old_identity_and_time(
    refused: tuple[Collector, Kiosk, bool],
) -> None:
    """The session is whole at last, and dated as it was played (decision 9)."""
    collector, agent, is_running = refused
    play, end = letters(agent)
    status, printed = dead(agent, "retry", "--all", "--sink", SINK)
    assert (0, True) == (status, "2 messages will be sent again." in printed)
    if not is_running:
        agent.start()
    assert collector.wait_for(lambda events: len(unstalled(events)) == 7, PATIENCE_S)
    again = collector.events[-2:]
    assert [3, 7] == [event["eventType"] for event in again]
    for letter, event in zip((play, end), again, strict=True):
        identity = letter["event"]["identity"]
        assert f"{identity['generation']}-{identity['sequence']}-{letter['part']}" == event["_request"]["eventId"]
        assert letter["fields"]["eventTimestamp"] == str(int(event["eventTimestamp"]))
        assert letter["fields"]["sessionId"] == event["sessionId"]
    agent.wait(lambda status: not status["sinks"][0]["depth"] and not status["sinks"][0]["dead_letters"])
    assert 7 == len(set(tokens(unstalled(collector.events))))


def test_retry_before_the_cause_is_gone_comes_back(refused: tuple[Collector, Kiosk, bool]) -> None:
    """Under a new number: an old list on the screen must not name it."""
    collector, agent, is_running = refused
    collector.fault(Refuse("INVALID_ENUM_VALUE"), where={"eventType": "3"})
    first = letters(agent)[0]["number"]
    assert 0 == dead(agent, "retry", str(first))[0]
    if not is_running:
        agent.start()
    agent.wait(lambda status: status["sinks"][0]["dead_letters"] == 2 and not status["sinks"][0]["depth"])
    (_, again) = letters(agent)
    assert (True, "PLAY", 2) == (again["number"] > first + 1, again["message"], again["attempts"])


def test_discarded_letters_are_counted_in_status(refused: tuple[Collector, Kiosk, bool]) -> None:
    """Thrown away is an end like any other, and stands in the account after a restart too."""
    collector, agent, is_running = refused
    number = letters(agent)[0]["number"]
    assert 0 == dead(agent, "discard", str(number))[0]
    if is_running:
        agent.end()
    agent.start()
    status = agent.wait(lambda status: status["ready"])
    assert ({"discarded": 1}, 1) == (status["sinks"][0]["dropped"], status["sinks"][0]["dead_letters"])
    assert 1 == len(letters(agent))
    assert len(MISSING) == len(unstalled(collector.events))


def test_unknown_number_changes_nothing(refused: tuple[Collector, Kiosk, bool]) -> None:
    """Half of what was asked would be worse than nothing."""
    _, agent, _ = refused
    known = [str(letter["number"]) for letter in letters(agent)]
    for deed in ("retry", "discard"):
        status, printed = dead(agent, deed, *known, "4711")
        assert (1, True) == (status, "there is no dead letter 4711; nothing was changed" in printed)
    assert known == [str(letter["number"]) for letter in letters(agent)]
    assert 1 == dead(agent, "show", "4711")[0]


def test_each_destination_has_its_own_letters(tmp_path: Path) -> None:
    """What the analytics server refuses is none of stats.collect's business, and is thrown away or sent by itself."""
    bad = Page(400, '{"error":"no such event"}', "application/json")
    clips = [Clip(media.silent_clip(1.0), ENTRY)]
    with Collector() as collector, Analytics() as analytics, kiosk(tmp_path, collector, clips) as agent:
        track = f'[track_event]\nenabled = true\nurl = "{analytics.url}"\nplayer_events = true\n'
        agent.config.write_text(agent.config.read_text().replace("[player]\n", f"{track}[player]\n"))
        collector.fault(Refuse("INVALID_ENUM_VALUE"), where={"eventType": "3"})
        analytics.fault(bad, where={"eventType": "3"})
        agent.start()
        agent.wait(
            lambda status: (
                is_over(status)
                and not any(sink["depth"] for sink in status["sinks"])
                and all(sink["dead_letters"] for sink in status["sinks"])
            )
        )
        collector.clear()
        analytics.clear()
        by_sink = {letter["sink"]: letter for letter in letters(agent)}
        assert {SINK: "INVALID_ENUM_VALUE", "trackEvent": "HTTP_400"} == {n: e["code"] for n, e in by_sink.items()}
        other = by_sink["trackEvent"]["number"]
        assert (1, True) == (dead(agent, "retry", "--sink", SINK, str(other))[0], len(letters(agent)) == 2)
        assert 0 == dead(agent, "discard", "--all", "--sink", "trackEvent")[0]
        assert 0 == dead(agent, "retry", "--all", "--sink", SINK)[0]
        assert collector.wait_for(lambda events: len(unstalled(events)) == 7, PATIENCE_S)
        assert 3 == collector.events[-1]["eventType"]
        status = agent.wait(lambda status: not any(sink["dead_letters"] for sink in status["sinks"]))
        dropped = {sink["name"]: sink["dropped"] for sink in status["sinks"]}
        assert {SINK: {}, "trackEvent": {"discarded": 1}} == dropped
        assert 3 not in [event["eventType"] for event in analytics.events]
