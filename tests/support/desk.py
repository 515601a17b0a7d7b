"""A director whose link only notes what it is told."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from agent.kernel import signals
from agent.kernel.media import Media
from agent.kernel.rotation import Rotation
from agent.kernel.signals import Signal
from agent.player import wire
from agent.player.director import Director
from agent.player.items import Item, Screen
from agent.player.outcomes import News
from agent.player.reports import Heard, HostReady
from agent.player.surroundings import Surroundings
from tests.support.players import BOOT


class Desk:
    """A director at time `at`, its link's notes, which items are closed or missing, and when others close."""

    def __init__(
        self,
        keys: str = "abc",
        rotation: Rotation | None = None,
        *,
        items: Sequence[Item] | None = None,
        state: Mapping[str, Any] | None = None,
        boot: str = BOOT,
        start: bool = True,
        unit: bool = False,
    ) -> None:
        """`unit`: the player is a service of its own."""
        self.sent: list[wire.Command] = []
        self.news: list[News] = []
        self.closed: set[str] = set()
        self.missing: set[str] = set()
        self.closing: dict[str, float] = {}
        self.at = 1000.0
        self.numbers = 0
        self.items = items if items is not None else [Item(Media(key, f"file:///{key}.mp4")) for key in keys]
        around = Surroundings(
            may_play=lambda item: item.media.key not in self.closed and self._closes_in(item) != 0.0,
            closes_in=self._closes_in,
            tell=self.news.append,
            may_exist=lambda item: item.media.key not in self.missing,
        )
        self.director = Director(
            self.items,
            rotation if rotation is not None else Rotation(()),
            link=self,
            screen=Screen(volume=70, rotation=90),
            around=around,
            boot=boot,
            state=json.loads(json.dumps(state)) if state is not None else None,
            hands_over=unit,
            tokens_from=0 if state is None or not unit else state["tokens"] + 1000,
        )
        self.told: list[Signal] = self.ready() if start else []

    def _closes_in(self, item: Item) -> float | None:
        closes = self.closing.get(item.media.key)
        return None if closes is None else max(0.0, closes - self.at)

    def send(self, command: wire.Command) -> bool:
        self.sent.append(command)
        return True

    def ready(self, run: int = 1) -> list[Signal]:
        return self.director.on_report(HostReady(self.at, run, 1, "3", ()), self.at)

    def hear(self, signal: Signal | wire.MediumSet, token: int | None = None) -> list[Signal]:
        self.numbers += 1
        return self.director.on_report(Heard(1, self.numbers, token or self.token, signal), self.at)

    @property
    def loads(self) -> list[wire.Load]:
        return [command for command in self.sent if isinstance(command, wire.Load)]

    @property
    def token(self) -> int:
        return self.loads[-1].medium

    def play(self) -> list[Signal]:
        """The player plays the current item for a moment."""
        self.at += 1
        told = self.hear(wire.MediumSet(self.at)) + self.hear(signals.Playing(self.at))
        return told + self.hear(signals.TimeChanged(self.at, 0.5))

    def play_through(self) -> list[Signal]:
        return [*self.play(), *self.hear(signals.EndReached(self.at))]

    def later(self, seconds: float) -> list[Signal]:
        self.at += seconds
        return self.director.tick(self.at)

    @property
    def current(self) -> str | None:
        return self.director.current.media.key if self.director.current is not None else None


def kinds(told: list[Signal]) -> list[str]:
    """The signals' names."""
    return [type(signal).__name__ for signal in told]
