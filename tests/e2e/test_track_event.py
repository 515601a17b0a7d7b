"""Two hosts of Kaltura's at once: the API's and the analytics server's, each with its own queue, words and troubles."""

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.outbox.owing import GROUP
from tests.support import media
from tests.support.kiosks import PATIENCE_S, PLAYED, Clip, Kiosk, is_over, sessions, stories
from tools.standin.analytics import Analytics
from tools.standin.faults import Lost, Refuse, http_error
from tools.standin.server import Collector

ENTRY, OTHER = "0_abcd1234", "0_abcd1235"
PLAY = [1, 2, 3, 99, 11, 12, 13, 15, 14]
"""A short film to its end, as the reference player tells it (play_8s) but for its pause at the end."""

WAITS = {45, 46}
"""A first picture that takes a second or more is told; on a busy machine it may."""


@contextmanager
def reporting(
    folder: Path,
    collector: Collector,
    analytics: Analytics,
    clips: Sequence[Clip],
    *,
    more: str = "",
    loop: bool = False,
) -> Iterator[Kiosk]:
    """A kiosk that reports to both hosts."""
    found = Kiosk(folder, collector.url, clips, player=f"loop = {str(loop).lower()}")
    track = f'[track_event]\nenabled = true\nurl = "{analytics.url}"\nplayer_events = true\napplication = "lobby"\n'
    found.config.write_text(found.config.read_text() + track + more)
    try:
        yield found
    finally:
        found.close()


def told(events: Iterable[dict[str, Any]]) -> list[tuple[str, list[int]]]:
    """What the analytics server heard of plays: (entry, numbers) a session, first waits left out."""
    return sessions([event for event in events if "eventIndex" in event and event["eventType"] not in WAITS])


def indexes(events: Sequence[dict[str, Any]]) -> list[list[int]]:
    """The eventIndex of each session's events."""
    found: dict[str, list[int]] = defaultdict(list)
    for event in events:
        found[event["sessionId"]].append(int(event["eventIndex"]))
    return list(found.values())


def sink(status: dict[str, Any], name: str) -> dict[str, Any]:
    """One destination's part of a status."""
    return next(each for each in status["sinks"] if each["name"] == name)


def all_sent(status: dict[str, Any]) -> bool:
    """Whether the list is over and both queues are empty."""
    return is_over(status) and not any(each["depth"] for each in status["sinks"])


@pytest.mark.all
def test_a_play_is_told_to_each_host_in_its_own_words(tmp_path: Path) -> None:
    """stats.collect by the guide, trackEvent as Kaltura's player; one play, two honest stories."""
    clips = [Clip(media.silent_clip(14.0), ENTRY), Clip(media.silent_clip(2.0), OTHER)]
    with Collector() as collector, Analytics() as analytics, reporting(tmp_path, collector, analytics, clips) as agent:
        agent.start()
        agent.wait(all_sent)
        agent.end()
        assert [(ENTRY, PLAYED), (OTHER, PLAYED)] == stories(collector.events)
        heard = analytics.events
        second = next(at for at, event in enumerate(heard) if event["eventType"] == 99 and event["playTimeSum"] != "0")
        assert 10.0 < float(heard[second]["playTimeSum"]) < 14.0, "a VIEW on the 11th second, by nothing but the timer"
        assert [(ENTRY, PLAY), (OTHER, PLAY)] == told([*heard[:second], *heard[second + 1 :]])
        for counted in indexes(heard):
            assert list(range(1, len(counted) + 1)) == counted
        expected = ("url", "vod", "lobby", "0")
        first = next(event for event in heard if event["eventType"] == 99)
        assert expected == tuple(first[name] for name in ("deliveryType", "playbackType", "application", "playTimeSum"))
        assert {True} == {"sessionStartTime" in event for event in heard if event["eventType"] != 1}


@pytest.mark.all
@pytest.mark.parametrize("away", ["analytics", "collector"])
def test_a_host_that_is_away_holds_up_only_its_own_queue(tmp_path: Path, away: str) -> None:
    """Two services, two outages: neither queue may wait for the other, and nothing of either is lost."""
    clips = [Clip(media.silent_clip(2.0), ENTRY)]
    with Collector() as collector, Analytics() as analytics, reporting(tmp_path, collector, analytics, clips) as agent:
        absent: Collector = analytics if away == "analytics" else collector
        absent.take_away()
        agent.start()
        names = {"analytics": ("stats.collect", "trackEvent"), "collector": ("trackEvent", "stats.collect")}[away]
        status = agent.wait(
            lambda status: (
                is_over(status) and not sink(status, names[0])["depth"] and sink(status, names[1])["state"] == "waiting"
            )
        )
        assert sink(status, names[1])["depth"] > 0
        assert [] == absent.events
        absent.bring_back()
        agent.wait(all_sent)
        agent.end()
        assert [(ENTRY, PLAYED)] == stories(collector.events)
        assert [(ENTRY, PLAY)] == told(analytics.events)


