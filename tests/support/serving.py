"""Destinations as the agent has them, with a real store, real threads and the stand-ins, and settings that change."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from threading import enumerate as threads

from agent.config.model import Settings
from agent.kernel.events import Playhead, Started
from agent.kernel.instants import Instant
from agent.outbox.statistics import SinkStatistics
from agent.outbox.store import Outbox
from agent.runtime.crew import Crew
from agent.runtime.destinations import Destinations, destinations
from tests.support.configuration import loaded
from tests.support.delivery import of_events, open_store
from tests.support.playback import BOOT, WALL
from tools.standin.event import Event as Logged
from tools.standin.php import Params
from tools.standin.server import Collector
from tools.standin.wire import Answer

PATIENCE_S = 60.0
AT_ONCE_S = 10.0
"""Far more than anything takes that waits for nobody, far less than the timeouts of the wire."""

COLLECT, TRACK = "stats.collect", "trackEvent"


class Held(Collector):
    """A collector that logs what comes and, once told to `hold`, answers none of it before it is told to `go_on`."""

    def __init__(self) -> None:
        super().__init__()
        self._gate = Event()
        self._gate.set()

    def hold(self) -> None:
        self._gate.clear()

    def go_on(self) -> None:
        self._gate.set()

    def close(self) -> None:
        self._gate.set()
        super().close()

    def _answer(self, params: Params, address: str, target: str) -> Answer:
        answer = super()._answer(params, address, target)
        self._gate.wait()
        return answer


class RunningClock:
    """Boot time that goes with the machine's."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> Instant:
        passed = time.monotonic() - self._began
        return Instant(BOOT, 10_000.0 + passed, WALL + 10_000.0 + passed, synced=True)


def wait_for(condition: Callable[[], bool]) -> None:
    """Until it holds."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.005)  # between two looks


class Serving:
    """One kiosk's delivery. `clock`: boot-time seconds go with the machine's."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.clock = RunningClock()
        self.store: Outbox = open_store(folder / "state")
        self.crew = Crew(on_crash=lambda _: None)
        self.destinations: Destinations = destinations(settings, self.store, self.clock)
        self._appended = 0

    def start(self) -> None:
        """Let the threads go."""
        self.destinations.start(self.crew.spawn)

    def play(self, count: int) -> None:
        """So many more plays, each of them one message of each destination that hears of plays."""
        first = self._appended + 1
        self._appended += count
        self.store.append(of_events([play(number) for number in range(first, self._appended + 1)]))
        self.destinations.wake()

    def apply(self, settings: Settings) -> frozenset[str]:
        """As the main loop does, which waits for nobody."""
        began = time.monotonic()
        found = self.destinations.apply(settings)
        assert time.monotonic() - began < AT_ONCE_S
        return found

    def account(self, name: str = COLLECT) -> SinkStatistics:
        """A destination's row of the statistics."""
        (found,) = (sink for sink in self.store.statistics().sinks if sink.name == name)
        return found

    def drain(self, name: str = COLLECT) -> None:
        """Wait until nothing waits there."""
        wait_for(lambda: self.account(name).depth == 0)

    def threads(self, name: str) -> list[Thread]:
        """Those of a destination that live."""
        return [thread for thread in threads() if thread.name == f"deliver {name}"]

    def close(self) -> None:
        """As the agent ends; nothing may have crashed."""
        self.destinations.stop()
        self.crew.join(PATIENCE_S)
        self.store.close()
        assert self.crew.crash is None


@contextmanager
def serving(folder: Path, settings: Settings) -> Iterator[Serving]:
    """A kiosk whose threads go."""
    found = Serving(folder, settings)
    found.start()
    try:
        yield found
    finally:
        found.close()


def play(number: int) -> Started:
    """The play of the `number`-th session."""
    return Started(float(number), number, Playhead(duration=60.0), 0.1)


def settings(folder: Path, url: str, more: str = "", *, kaltura: str = "", timeout_s: int = 30) -> Settings:
    """No pace. `kaltura`: further lines of that table, `more`: further tables. `timeout_s`: for answers."""
    text = (
        '[device]\nid = "device-001"\n'
        f'[kaltura]\nservice_url = "{url}"\npartner_id = 102\nproxy = "none"\n'
        f"connect_timeout_s = 10\nread_timeout_s = {timeout_s}\ntotal_timeout_s = {timeout_s + 10}\n{kaltura}\n"
        + ("" if "[kaltura.backlog]" in more else "[kaltura.backlog]\nrate = 0\nbatch_size = 20\n")
        + more
    )
    return loaded(folder, text).settings


def tracking(url: str, *, on: bool = True) -> str:
    """The table of trackEvent, with player events."""
    return f'[track_event]\nenabled = {str(on).lower()}\nurl = "{url}"\nplayer_events = true\n'


def numbers(events: Sequence[Logged]) -> list[int]:
    """Which of the log's events stats.collect logged, in order."""
    return [int(event["_request"]["eventId"].split("-")[-2]) for event in events]


def is_asked(collector: Collector, action: str = "") -> bool:
    """Whether anything, or a call of that action, has come."""
    return any(action in request.target for request in collector.requests)
