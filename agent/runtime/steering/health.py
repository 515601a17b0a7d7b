"""Which connections work, for trials.

Contract: looks only, called by the main loop. `begin_trial` notes how the connections stand when they are made anew;
`up` says which have come back since.
Rules: the broker and the player are up again when they have come anew, not as long as the old one has not gone. What
was switched off cannot come back, and is not waited for.
The witness that this machine has a network is another connection that was answered just now: an answer of an hour ago
says nothing. Where no other worked before, a default route has to do. Where others did and are silent, or after a
reboot, the route counts only once the agent has run for `PATIENCE_S` with the change: a router without a line outward
is a route too. Without that end, a device that a document has cut off from its broker while its service was down for
good would never be heard of again.
When a network comes back the broker is tried soon: else the pauses between tries, grown in the outage, would be laid
to the charge of what is on trial.
Reasons: agent.remote.trial.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from agent.remote.trial import PLAYER
from agent.runtime.reconfigure import BROKER

PATIENCE_S: Final = 24 * 3600.0
"""Longer than a line is usually down, and short enough for whoever waits for a lost device."""
FRESH_S: Final = 30.0
"""For so long an answer is a witness; while somebody waits, services are asked every 20 s (agent.delivery.probing)."""
HEARD_S: Final = 90.0
"""For so long is a word of the broker: with the usual keepalive of 60 s a dead line is closed by then."""


class Sinks(Protocol):
    """The destinations, as far as a trial sees them."""

    def up(self, name: str) -> bool: ...

    def works(self, name: str) -> bool: ...

    def tries(self, name: str) -> int: ...

    def answers(self, name: str) -> int: ...

    def probe(self, name: str, until: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Coming:
    """Something that comes and goes: whether it is there, how often it has come, and when it was heard (boot-time s).

    `heard` None: it is not listened to.
    """

    is_there: bool
    times: int
    heard: float | None = None


class Health:
    """`on`: the names of the destinations that are on. `has_route`: whether there is a default route.

    `hurry`: has the broker's connection tried soon. `rebooted`: the machine was started with a trial open.
    """

    def __init__(
        self,
        destinations: Sinks,
        *,
        on: Callable[[], Iterable[str]],
        player: Callable[[], Coming],
        broker: Callable[[], Coming],
        has_route: Callable[[], bool],
        hurry: Callable[[], None],
        rebooted: bool,
    ) -> None:
        self._destinations = destinations
        self._on = on
        self._comings = {PLAYER: player, BROKER: broker}
        self._has_route = has_route
        self._hurry = hurry
        self._rebooted = rebooted
        self._before: dict[str, int] = {}
        self._others: frozenset[str] | None = None
        self._answered: dict[str, tuple[int, float | None]] = {}
        self._witnessed_at: float | None = None

    def worked(self) -> frozenset[str]:
        """Those that work at this moment."""
        there = {name for name, coming in self._comings.items() if coming().is_there}
        return frozenset(there | {name for name in self._on() if self._destinations.works(name)})

    def knows(self, names: Iterable[str]) -> bool:
        """Whether each of these has shown by now if it works."""
        player, asked = self._comings[PLAYER](), set(names)
        if PLAYER in asked and not player.is_there and player.times <= 1:
            return False
        return all(self._destinations.tries(name) for name in self._on() if name in asked)

    def begin_trial(self, names: Iterable[str], worked: Iterable[str]) -> None:
        """These are made anew now. Of the others, those that `worked` are who could bear witness."""
        for name in names:
            if name in self._comings:
                self._before[name] = self._comings[name]().times
        self._others = frozenset(worked) - frozenset(names) - {PLAYER}
        self._answered.clear()

    def probe(self, until: float) -> None:
        """Have destinations that have nothing to send ask whether their service is there, until that moment."""
        for name in self._on():
            self._destinations.probe(name, until)

    def up(self, names: Iterable[str]) -> Mapping[str, bool]:
        """Of these, which have come back since they were made anew, or since the program's start."""
        on = set(self._on())
        return {name: self._is_up(name, on=on) for name in names}

    def _is_up(self, name: str, *, on: set[str]) -> bool:
        if name not in self._comings:
            return name not in on or self._destinations.up(name)
        coming = self._comings[name]()
        return coming.is_there and coming.times > self._before.get(name, 0)

    def witness(self, on_trial: Iterable[str], now: float, *, ran: float) -> bool:
        """Whether this machine has a network, by something that is not on trial itself. `now`: boot-time s.

        `ran`: for how many seconds the agent has run with the change.
        """
        out = set(on_trial)
        answered = [self._has_answered(name, now) for name in self._on() if name not in out]
        found = any(answered) or (BROKER not in out and self._is_heard(now)) or self._route_counts(out, ran)
        before = self._witnessed_at
        if found and before is not None and now - before > FRESH_S and BROKER in out:
            self._hurry()
        if found or before is None:
            self._witnessed_at = now
        return found

    def _has_answered(self, name: str, now: float) -> bool:
        """Whether a new answer was seen just now."""
        answers = self._destinations.answers(name)
        before, at = self._answered.get(name, (answers, None))
        at = now if answers != before else at
        self._answered[name] = (answers, at)
        return self._destinations.works(name) and at is not None and now - at <= FRESH_S

    def _is_heard(self, now: float) -> bool:
        broker = self._comings[BROKER]()
        return broker.is_there and broker.heard is not None and now - broker.heard <= HEARD_S

    def _route_counts(self, out: set[str], ran: float) -> bool:
        # After a restart nobody knows who worked before: anything that is on might have.
        others = self._others if self._others is not None else {BROKER, *self._on()} - out
        is_alone = not others and not (self._rebooted and self._others is None)
        return (is_alone or ran >= PATIENCE_S) and self._has_route()
