"""kiosk-attach as an ordinary user, on a private session bus, with a real cvlc that somebody else has started."""

import os
import signal

import pytest

from agent.kernel import signals
from agent.kernel.events import Closed, Ended, Ending, Event, Progressed, Seeked, Started
from agent.player import wire
from agent.player.wire import MediumFound
from tests.support import media
from tests.support.attach_site import Line, site
from tests.support.players import now

pytestmark = [pytest.mark.all, pytest.mark.timeout(300)]

# Longer than anything here takes on a busy machine, so that it is never over too early.
LONG_S = 240.0


def told(events: list[Event], kind: type[Event]) -> list[Event]:
    return [each for each in events if isinstance(each, kind)]


def test_list_that_vlc_plays_is_told_play_by_play() -> None:
    """The kiosk's own script starts cvlc with its films: nothing of it is changed, and each play counts, once."""
    films = [media.clip(6), media.silent_clip(5)]
    with site() as kiosk:
        hello = kiosk.attach()
        kiosk.vlc(*films)
        for film in films:
            assert film.as_uri() == kiosk.agent.hear_signal(MediumFound).uri
            kiosk.agent.hear_signal(signals.EndReached)
        events = kiosk.agent.events()
    assert ("VLC over MPRIS", 0) == (hello.libvlc, hello.medium)
    assert [True, True] == [each.complete for each in events if isinstance(each, Ended)]
    assert [0.25, 0.5, 0.75] * 2 == [each.fraction for each in events if isinstance(each, Progressed)]
    assert [] == told(events, Seeked), "VLC's false Seeked signals are none"
    assert {1: 6, 2: 5} == {medium: round(length) for medium, length in _lengths(kiosk.agent.said)}


def _lengths(said: list[wire.Said]) -> list[tuple[int, float]]:
    return [(each.medium, each.signal.length) for each in said if isinstance(each.signal, signals.LengthChanged)]


def test_length_that_vlc_guesses_better_as_it_plays_is_told() -> None:
    """An MP3 without a header: VLC pushes its first guess, a sixth of the length, and nothing after that."""
    with site() as kiosk:
        kiosk.attach()
        kiosk.vlc(media.headless_mp3(20.0))
        while kiosk.agent.hear_signal(signals.LengthChanged).length < 15.0:
            pass


@pytest.mark.parametrize("source", ["mpris", "http"])
def test_vlc_that_ends_with_its_film_has_played_it_to_the_end(source: str) -> None:
    """`--play-and-exit` in a loop of a script's: over HTTP nothing is left that could say how it ended."""
    with site() as kiosk:
        how, options = kiosk.over_http() if source == "http" else ((), ())
        kiosk.attach(*options)
        kiosk.vlc(*how, "--play-and-exit", media.clip(8.0))
        kiosk.agent.hear_signal(MediumFound)
        kiosk.agent.hear_signal(signals.EndReached)
        events = kiosk.agent.events()
    assert [Ending.COMPLETED] == [each.ending for each in events if isinstance(each, Closed)]


def test_orders_reach_vlc_and_what_it_does_is_told() -> None:
    """Pause, seek, rate, full screen, next, stop: from whoever they come, they look the same from outside."""
    with site() as kiosk:
        kiosk.vlc(media.clip(LONG_S), media.clip(60))
        kiosk.attach()
        agent = kiosk.agent
        agent.hear_signal(signals.TimeChanged)
        agent.say(wire.Pause())
        agent.hear_signal(signals.Paused)
        paused = len(agent.said)
        agent.say(wire.Resume())
        agent.hear_signal(signals.Playing)
        assert paused == len(agent.said) - 1, "nothing is asked, and nothing said, while nothing moves"
        agent.hear_signal(signals.TimeChanged)
        agent.say(wire.Seek(20.0))
        while agent.hear_signal(signals.TimeChanged).time < 22.0:
            pass  # A rate that is set while VLC still looks for the picture makes its time leap.
        agent.say(wire.SetRate(2.0))
        while agent.hear_signal(signals.Sampled).rate != 2.0:
            pass
        agent.say(wire.SetFullscreen(True))
        while not agent.hear_signal(signals.Sampled).fullscreen:
            pass
        agent.say(wire.Skip())
        agent.hear_signal(MediumFound)
        agent.hear_signal(signals.TimeChanged)
        agent.say(wire.Stop())
        agent.hear_signal(signals.Stopped)
        events = agent.events()
    assert [Ending.SKIPPED, Ending.STOPPED] == [each.ending for each in events if isinstance(each, Closed)]
    assert [20] == [round(each.target) for each in events if isinstance(each, Seeked)]
    assert 2 == len(told(events, Started))


@pytest.mark.parametrize("option", ["--loop", "--input-repeat=5"])
def test_single_film_that_repeats_is_a_play_each_time(option: str) -> None:
    """Signage with one film; with --input-repeat VLC says nothing at all between two passes."""
    with site() as kiosk:
        kiosk.attach()
        kiosk.vlc(option, media.clip(5))
        while len(told(kiosk.agent.events(), Ended)) < 2:
            kiosk.agent.hear_signal(signals.Sampled)
        events = kiosk.agent.events()
    assert [True, True] == [each.complete for each in events if isinstance(each, Ended)]
    assert [] == told(events, Seeked)


