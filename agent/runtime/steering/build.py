"""Puts the broker's side together.

Contract: `build` makes everything of what the agent has begun with; nothing is started. Imported only where there is a
broker: paho and ssl take memory (decision 36).
"""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config.files import Loaded
from agent.config.model import Settings
from agent.config.redact import masked
from agent.config.secrets import SecretError, read_secret
from agent.kernel.instants import Clock, Instant
from agent.player.keeper import Keeper
from agent.remote import machine, reported
from agent.remote.brokerline import BrokerLine
from agent.remote.deeds import FILE_NAME, Deeds
from agent.remote.letters import Letter
from agent.remote.line import Terms
from agent.remote.settings import BrokerSettings, broker_settings
from agent.remote.topics import Topics
from agent.runtime import logs
from agent.runtime.commanding.commander import Commander
from agent.runtime.commanding.hands import Hands
from agent.runtime.destinations import Destinations
from agent.runtime.reconfigure import BROKER
from agent.runtime.steering.begin import Begun
from agent.runtime.steering.documents import Documents
from agent.runtime.steering.facts import Standing, facts
from agent.runtime.steering.health import Coming, Health
from agent.runtime.steering.steward import Steward


@dataclass(frozen=True, slots=True)
class Around:
    """What the broker's side needs of the agent.

    `apply` carries a configuration in, and says whose connection is a new one. `status`: the whole status. `hands`:
    makes those of the commander, given what publishes the report.
    """

    clock: Clock
    state_dir: Path
    destinations: Destinations
    supervisor: Keeper
    put: Callable[[Letter], None]
    apply: Callable[[Loaded, Instant], frozenset[str]]
    status: Callable[[], Mapping[str, Any]]
    hands: Callable[[Callable[[], None]], Hands]


class Steering:
    """The broker's side of the agent, as the main loop and the composition root see it."""

    def __init__(self, begun: Begun, around: Around) -> None:
        assert begun.vault is not None
        assert begun.stored is not None
        clock = around.clock
        self._around = around
        self._settings = begun.loaded.settings
        device = begun.judge.alone.settings.device.id
        topics = Topics(begun.judge.alone.settings.remote.base)
        self._line = BrokerLine(
            _reached(self._settings),
            self._terms,
            put=around.put,
            now=lambda: clock.now().boottime,
            chance=random.random,
            moment=clock.now,
        )
        self._health = Health(
            around.destinations,
            on=lambda: [status.sink for status in around.destinations.standings()],
            player=lambda: Coming(around.supervisor.status.ready, around.supervisor.status.run),
            broker=self._broker,
            has_route=machine.has_route,
            hurry=self._line.hurry,
            rebooted=begun.rebooted,
        )
        self._documents = Documents(
            begun.vault,
            begun.stored,
            begun.judge,
            loaded=begun.loaded,
            line=self._line,
            health=self._health,
            apply=self._apply,
            listen=lambda levels: self._steward.listen(levels),
            changed=lambda: self._steward.changed(),
        )
        self._commander = Commander(
            Deeds(around.state_dir / FILE_NAME),
            around.hands(lambda: self._steward.refresh(clock.now())),
            line=self._line,
            topics=topics,
            device=device,
        )
        self._steward = Steward(
            device=device,
            topics=topics,
            start=begun.stored.starts,
            line=self._line,
            documents=self._documents,
            commander=self._commander,
            state=self._state,
            every=lambda: self._documents.loaded.settings.remote.report_every_s,
            chance=random.random,
        )
        self._steward.listen(self._documents.levels)

    @property
    def threads(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        """What is to run beside the main loop, by name."""
        return (("broker", self._line.run),)

    @property
    def deadline(self) -> float | None:
        """The boot-time second at which `step` is due, or None."""
        return self._steward.deadline

    def step(self, letters: Sequence[Letter], now: Instant) -> None:
        """Take in what the broker's connection says, and do what is due."""
        self._documents.lost_player(self._around.supervisor.status.losses)
        if letters:
            self._steward.take(letters, now)
        self._steward.tick(now)

    def end(self, now: Instant) -> None:
        """The agent ends in good order: say so to the broker and to the next start."""
        self._documents.end(now)

    def stop(self) -> None:
        """Have the thread end, with a farewell where there is a connection."""
        self._line.stop(self._steward.farewell)

    def status(self, now: Instant) -> dict[str, Any]:
        """The part "remote" of the status."""
        line, standing = self._line.status, self._standing(0, "")
        report = facts_of_config(standing)
        commands = self._commander.status(now.boottime)
        return {
            "url": masked(str(self._settings.remote.url)),
            "online": line.online,
            "trouble": None if line.trouble is None else line.trouble.value,
            "text": line.text,
            "protocol": line.protocol,
            "since_wall": now.wall - (now.boottime - line.since),
            "next_try_s": None if line.retry_at is None else max(line.retry_at - now.boottime, 0.0),
            "connects": line.connects,
            "disputed": self._steward.is_disputed(now.boottime),
            "config": report,
            "commands": commands["counters"],
            "under_way": commands["under_way"],
            "log_level": commands["log_level"],
            "dropped": {name: number for name, number in line.dropped.items() if number},
            "documents": dict(self._documents.counters),
            "counters": dict(self._steward.counters),
        }

    @property
    def counters(self) -> Mapping[str, int]:
        """What went wrong with the broker, for the agent's counters."""
        return self._steward.counters

    def _terms(self, run: int) -> Terms:
        """On the connection's thread, each time right after it has read the password."""
        file = _reached(self._settings).password_file
        if file is not None:
            with suppress(SecretError):
                logs.hide(read_secret(file))
        return self._steward.terms(run)

    def _broker(self) -> Coming:
        line = self._line.status
        return Coming(line.online, line.connects, line.heard_at)

    def _apply(self, loaded: Loaded, now: Instant) -> None:
        self._settings = loaded.settings
        if BROKER in self._around.apply(loaded, now):
            self._line.reconfigure(_reached(loaded.settings))

    def _standing(self, session: int, protocol: str) -> Standing:
        return Standing(session, protocol, self._documents.stored, self._documents.loaded)

    def _state(self, session: int, protocol: str, now: Instant) -> dict[str, Any]:
        readings = machine.read(self._around.state_dir)
        return reported.build(facts(self._around.status(), self._standing(session, protocol), readings, now))


def facts_of_config(standing: Standing) -> dict[str, Any]:
    """How the documents stand, as `status` and the report say it."""
    stored = standing.stored
    trial = stored.trial
    return {
        **stored.desired.report(on_trial=trial is not None),
        "trial": None if trial is None else {"on": list(trial.on), "left_s": trial.left_s},
        "allow": list(standing.loaded.settings.remote.allow),
        "broken": stored.broken,
    }


def _reached(settings: Settings) -> BrokerSettings:
    found = broker_settings(settings.remote, device_id=settings.device.id, locate=Path)
    assert found is not None, "a document cannot take the broker's address away"
    return found
