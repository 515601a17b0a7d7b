"""Which connections work, for trials.

Contract: looks only, called by the main loop. `begin_trial` notes how the connections stand when they are made anew;
`up` says which have come back since.
Rules: the broker and the player are up again when they have come anew, not as long as the old one has not gone. The
witness that this machine has a network is another connection that works. Where none worked before, a default route has
to do; and where those that did are silent, after `PATIENCE_S` with a route: a device that a document has cut off from
its broker, while its service was down for good, would otherwise never be heard of again.
Reasons: agent.remote.trial.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from agent.remote.trial import PLAYER
from agent.runtime.steering.judging import BROKER

PATIENCE_S: Final = 3600.0
"""Longer than outages of everything usually last, and short enough for whoever waits for a lost device."""


class Sinks(Protocol):
    """The destinations, as far as a trial sees them."""

    def up(self, name: str) -> bool: ...

    def works(self, name: str) -> bool: ...

    def probe(self, name: str, until: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that comes and goes: whether it is there, and how often it has come."""

    is_there: bool
    times: int


class Health:
    """`on`: the names of the destinations that are on. `has_route`: whether there is a default route."""

    def __init__(
        self,
        destinations: Sinks,
        *,
        on: Callable[[], Iterable[str]],
        player: Callable[[], Coming],
        broker: Callable[[], Coming],
        has_route: Callable[[], bool],
    ) -> None:
        self._destinations = destinations
        self._on = on
        self._comings = {PLAYER: player, BROKER: broker}
        self._has_route = has_route
        self._before: dict[str, int] = {}
        self._candidates: frozenset[str] | None = None
        self._alone_since: float | None = None

    def worked(self) -> frozenset[str]:
        """Those that work at this moment."""
        there = {name for name, coming in self._comings.items() if coming().is_there}
        return frozenset(there | {name for name in self._on() if self._destinations.works(name)})

    def begin_trial(self, names: Iterable[str], worked: Iterable[str]) -> None:
        """These are made anew now. Of the others, those that `worked` are who could bear witness."""
        for name in names:
            if name in self._comings:
                self._before[name] = self._comings[name]().times
        self._candidates = frozenset(worked) - frozenset(names) - {PLAYER}
        self._alone_since = None

    def probe(self, until: float) -> None:
        """Have destinations that have nothing to send ask whether their service is there, until that moment."""
        for name in self._on():
            self._destinations.probe(name, until)

    def up(self, names: Iterable[str]) -> Mapping[str, bool]:
        """Of these, which have come back since they were made anew, or since the program's start."""
        return {name: self._is_up(name) for name in names}

    def _is_up(self, name: str) -> bool:
        if name not in self._comings:
            return self._destinations.up(name)
        coming = self._comings[name]()
        return coming.is_there and coming.times > self._before.get(name, 0)

    def witness(self, on_trial: Iterable[str], now: float) -> bool:
        """Whether this machine has a network, by something that is not on trial itself. `now`: boot-time s."""
        out = set(on_trial)
        others = {name for name in self._on() if name not in out and self._destinations.works(name)}
        if others or (BROKER not in out and self._comings[BROKER]().is_there):
            self._alone_since = None
            return True
        if not self._has_route():
            return False
        if self._alone_since is None:
            self._alone_since = now
        # After a restart nobody knows who worked before: anything that is on might have.
        candidates = self._candidates if self._candidates is not None else frozenset({BROKER, *self._on()}) - out
        return not candidates or now - self._alone_since >= PATIENCE_S
