"""An attached host that follows a script, and the agent's side of it, on a clock that is a number."""

import json
from collections.abc import Sequence
from typing import Any

from agent.config.entries import EntryRules
from agent.kernel import signals
from agent.kernel.events import Event
from agent.kernel.media import Media
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.items import Item
from agent.player.naming import Naming
from agent.player.operations import Operation
from agent.player.reports import Heard, HostCaughtUp, HostLost, HostReady
from agent.player.watcher import Watcher
from tests.support.stories import mismatch

BOOT = "boot-a"
LIST = (Item(Media("a", "file:///a.mp4", "0_a")), Item(Media("b", "file:///b.mp4", "0_b")))
PLAYED = "opened:a loaded playing 25% 50% 75% ended closed:completed"


class Attached:
    """An attached host of run `run` and the agent's side of it, one process after the other."""

    def __init__(self, items: Sequence[Item] = LIST) -> None:
        self.items = tuple(items)
        self.sent: list[wire.Command] = []
        self.at, self.time, self.token, self.number, self.run = 1000.0, 0.0, 0, 0, 7
        self.events: list[Event] = []
        self.tracker = SessionTracker()
        self.watcher = self._begun(None)
        self.ready()
        self.caught_up()

    def _begun(self, state: dict[str, Any] | None) -> Watcher:
        naming = Naming(self.items, EntryRules())
        return Watcher(naming, link=self, boot=BOOT, tell=lambda _: None, state=state)

    def send(self, command: wire.Command) -> bool:
        self.sent.append(command)
        return True

    def feed(self, told: Sequence[Signal]) -> None:
        self.events += [event for signal in told for event in self.tracker.feed(signal)]

    def ready(self, run: int = 7) -> None:
        self.run = run
        self.feed(self.watcher.on_report(HostReady(self.at, run, 1, "VLC 3 over MPRIS", ()), self.at))

    def caught_up(self, medium: int | None = None) -> None:
        token = self.token if medium is None else medium
        self.feed(self.watcher.on_report(HostCaughtUp(self.at, self.run, token), self.at))

    def lose(self, *, commanded: bool = False) -> None:
        self.feed(self.watcher.on_report(HostLost(self.at, self.run, "gone", commanded=commanded), self.at))

    def say(self, signal: Signal | wire.MediumFound, token: int | None = None) -> "Attached":
        self.number += 1
        heard = Heard(self.run, self.number, self.token if token is None else token, signal)
        self.feed(self.watcher.on_report(heard, self.at))
        return self

    def wait(self, seconds: float) -> "Attached":
        """Time passes, in steps of the main loop."""
        for _ in range(round(seconds / 0.25)):
            self.at += 0.25
            self.feed(self.watcher.tick(self.at))
            if not self.watcher.is_behind:
                self.events += self.tracker.tick(self.at)
        return self

    def open(self, uri: str = "file:///a.mp4", *, length: float = 8.0, place: str = "/4") -> "Attached":
        """What a host says when an item begins."""
        self.token, self.time = self.token + 1, 0.0
        self.say(wire.MediumFound(self.at, uri, None, place)).say(signals.Opening(self.at))
        self.say(signals.LengthChanged(self.at, length)).say(signals.SeekableChanged(self.at, seekable=True))
        return self.say(signals.Playing(self.at))

    def play(self, to: float, *, rate: float = 1.0) -> "Attached":
        """The playhead goes on, looked at four times a second."""
        while self.time < to - 1e-9:
            self.wait(0.25)
            self.time = min(self.time + 0.25 * rate, to)
            self.say(signals.Sampled(self.at, self.time, rate, fullscreen=False))
        return self

    def end(self) -> "Attached":
        self.wait(0.25).say(signals.EndReached(self.at))
        return self

    def again(self, *, orderly: bool = False, boot: str = BOOT) -> None:
        """Another process of the agent, which knows what the last one had committed."""
        state = json.loads(json.dumps(self.watcher.state(orderly=orderly)))
        state["host"]["boot"] = boot
        tracker = SessionTracker.restore(self.tracker.checkpoint())
        self.watcher, self.tracker = self._begun(state), tracker

    def obey(self, operation: Operation) -> None:
        self.feed(self.watcher.obey(operation, self.at))

    def tells(self, story: str) -> None:
        assert mismatch(story, self.events) is None
