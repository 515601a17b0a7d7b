"""Another list and another player while a real libvlc plays: what goes on, and what is seen of the change."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from agent.kernel import signals
from agent.kernel.events import Closed, Ending, Event, Opened, PausedEvent, Seeked, Started
from agent.kernel.rotation import Rotation
from agent.kernel.session import SessionTracker
from agent.kernel.signals import PlayCommanded
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.player.hostoptions import HostOptions
from agent.player.items import Item, Plan, Screen
from agent.player.operations import Next
from agent.player.surroundings import Phase
from agent.runtime.clock import SystemClock
from agent.runtime.crew import Crew
from agent.runtime.destinations import Destinations, destinations
from agent.runtime.reconfigure import Applied, Applier
from tests.support import media
from tests.support.configuration import SMALLEST, loaded
from tests.support.delivery import of_events
from tests.support.outbox import open_outbox
from tests.support.players import PATIENCE_S, QUICK, Stage, item, now, staged
from tools.standin.server import Collector

pytestmark = pytest.mark.all

ONCE = Rotation((), loop=False)


def _events(stage: Stage) -> list[Event]:
    """What the tracker makes of all that was told."""
    tracker = SessionTracker()
    return [event for told in stage.told for event in tracker.feed(told)]


def _endings(stage: Stage) -> list[Ending]:
    return [event.ending for event in _events(stage) if isinstance(event, Closed)]


def positions(stage: Stage) -> list[list[float]]:
    """How the playhead went, one list a medium."""
    found: list[list[float]] = []
    for told in stage.told:
        match told:
            case PlayCommanded():
                found.append([])
            case signals.TimeChanged(time=seconds):
                found[-1].append(seconds)
    return found


def _replan(stage: Stage, *items: Item) -> None:
    stage.told += stage.director.replan(Plan(items, loop=False, shuffle=False, screen=Screen()), now())


def test_list_exchanged_in_mid_play_shows_no_gap_and_no_event() -> None:
    """The film is watched to its end as if nobody had touched anything; then comes what the new list says."""
    film, other = item(media.clip(6), "film"), item(media.silent_clip(), "other")
    with staged([film, item(media.silent_clip(), "old")], ONCE) as stage:
        stage.run_until_told(signals.TimeChanged)
        pid, before = stage.pid, len(stage.told)
        _replan(stage, other, film, item(media.silent_clip(), "again"))
        assert before == len(stage.told)
        stage.run_until(lambda: stage.director.phase is Phase.FINISHED)
        assert pid == stage.pid
    assert ["film", "again", "other"] == stage.keys(PlayCommanded)
    assert [Ending.COMPLETED] * 3 == _endings(stage)
    assert not [event for event in _events(stage) if isinstance(event, PausedEvent | Seeked)]
    # Not that it never stalls: on a busy machine it may, whatever the list.
    first, *_ = positions(stage)
    assert sorted(first) == first, "from its beginning to its end, once"


def test_film_that_left_the_list_is_shown_to_its_end() -> None:
    """Emptied in mid-play, filled again in the dark: two plays, both whole."""
    with staged([item(media.clip(3), "film"), item(media.silent_clip(), "old")], ONCE) as stage:
        stage.run_until_told(signals.TimeChanged)
        _replan(stage)
        stage.run_until(lambda: stage.director.phase is Phase.SHUT)
        _replan(stage, item(media.silent_clip(), "new"))
        stage.run_until(lambda: stage.director.phase is Phase.FINISHED)
    assert ["film", "new"] == stage.keys(PlayCommanded)
    assert [Ending.COMPLETED, Ending.COMPLETED] == _endings(stage)


def test_player_with_new_options_begins_the_item_again_within_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    """The screen is black from the end of the old picture to the first of the new one; how long is said here."""
    film = item(media.clip(20), "film")
    with staged([film, item(media.silent_clip(), "next")]) as stage:
        stage.run_until_told(signals.TimeChanged)
        pid, asked = stage.pid, now()
        options = HostOptions(headless=True, vlc_options=("--network-caching=500",))
        stage._player.supervisor.reconfigure(options, QUICK)
        stage.run_until_told(signals.PlayerLost)
        ended = next(signal.at for signal in stage.told if isinstance(signal, signals.PlayerLost))
        heard = len(stage.told)
        stage.run_until(lambda: any(isinstance(signal, signals.TimeChanged) for signal in stage.told[heard:]))
        seen = next(signal.at for signal in stage.told[heard:] if isinstance(signal, signals.Playing))
        status = stage._player.supervisor.status
        assert pid != stage.pid
        assert (0, None) == (status.losses, status.last_loss)
        assert {} == stage.director.outcomes.passed
        stage.told += stage.director.obey(Next(), now())
    with capsys.disabled():
        print(f"\nplayer restart: ended after {ended - asked:.2f} s, playing again after {seen - asked:.2f} s")
    assert ["film", "film", "next"] == stage.keys(PlayCommanded)
    events = _events(stage)
    assert [Ending.INTERRUPTED, Ending.SKIPPED] == _endings(stage)
    assert [1, 2, 3] == [event.session for event in events if isinstance(event, Opened)]
    assert [1, 2] == [event.session for event in events if isinstance(event, Started)]


class Kiosk:
    """A real player and a real delivery, and the Applier over them."""

    def __init__(self, folder: Path, stage: Stage, outbox: Outbox, found: Destinations, text: str) -> None:
        self._folder, self.stage, self._outbox, self.destinations = folder, stage, outbox, found
        self.applier = Applier(
            loaded(folder, text),
            tracker=SessionTracker(),
            director=stage.director,
            host=stage._player.supervisor,
            delivery=found,
            inject=stage.told.extend,
        )

    def apply(self, text: str) -> Applied:
        return self.applier.apply(loaded(self._folder, text), now())

    def report(self) -> None:
        """What was played so far goes to the queue, and from there to the collector."""
        self._outbox.append(of_events(_events(self.stage)), states={})
        self.destinations.wake()

    @property
    def sink(self) -> SinkStatistics:
        (found,) = self._outbox.statistics().sinks
        return found

    def wait_delivered(self) -> int:
        """Wait for an empty queue; how many have been delivered in all."""
        self.stage.run_until(lambda: not self.sink.depth)
        return self.sink.delivered


@contextmanager
def _kiosk(folder: Path, items: list[Item], text: str) -> Iterator[Kiosk]:
    with ExitStack() as stack:
        outbox = open_outbox(folder / "state")
        stack.callback(outbox.close)
        crew = Crew(on_crash=lambda crash: pytest.fail(crash))
        found = destinations(loaded(folder, text).settings, outbox, SystemClock())
        stack.callback(crew.join, PATIENCE_S)
        stack.callback(found.stop)
        found.start(crew.spawn)
        yield Kiosk(folder, stack.enter_context(staged(items)), outbox, found, text)


def test_delivery_changes_leave_the_player_alone_and_the_other_way_round(tmp_path: Path) -> None:
    """Only the part concerned is started again: the play goes on over a new address, the sender over a new option."""
    film = item(media.clip(20), "film")
    listed = f'[player]\nheadless = true\n[[player.playlist]]\nuri = "{media.clip(20).as_uri()}"\n'
    with Collector() as one, Collector() as other:
        first = SMALLEST.replace("http://127.0.0.1:8911/api_v3", one.url) + listed
        second = first.replace(one.url, other.url)
        with _kiosk(tmp_path, [film], first) as kiosk:
            stage = kiosk.stage
            stage.run_until_told(signals.TimeChanged)
            kiosk.report()
            sent, pid, before = kiosk.wait_delivered(), stage.pid, len(stage.told)
            assert frozenset({"stats.collect"}) == kiosk.apply(second).connections
            assert (pid, before, film) == (stage.pid, len(stage.told), stage.director.current)
            stage.run_until_told(signals.TimeChanged, 8)
            kiosk.report()
            assert sent < kiosk.wait_delivered()
            assert (pid, film) == (stage.pid, stage.director.current)
            assert other.events, "by the new address"
            counted = kiosk.sink
            assert (
                frozenset({"player"}) == kiosk.apply(second.replace("= true", "= true\nfullscreen = false")).connections
            )
            stage.run_until_told(signals.PlayerLost)
            stage.run_until(lambda: stage._player.supervisor.status.ready)
            assert pid != stage.pid
            assert counted == kiosk.sink, "nothing was counted anew"
