"""Carries an accepted configuration into the running agent.

Contract: `Applier.apply` compares it with the one in force and has each part concerned go on by it; the answer says
what differs, which connections are new (and so may fail), and whether the agent has to start again. For the main
thread, after a step has written what it heard.
Rules
- What is live changes in place; else only the part concerned is started again: delivery leaves the player and its play
  alone, the player leaves delivery alone. Nobody is waited for.
- Where a single setting needs the agent started again nothing is applied here at all: the next process reads all of it,
  and no moment has half of it. Until then the old configuration is the one in force.
- The list is changed before the player is started again, so that the new one begins with what holds.
- Device names, the broker's settings and what a broker may do are read where they are used, from `loaded`; the level of
  the log has an owner of its own, as a command may want another one for a time (agent.runtime.commanding.levels).
Reasons: decision 33 (each setting says when a change takes effect); issue 4 (only what was changed is on trial).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from agent.config.changes import Change, changes
from agent.config.files import Loaded
from agent.config.model import Settings
from agent.config.setting import Effect
from agent.kernel.session import SessionTracker
from agent.kernel.signals import Signal
from agent.player.conductor import Conductor
from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.remote.trial import PLAYER
from agent.runtime import assembly
from agent.runtime.connections import plans
from agent.runtime.destinations import milestones, wants_heartbeat

log = structlog.get_logger()

# The connections beside the destinations, which have names of their own.
BROKER = "broker"

# What the items of the list are made of; anything else leaves the disk unread.
_ITEMS = (("player", "playlist"), ("player", "image_duration_s"), ("player", "vlc_options"), ("kaltura", "entries"))
# Whether an item is repeated without a gap hangs on whether the list loops.
_SEAMLESS = (*_ITEMS, ("player", "loop"))


@dataclass(frozen=True, slots=True)
class Applied:
    """`connections`: those whose settings are others now: "stats.collect", "trackEvent", "player", "broker".

    `restart`: the agent has to end in good order and start again; nothing of it has been applied before.
    """

    changes: tuple[Change, ...]
    connections: frozenset[str]
    restart: bool


class Delivery(Protocol):
    """What is needed of the destinations."""

    def apply(self, settings: Settings) -> frozenset[str]:
        """Go on by these settings; the names of those whose connection is a new one."""
        ...


class Host(Protocol):
    """What is needed of the player's supervisor."""

    def reconfigure(self, options: HostOptions, rules: RestartRules) -> None:
        """Have the host end, and another start at once."""
        ...


class Applier:
    """`loaded` is the configuration in force; `inject` has the main loop take in what the director says."""

    def __init__(
        self,
        loaded: Loaded,
        *,
        tracker: SessionTracker,
        director: Conductor,
        host: Host,
        delivery: Delivery,
        inject: Callable[[Sequence[Signal]], None],
    ) -> None:
        self.loaded = loaded
        self._tracker = tracker
        self._director = director
        self._host = host
        self._delivery = delivery
        self._inject = inject

    def apply(self, loaded: Loaded, now: float) -> Applied:
        """Put `loaded` in force at `now` (boot-time s). Raises what the store raises, after which the process ends."""
        old, new = self.loaded.settings, loaded.settings
        found = changes(old, new)
        if any(change.effect is Effect.AGENT for change in found):
            return Applied(found, renewed(old, new), restart=True)
        self.loaded = loaded
        if not found:
            return Applied(found, frozenset(), restart=False)
        log.info("settings changed", settings=", ".join(".".join(change.place) for change in found))
        self._tracker.want(milestones(new), heartbeat=wants_heartbeat(new))
        delivery = self._delivery.apply(new)
        self._change_list(new, found, now)
        beside = _beside(found, new)
        if any(change.effect is Effect.PLAYER for change in found):
            self._host.reconfigure(assembly.host_options(new.player), assembly.restart_rules(new.player))
        return Applied(found, delivery | beside, restart=False)

    def _change_list(self, new: Settings, found: Sequence[Change], now: float) -> None:
        of_items = _SEAMLESS if any(item.seamless for item in new.player.playlist) else _ITEMS
        reads = any(change.place[: len(place)] == place for change in found for place in of_items)
        if not reads and not any(change.place[0] == "player" for change in found):
            return
        items = assembly.playlist(new) if reads else self._director.items
        self._inject(self._director.replan(assembly.plan(new, items), now))


def renewed(old: Settings, new: Settings) -> frozenset[str]:
    """The connections that the change from `old` to `new` makes anew, by the names that trials know. Pure."""
    before = plans(old)
    sinks = {name for name, plan in plans(new).items() if plan.is_on and plan.road != before[name].road}
    return _beside(changes(old, new), new) | sinks


def _beside(found: Sequence[Change], new: Settings) -> frozenset[str]:
    """Of the connections beside the destinations, those concerned; a player that is not ours is not made anew by us."""
    names = {BROKER for change in found if change.effect is Effect.BROKER}
    names |= {PLAYER for change in found if change.effect is Effect.PLAYER and not new.player.is_attached}
    return frozenset(names)
