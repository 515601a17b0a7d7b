"""A real player host with real libvlc behind null outputs, and what a test sees of it."""

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from agent.kernel.media import Media
from agent.kernel.rotation import Rotation
from agent.kernel.signals import Signal
from agent.player.director import Director
from agent.player.hostoptions import HostOptions
from agent.player.items import Item, Screen
from agent.player.keeper import PlayerStatus, RestartRules
from agent.player.lifecycle import Child
from agent.player.operations import Operation
from agent.player.playlist import may_exist
from agent.player.reports import Heard, HostReady, Report
from agent.player.supervisor import Supervisor
from agent.player.surroundings import Surroundings
from agent.player.wire import Load, MediumFound, MediumSet

T = TypeVar("T")
# Far beyond what anything here takes: a test that waits so long has failed.
PATIENCE_S = 60.0
# A host that is given no time for seconds is none that hangs; tests of those that do have rules of their own.
QUICK = RestartRules(silence=20.0, first=0.1, longest=0.5)
HASTY = RestartRules(silence=4.0, first=0.1, longest=0.5)
BOOT = "boot-a"


def now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder whose path leaves room for a Unix socket's name, which pytest's own may not."""
    folder = Path(tempfile.mkdtemp(prefix="ka-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def load(path: Path, medium: int = 1, **changes: Any) -> Load:
    """The command that plays a local file, with nothing special about it."""
    usual: dict[str, Any] = {"options": (), "volume": None, "audio_device": None, "rotation": 0, "fullscreen": False}
    return Load(medium=medium, uri=path.as_uri(), **{**usual, **changes})


def item(path: Path, key: str | None = None, **changes: Any) -> Item:
    """An item of a list that plays a local file."""
    return Item(Media(key=key if key is not None else path.name, uri=path.absolute().as_uri()), **changes)


class Watched:
    """A supervisor at work, and all that it reported so far."""

    def __init__(self, supervisor: Supervisor, inbox: "SimpleQueue[Report]") -> None:
        self.supervisor = supervisor
        self._inbox = inbox
        self.reports: list[Report] = []

    @property
    def heard(self) -> list[Heard]:
        return [report for report in self.reports if isinstance(report, Heard)]

    @property
    def signals(self) -> list[Signal | MediumSet | MediumFound]:
        return [report.signal for report in self.heard]

    @property
    def media(self) -> list[int]:
        """The tokens of the media that were heard of, each time that another one was."""
        return [token for token, _ in groupby(report.medium for report in self.heard)]

    def take(self, timeout: float = PATIENCE_S) -> Report:
        """The next report."""
        report = self._inbox.get(timeout=timeout)
        self.reports.append(report)
        return report

    def wait_for(self, kind: type[T], such_that: Callable[[T], bool] = lambda _: True) -> T:
        """Take reports until one of them, or its signal, is a `kind`."""
        until = now() + PATIENCE_S
        while now() < until:
            report = self.take()
            found = report.signal if isinstance(report, Heard) and not issubclass(kind, Heard) else report
            if isinstance(found, kind) and such_that(found):
                return found
        raise AssertionError(f"no {kind.__name__} among {self.reports}")


@contextmanager
def watched(options: HostOptions | None = None, rules: RestartRules = QUICK) -> Iterator[Watched]:
    """A supervisor with a real host under it. It is stopped at the end, its host with it."""
    inbox: SimpleQueue[Report] = SimpleQueue()
    with short_folder() as folder:
        lifecycle = Child(folder / "player.sock", options if options is not None else HostOptions(headless=True))
        supervisor = Supervisor(lifecycle, folder / "player.sock", put=inbox.put, now=now, rules=rules)
        thread = threading.Thread(target=supervisor.run, name="player-link")
        thread.start()
        try:
            yield Watched(supervisor, inbox)
        finally:
            supervisor.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


class Stage:
    """A director over a real host, stepped as the main loop steps it. `told`: the signals for the tracker, in order."""

    def __init__(self, player: Watched, items: Sequence[Item], rotation: Rotation, state: Mapping[str, Any] | None):
        self._player = player
        around = Surroundings(
            may_play=lambda _: True, closes_in=lambda _: None, may_exist=may_exist, tell=lambda _: None
        )
        self.director = Director(
            items, rotation, link=player.supervisor, screen=Screen(), around=around, boot=BOOT, state=state
        )
        self.told: list[Signal] = []

    def obey(self, operation: Operation) -> None:
        self.told += self.director.obey(operation, now())

    def run_until(self, done: Callable[[], bool]) -> None:
        """Step until `done`."""
        until = now() + PATIENCE_S
        while not done():
            assert now() < until, self.told
            try:
                self.told += self.director.on_report(self._player.take(timeout=0.05), now())
            except Empty:
                self.told += self.director.tick(now())

    def run_until_told(self, kind: type[Signal], count: int = 1) -> None:
        """Step until `count` signals of `kind` were told."""
        self.run_until(lambda: sum(isinstance(signal, kind) for signal in self.told) >= count)

    def keys(self, kind: type[Any]) -> list[str]:
        """The keys of the media that the signals of `kind` (with a medium) name, in order."""
        return [signal.media.key for signal in self.told if isinstance(signal, kind)]

    @property
    def keeper(self) -> Supervisor:
        """The host's keeper."""
        return self._player.supervisor

    @property
    def status(self) -> PlayerStatus:
        """The host as the supervisor knows it."""
        return self._player.supervisor.status

    @property
    def pid(self) -> int:
        """The host's process."""
        pid = self.status.pid
        assert pid is not None
        return pid


@contextmanager
def staged(
    items: Sequence[Item],
    rotation: Rotation | None = None,
    *,
    state: Mapping[str, Any] | None = None,
    rules: RestartRules = QUICK,
) -> Iterator[Stage]:
    """A director that plays `items` on a real host."""
    with watched(rules=rules) as player:
        yield Stage(player, items, rotation if rotation is not None else Rotation(()), state)


def ready(player: Watched) -> HostReady:
    """Wait for the next host that is ready."""
    return player.wait_for(HostReady)
