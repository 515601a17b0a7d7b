"""A real kiosk-agent in a process of its own, with real libvlc behind null outputs, as a user starts it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agent.config.identity import derived_id, read_machine
from agent.kernel import codec
from agent.kernel.events import Ended, Event, Fact, Recovered, Stalled
from agent.kernel.records import StoredEvent
from agent.outbox.bounds import default_bounds
from agent.outbox.store import Outbox
from agent.runtime.control import ControlError, ask
from tools.standin.server import Collector

# Far beyond what anything here takes: a test that waits so long has failed.
PATIENCE_S = 120.0
PLAYED = [1, 2, 3, 4, 5, 6, 7]
STALLED = (12, 13)
NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Clip:
    """An item of the playlist; `more`: further lines of its table."""

    path: Path
    entry_id: str | None
    more: str = ""


class Kiosk:
    """One state folder and configuration, and the processes that run on it one after the other.

    `hang_after_s`: a player that was given no time for so long is taken for hung; on a busy machine seconds are little.
    """

    def __init__(
        self,
        folder: Path,
        service_url: str,
        clips: Sequence[Clip],
        *,
        player: str = "loop = false",
        environment: Mapping[str, str] = NOTHING_MORE,
        hang_after_s: float = 30.0,
    ) -> None:
        self._environment = environment
        self.folder = folder
        self.state = folder / "state"
        self.config = folder / "agent.toml"
        self.log = folder / "agent.log"
        self._process: subprocess.Popen[bytes] | None = None
        items = "".join(
            f'[[player.playlist]]\nuri = "{clip.path.as_uri()}"\n'
            + (f'entry_id = "{clip.entry_id}"\n' if clip.entry_id else "")
            + f"{clip.more}\n"
            for clip in clips
        )
        self.config.write_text(
            '[device]\nid = "device-001"\n'
            f'[kaltura]\nservice_url = "{service_url}"\npartner_id = 102\n'
            f"[player]\nheadless = true\n{player}\n"
            f"[player.restart]\nhang_after_s = {hang_after_s}\nfirst_delay_s = 0.1\n{items}"
        )

    def start(self) -> None:
        """Start a process; it goes on where the last one was."""
        self._process = process(self.config, self.state, self.log, self._environment)

    def kill(self) -> None:
        """SIGKILL, as a crash; the player host dies with it."""
        assert self._process is not None
        self._process.kill()
        self._process.wait(PATIENCE_S)

    def end(self) -> int:
        """SIGTERM; the exit status."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(PATIENCE_S)

    @property
    def status(self) -> int | None:
        """How the last process ended; None while it runs."""
        assert self._process is not None
        return self._process.poll()

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ask(self, call: str, **arguments: Any) -> Any:
        """A call over the control socket."""
        return ask(self.state, call, **arguments)

    def wait(self, done: Callable[[dict[str, Any]], bool], *, seconds: float = PATIENCE_S) -> dict[str, Any]:
        """Wait for a status with which `done` holds."""
        until = time.monotonic() + seconds
        status: dict[str, Any] = {}
        while time.monotonic() < until:
            try:
                status = self.ask("status")
            except ControlError:
                assert self.is_running, self.log.read_text()
            else:
                if done(status):
                    return status
            time.sleep(0.05)  # between two looks; the wait is for `done`
        raise AssertionError(f"not in time: {json.dumps(status, indent=1)}\n{self.log.read_text()}")

    def wait_written(self) -> dict[str, Any]:
        """Wait until a kill costs nothing: no event waits in memory to be written."""
        return self.wait(lambda status: not status["queue"]["in_memory"])

    def wait_idle(self) -> dict[str, Any]:
        """Wait until the list is over and everything has been delivered, what waited in memory included."""
        return self.wait(lambda status: is_over(status) and not status["sinks"][0]["depth"])

    def wait_log(self, phrase: str) -> None:
        """Wait until `phrase` stands in the log."""
        until = time.monotonic() + PATIENCE_S
        while phrase not in self.log.read_text():
            assert self.is_running and time.monotonic() < until, self.log.read_text()
            time.sleep(0.05)  # between two looks

    def committed(self) -> list[tuple[str, str, int]]:
        """Of a store at rest: (kind, generation, sequence) of the events in the log, read from a copy."""
        return [(_kind(each), each.identity.generation, each.identity.sequence) for each in self._logged()]

    def facts(self) -> list[Event]:
        """Of a store at rest: the tracker's events in the log, read from a copy."""
        decoded = (codec.decode(each.kind, each.body) for each in self._logged())
        return [event for event in decoded if isinstance(event, Fact)]

    def _logged(self) -> list[StoredEvent]:
        copy = self.folder / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.state, copy, ignore=shutil.ignore_patterns("*.sock"))
        hardware = derived_id(read_machine()) or ""
        store = Outbox.open(copy, device_id="device-001", hardware_key=hardware, bounds=default_bounds(copy))
        try:
            return store.events(limit=100_000)
        finally:
            store.close()

    def close(self) -> None:
        if self.is_running:
            self.kill()


def _kind(event: StoredEvent) -> str:
    """The event's kind; those that stats.collect has no message for by their fields are told apart."""
    match codec.decode(event.kind, event.body):
        case Ended(complete=False):
            return "ended-incomplete"
        case Stalled(initial=True) | Recovered(initial=True):
            return f"{event.kind}-initial"
        case _:
            return event.kind


def is_over(status: Mapping[str, Any]) -> bool:
    """Whether the list is over. Between two items, and before the player has opened the first, it is idle too."""
    player = status["player"]
    return bool(player["state"] == "idle" and player["phase"] != "playing")


def process(
    config: Path, state: Path, log: Path, environment: Mapping[str, str] = NOTHING_MORE
) -> "subprocess.Popen[bytes]":
    """`kiosk-agent run` in the background; `environment`: more of it."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "agent.cli.main", "run", "--config", str(config), "--state-dir", str(state)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": "", **environment},
        )


@contextmanager
def kiosk(folder: Path, collector: Collector, clips: Sequence[Clip], **options: Any) -> Iterator[Kiosk]:
    """A kiosk that is not yet started."""
    found = Kiosk(folder, collector.url, clips, **options)
    try:
        yield found
    finally:
        found.close()


def freeze(pid: int) -> None:
    """SIGSTOP: the process hangs."""
    os.kill(pid, signal.SIGSTOP)


def stories(events: Sequence[dict[str, Any]]) -> list[tuple[str, list[int]]]:
    """What the collector logged as (entry, event numbers), one a session, in the order in which sessions began.

    Without stalls: where a busy machine gives the player no time for two seconds the picture stands still, and the
    agent is right to tell it.
    """
    return sessions(unstalled(events))


def unstalled(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events without those that tell stalls, for the same reason."""
    return [event for event in events if event["eventType"] not in STALLED]


def sessions(events: Sequence[dict[str, Any]]) -> list[tuple[str, list[int]]]:
    """As `stories`, with all that was told."""
    found: dict[str, tuple[str, list[int]]] = {}
    for event in events:
        found.setdefault(event["sessionId"], (event["entryId"], []))[1].append(event["eventType"])
    return list(found.values())


def tokens(events: Sequence[dict[str, Any]]) -> list[str]:
    """The identity of each logged event."""
    return [event["_request"]["eventId"] for event in events]