def test_troubles_on_the_way_lose_and_reorder_nothing(tmp_path: Path) -> None:
    """An answer that is lost, a server that is ill, one that is busy: the same event goes again, the others wait."""
    clips = [Clip(media.silent_clip(2.0), ENTRY)]
    with Collector() as collector, Analytics() as analytics, reporting(tmp_path, collector, analytics, clips) as agent:
        analytics.fault(http_error(503), times=1, where={"eventType": "1"})
        analytics.fault(Lost(), times=1, where={"eventType": "3"})
        analytics.fault(Refuse("ACTION_BLOCKED"), times=1, where={"eventType": "12"})
        agent.start()
        status = agent.wait(all_sent)
        agent.end()
        assert [(ENTRY, [1, 2, 3, *PLAY[2:]])] == told(analytics.events), "the lost answer's event was heard twice"
        assert 2 == sum(event["eventType"] == 3 for event in analytics.events)
        assert 2 == sink(status, "trackEvent")["resent"], "after the 503, too, nobody knows whether it was heard"


@pytest.mark.all
def test_an_agent_that_is_killed_tells_everything_at_least_once_and_in_order(tmp_path: Path) -> None:
    """SIGKILL in mid-play and in mid-send: the projection's state commits with what was told, so counters go on.

    Nobody knows there what was heard already; what comes again is the group whose settlement was not written yet.
    """
    clips = [Clip(media.silent_clip(1.5), f"0_abcd12{number:02}") for number in range(4)]
    with Collector() as collector, Analytics() as analytics, reporting(tmp_path, collector, analytics, clips) as agent:
        heards = (2, 9, 17)
        for heard in heards:
            agent.start()
            assert analytics.wait_for(lambda events, heard=heard: len(events) >= heard, PATIENCE_S)  # type: ignore[misc]
            agent.kill()
        agent.start()
        agent.wait(all_sent)
        agent.end()
        once = {event["eventId"]: event for event in analytics.events}
        places = [int(name.split("-")[-2]) for name in once]
        assert sorted(places) == places
        assert len(analytics.events) - len(once) <= len(heards) * (GROUP + 1)
        for counted in indexes(list(once.values())):
            assert list(range(1, len(counted) + 1)) == counted
        assert {clip.entry_id for clip in clips} == {event["entryId"] for event in analytics.events}
        assert all(story[:3] == [1, 2, 3] for _, story in told(once.values()) if len(story) > 2)


def test_a_visitors_pages_and_plays_share_a_context(tmp_path: Path) -> None:
    """The guide's 12.2: from the page that was touched to the film that was watched."""
    clips, more = [Clip(media.silent_clip(1.0), ENTRY)], "[visits]\nenabled = true\n"
    with Collector() as collector, Analytics() as analytics:
        with reporting(tmp_path, collector, analytics, clips, more=more, loop=True) as agent:
            agent.start()
            agent.wait(lambda status: status["player"]["state"] == "playing")
            _emit(agent, "page", "page_type=lobby", f"entry_id={ENTRY}")

            def shared(events: Sequence[dict[str, Any]]) -> bool:
                page = [event.get("playbackContext") for event in events if event["eventType"] == 10003]
                plays = {event.get("playbackContext") for event in events if event["eventType"] == 3}
                return bool(page) and page[0] is not None and page[0] in plays

            assert analytics.wait_for(shared, PATIENCE_S)
            agent.end()
        (page,) = (event for event in analytics.events if event["eventType"] == 10003)
        assert ("lobby", "lobby", ENTRY) == (page["pageType"], page["kalturaApplication"], page["entryId"])
        assert [] == [event for event in collector.events if event["eventType"] > 40]


def _emit(agent: Kiosk, *arguments: str) -> None:
    command = [sys.executable, "-m", "agent.cli.main", "emit", "--state-dir", str(agent.state), *arguments]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)
