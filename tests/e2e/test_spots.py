"""Real VLC plays a film with advertisements and bumpers round it, in it and over it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import pytest

from agent.kernel.events import Event, Recovered, SpotEnded, SpotProgressed, SpotStarted, Stalled
from tests.support import media
from tests.support.kiosks import Clip, Kiosk, is_over, kiosk, stories
from tests.support.stories import words
from tools.standin.server import Collector

ENTRY = "0_abcd1234"
# Its quarters are seconds away from everything else in it: what is done at a place comes later on a busy machine.
FILM_S = 16.0
QUARTERS = ("25%", "50%", "75%")


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as found:
        yield found


def spot(path: Path, role: str, *more: str) -> Clip:
    return Clip(path, None, "\n".join((f'role = "{role}"', *more)))


def whole(role: str) -> list[str]:
    return [f"spot:{role}", *(f"spot:{role}:{mark}" for mark in QUARTERS), f"spot:{role}:completed"]


def by_session(events: Sequence[Event]) -> list[list[str]]:
    """The words of each session; a stall is a busy machine's (as in `stories`)."""
    told_on_a_quiet_one = [event for event in events if not isinstance(event, Stalled | Recovered)]
    return [words(list(told)) for _, told in groupby(told_on_a_quiet_one, key=lambda event: event.session)]


@contextmanager
def unsent(folder: Path, clips: Sequence[Clip]) -> Iterator[Kiosk]:
    """A kiosk without a network: its log keeps every event."""
    found = Kiosk(folder, "http://127.0.0.1:9/api_v3", clips)
    try:
        yield found
    finally:
        found.close()


def played(agent: Kiosk) -> list[list[str]]:
    """Play the list to its end; the stored story of each session, by words."""
    agent.start()
    agent.wait(is_over)
    assert 0 == agent.end()
    return by_session(agent.facts())


def kinds_in(agent: Kiosk) -> set[str]:
    """The kinds of the events in the log of a running kiosk."""
    return {event["kind"] for event in agent.ask("queue.list", limit=100)["events"]}


def everything() -> list[Clip]:
    """A film with all that can be round it, in it and over it."""
    return [
        spot(media.clip(2.0), "preroll"),
        spot(media.tone(2.0), "bumper-pre"),
        Clip(media.clip(FILM_S), ENTRY),
        spot(media.image(), "overlay", "at_s = 1.0", "duration_s = 5.0"),
        spot(media.clip(3.0), "midroll", "at_s = 8.0"),
        spot(media.image(), "postroll", "duration_s = 2.0"),
        spot(media.silent_clip(2.0), "bumper-post"),
    ]


def test_film_with_everything_round_it_is_one_session(tmp_path: Path) -> None:
    """What happened on the screen stands in the log in its order, and the film's own numbers are the film's."""
    with unsent(tmp_path, everything()) as agent:
        (story,) = played(agent)
        facts = agent.facts()
    assert [
        *(*whole("preroll"), *whole("bumper-pre"), "loaded", "playing"),
        *("spot:overlay", "25%", "spot:overlay:completed"),
        *("50%", "paused", *whole("midroll"), "resumed", "75%", "ended"),
        *(*whole("postroll"), *whole("bumper-post"), "closed:completed"),
    ] == story[1:]
    heads = [event.head for event in facts if isinstance(event, SpotStarted | SpotProgressed | SpotEnded)]
    assert {None, FILM_S} == {None if head.duration is None else round(head.duration, 1) for head in heads}
    assert FILM_S == pytest.approx(facts[-1].head.played, abs=2.0)
    assert not facts[-1].head.seeked


@pytest.mark.all
def test_advertisers_and_films_numbers_stand_in_one_report(tmp_path: Path, collector: Collector) -> None:
    """Under the film's entry and session, each once, in the order of the screen."""
    with kiosk(tmp_path, collector, everything()) as agent:
        agent.start()
        agent.wait_idle()
        agent.end()
    film = [1, 24, 32, 33, 34, 21, 2, 3, 27, 4, 5, 25, 35, 36, 37, 6, 7, 26, 38, 39, 40, 22]
    assert [(ENTRY, film)] == stories(collector.events)
    assert {0, 16} == {round(event.get("duration") or 0) for event in collector.events}


@pytest.mark.all
def test_broken_spots_cost_only_themselves(tmp_path: Path) -> None:
    """Somebody else fills the advertising folder."""
    clips = [
        spot(tmp_path / "nowhere.mp4", "preroll"),
        spot(media.garbage(), "bumper-pre"),
        Clip(media.clip(FILM_S), ENTRY),
        spot(media.empty(), "midroll", "at_s = 6.0"),
        spot(media.truncated_clip(6.0), "postroll"),
    ]
    with unsent(tmp_path, clips) as agent:
        (story,) = played(agent)
    broken = ["spot:preroll:failed", "spot:bumper-pre:failed", "spot:midroll:failed", "spot:postroll:failed"]
    assert broken == [word for word in story if word.endswith(":failed")]
    content = [word for word in story[1:] if not word.startswith("spot")]
    assert ["loaded", "playing", "25%", "paused", "resumed", "50%", "75%", "ended", "closed:completed"] == content


def test_loop_shows_the_spots_in_each_pass(tmp_path: Path, collector: Collector) -> None:
    """Each pass is a session of its own, with its own advertising."""
    clips = [spot(media.silent_clip(1.0), "preroll"), Clip(media.silent_clip(1.5), ENTRY)]
    with kiosk(tmp_path, collector, clips, player="loop = true") as agent:
        agent.start()
        assert collector.wait_for(lambda events: sum(event["eventType"] == 7 for event in events) >= 2, 60)
        agent.end()
    assert [(ENTRY, [1, 24, 32, 33, 34, 2, 3, 4, 5, 6, 7])] * 2 == stories(collector.events)[:2]


def test_next_in_a_spot_skips_the_program(tmp_path: Path) -> None:
    """A visitor who wants the next film does not want this one after its advertising."""
    clips = [spot(media.clip(12.0), "preroll"), Clip(media.clip(3.0), ENTRY), Clip(media.silent_clip(), "0_abcd1235")]
    with unsent(tmp_path, clips) as agent:
        agent.start()
        agent.wait(lambda _: kinds_in(agent) >= {"spot-playing"})
        agent.ask("player.next")
        agent.wait(is_over)
        agent.end()
        first, second = by_session(agent.facts())
    assert ["spot:preroll:skipped", "closed:skipped"] == first[-2:]
    assert "loaded" not in first
    assert "closed:completed" == second[-1]


@pytest.mark.all
def test_crash_in_a_spot_interrupts_and_begins_the_item_again(tmp_path: Path) -> None:
    """A power cut in the advertising: nothing is counted twice, and the visitor gets the film from its beginning."""
    clips = [Clip(media.clip(6.0), ENTRY), spot(media.clip(8.0), "midroll", "at_s = 2.0")]
    with unsent(tmp_path, clips) as agent:
        agent.start()
        agent.wait(lambda _: kinds_in(agent) >= {"spot-playing"})
        agent.kill()
        first, second = played(agent)
    assert ["spot:midroll:interrupted", "closed:interrupted"] == first[-2:]
    assert ["ended", "closed:completed"] == second[-2:]
    assert 1 == second.count("spot:midroll")