def test_vlc_that_is_killed_and_started_again_is_followed_again() -> None:
    """Its play was interrupted; the host stays, and so does its line."""
    with site() as kiosk:
        kiosk.attach()
        first = kiosk.vlc(media.clip(LONG_S))
        kiosk.agent.hear_attached("vlc")
        kiosk.agent.hear_signal(signals.TimeChanged)
        first.send_signal(signal.SIGKILL)
        kiosk.agent.hear_signal(signals.PlayerLost)
        assert "no VLC on the session bus" in str(kiosk.agent.hear_attached(None).problem)
        kiosk.vlc(media.clip(60))
        kiosk.agent.hear_attached("vlc")
        kiosk.agent.hear_signal(signals.TimeChanged)
        events = kiosk.agent.events()
        assert [1, 2] == [each.medium for each in kiosk.agent.said if isinstance(each.signal, MediumFound)]
    assert [Ending.INTERRUPTED] == [each.ending for each in events if isinstance(each, Closed)]


def test_second_vlc_is_named_and_followed_when_the_first_one_stops() -> None:
    """A film for a visitor, in a VLC of its own, beside the one that loops."""
    with site() as kiosk:
        kiosk.vlc("--loop", media.clip(3), media.clip(5))
        kiosk.attach()
        agent = kiosk.agent
        agent.hear_attached("vlc")
        second = kiosk.vlc(media.clip(LONG_S))
        name = f"vlc.instance{second.pid}"
        while agent.hear(wire.Attached).others != (name,):
            pass
        for _ in range(2):
            agent.hear_signal(MediumFound)
        agent.hear_signal(signals.TimeChanged)
        assert media.clip(LONG_S).as_uri() not in agent.uris(), "a stop between two films leaves it to nobody else"
        agent.say(wire.Stop())
        assert ("vlc",) == agent.hear_attached(name).others
        agent.hear_of(media.clip(LONG_S))
        agent.hear_signal(signals.TimeChanged)


def test_host_that_comes_after_its_agent_was_away_says_what_it_kept() -> None:
    """An upgrade of the agent in mid-play costs nothing."""
    with site() as kiosk:
        first = kiosk.attach()
        kiosk.vlc(media.clip(4))
        kiosk.agent.hear_signal(signals.Playing)
        kiosk.agent.hang_up()
        kiosk.agent.said.clear()
        gone = now()
        again = kiosk.agent.meet()
        kiosk.agent.hear_signal(signals.EndReached)
        assert first.run == again.run
        assert isinstance(kiosk.agent.said[0].signal, MediumFound)
        assert kiosk.agent.said[0].signal.at < gone
        assert [True] == [each.complete for each in kiosk.agent.events() if isinstance(each, Ended)]


def test_vlc_is_followed_over_http_where_there_is_no_bus() -> None:
    """The fallback: less exact, and the same story."""
    with site() as kiosk:
        how, options = kiosk.over_http()
        kiosk.secret.write_text("wrong\n", encoding="utf-8")
        # It waits for us: its first film would be over before a busy machine has found the right password.
        kiosk.vlc(*how, "--start-paused", media.clip(6), media.clip(LONG_S))
        kiosk.attach(*options)
        agent = kiosk.agent
        while "refuses the password" not in str(agent.hear(wire.Attached).problem):
            pass
        kiosk.secret.write_text("right\n", encoding="utf-8")
        while (agent.hear(wire.Attached)).name is None:
            pass
        agent.hear_of(media.clip(6))
        _resume(agent, 1)
        agent.hear_signal(signals.EndReached)
        agent.hear_of(media.clip(LONG_S))
        _resume(agent, 2)
        agent.hear_signal(signals.TimeChanged)
        agent.say(wire.Pause())
        agent.hear_signal(signals.Paused)
        agent.say(wire.Resume())
        agent.hear_signal(signals.Playing)
        agent.say(wire.Seek(30.0))
        while agent.hear_signal(signals.TimeChanged).time < 29.0:
            pass
        events = agent.events()
    assert [30] == [round(each.target) for each in events if isinstance(each, Seeked)]
    assert [True] == [each.complete for each in events if isinstance(each, Ended)]


def _resume(agent: Line, medium: int) -> None:
    """Have a medium that began paused play. VLC forgets an order that comes while it still opens its film."""
    while (medium, signals.Playing) not in ((each.medium, type(each.signal)) for each in agent.said):
        agent.say(wire.Resume())
        agent.hear(wire.Beat)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user than VLC's")
def test_root_is_refused_by_the_bus_and_says_so() -> None:
    """The most likely mistake of a system service: its User= was not set."""
    with site() as kiosk:
        kiosk.vlc(media.clip(6))
        kiosk.attach_as_root()
        while "refuses user root" not in str(kiosk.agent.hear(wire.Attached).problem):
            pass
