"""One simulated device: what an agent does with its broker, by the agent's own code, and nothing else of it.

Contract: `Device.take` is given every letter of its connection, on one thread; `line.run` is the
body of another one, the connection's (agent.remote.brokerline).
Rules: documents are judged by `agent.config.files.assemble`, settled, stored in the agent's vault and then
acknowledged; presence, session numbers, reports and commands are the agent's. What a device does with a setting is
not simulated, but a `Quirk` makes it misbehave when a document changes what it applies, so that others have something
to find.
"""

import hashlib
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

from agent.config.files import Loaded, assemble
from agent.config.identity import Machine
from agent.config.layers import Layer
from agent.config.named_files import Surroundings
from agent.config.problems import ConfigurationError, Place, Problem
from agent.kernel.release import VERSION
from agent.remote import answers, commands, presence, reported
from agent.remote.answers import Answer, Status
from agent.remote.brokerline import BrokerLine
from agent.remote.commands import Command, Refusal, Report
from agent.remote.desired import Desired, Home
from agent.remote.documents import parse
from agent.remote.letters import Arrived, Declined, Letter, Offline, Online
from agent.remote.line import Outgoing, Terms
from agent.remote.machine import Readings
from agent.remote.settings import BrokerSettings
from agent.remote.settling import settle, start
from agent.remote.shelf import Outcome
from agent.remote.topics import Device as DeviceLevel
from agent.remote.topics import Topics
from agent.remote.vault import Vault
from agent.runtime.reporting.slicing import Question, Slicing
from tools.simulator.ledger import MadeUp
from tools.simulator.memory import Slot

_KEEPALIVE_S = 60


class Quirk(Enum):
    """How a device misbehaves when what it applies changes: it refuses, vanishes, or its player stalls."""

    REFUSES = "refuses"
    VANISHES = "vanishes"
    STALLS = "stalls"


@dataclass(frozen=True, slots=True)
class Traits:
    """Who a device is. `password`: the file; None: the broker asks for none. `lines`: of its ledger."""

    id: str
    groups: tuple[str, ...] = ()
    password: Path | None = None
    quirk: Quirk | None = None
    lines: int = 0


def boot_seconds() -> float:
    """The clock of durations."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Device:
    """See the module. `folder`: for its vault. `put`: hands a letter to the thread that calls `take`."""

    def __init__(
        self,
        traits: Traits,
        url: str,
        topics: Topics,
        folder: Path,
        *,
        slot: Slot,
        put: Callable[["Device", Letter], None],
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.traits = traits
        self.slot = slot
        self._url = url
        self._topics = topics
        self._put = put
        self._chance = chance
        self.on_try: Callable[[], None] = lambda: None
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._vault = Vault(folder)
        self._begun = boot_seconds()
        self._executed: set[str] = set()
        self.ledger = MadeUp(traits.id, traits.lines)
        self._stalls = False
        self._vanishes = False
        self.is_online = False
        self._session = 0
        self._since = 0.0
        self._birth = b""
        self._vigil = presence.Vigil()
        self.slot.starts = presence.next_start(slot.starts, time.time())
        self._start = self.slot.starts
        # As the agent's main loop begins: what was in force stays so before the broker has said a word.
        self._stored = self._vault.load()
        home = Home(traits.id, traits.groups, url)
        self._desired, self._loaded = start(self._stored.desired.moved(home), self._judge)
        self.line = self._connection()

    def _connection(self) -> BrokerLine:
        return BrokerLine(
            self._settings(_KEEPALIVE_S),
            self._terms,
            put=lambda letter: self._put(self, letter),
            now=boot_seconds,
            chance=self._chance,
        )

    def _settings(self, keepalive_s: int) -> BrokerSettings:
        id = self.traits.id
        return BrokerSettings(self._url, id, user=id, password_file=self.traits.password, keepalive_s=keepalive_s)

    def blink(self) -> None:
        """Lose the connection without a farewell, and come back as the agent does."""
        self.line.reconfigure(self._settings(_KEEPALIVE_S + random.randint(1, 1000)))

    def vanish(self) -> None:
        """Be gone, as the broker tells it of a device that died: by its last will."""
        self._vanishes = True
        self.line.stop(self._presence(presence.will(self._session)))

    def take(self, letter: Letter) -> bool:
        """Do what the agent's main loop does with a letter; True where the device reported its state."""
        match letter:
            case Online(run=run):
                self._online(run)
                return True
            case Offline():
                self.is_online = False
            case Arrived():
                return self._arrived(letter)
            case Declined():
                pass
        return False

    def value(self, place: Place) -> object:
        """What is in force at a place of the configuration; None where no layer says anything."""
        return self._loaded.merged.value(place)

    @property
    def report(self) -> dict[str, Any]:
        """What it reports, as plain values."""
        hashed = json.dumps(self._loaded.merged.tree, sort_keys=True, default=str).encode()
        facts = reported.Facts(
            about=reported.About(self.traits.id),
            version=VERSION,
            session=self._session,
            wall=time.time(),
            boot_id="00000000-0000-4000-8000-000000000000",
            boottime=boot_seconds(),
            uptime=boot_seconds() - self._begun,
            synced=True,
            protocol=self.line.status.protocol,
            desired=self._desired,
            trial=None,
            settings_hash=hashlib.blake2b(hashed, digest_size=6).hexdigest(),
            allow=(),
            broken=None,
            player=reported.Player("stalled" if self._stalls else "playing"),
            queue=reported.Queue(0),
            sinks=(reported.Sink("stats.collect", "idle", delivered=self.slot.delivered),),
            counters={},
            machine=Readings(),
            report_every_s=self._loaded.settings.remote.report_every_s,
        )
        return reported.build(facts)

    def _terms(self, run: int) -> Terms:
        self.on_try()
        return Terms(self._presence(presence.will(presence.session(self._start, run))), self._subscriptions())

    def _presence(self, payload: bytes) -> Outgoing:
        return Outgoing(self._topics.presence(self.traits.id), payload, retain=True)

    def _subscriptions(self) -> Sequence[str]:
        id = self.traits.id
        desired = [self._topics.desired(level) for level in self._desired.levels]
        return (*desired, self._topics.command(id), self._topics.presence(id))

    def _online(self, run: int) -> None:
        self.is_online = True
        self._session = presence.session(self._start, run)
        self._since = time.time()
        self._birth = presence.birth(self._session, since=self._since, version=VERSION)
        self._vigil = presence.Vigil()
        self._retain(self._topics.presence(self.traits.id), self._birth)
        self._tell()

    def _arrived(self, arrived: Arrived) -> bool:
        id = self.traits.id
        found = self._topics.parse(arrived.topic)
        match found:
            case DeviceLevel(), "presence":
                self._contradict(arrived.payload)
            case DeviceLevel(), "command":
                self._command(arrived)
            case level, "desired":
                return self._document(arrived, self._desired.offer(level, parse(level, arrived.payload)))
        self.line.acknowledge(arrived.run, arrived.mid, arrived.qos)
        return found == (DeviceLevel(id), "command")

    def _contradict(self, payload: bytes) -> None:
        if self.is_online and presence.contradicts(payload, presence.Born(self._session, self._since)):
            self._vigil = self._vigil.contradicted()
            due = self._vigil.due()
            if due is not None and due <= boot_seconds():
                self._vigil = self._vigil.published(boot_seconds())
                self._retain(self._topics.presence(self.traits.id), self._birth)

    def _document(self, arrived: Arrived, offered: tuple[Desired, Outcome]) -> bool:
        after, outcome = offered
        told = after.report(on_trial=False) != self._desired.report(on_trial=False)
        if outcome in (Outcome.TAKEN, Outcome.REMOVED):
            after, loaded = settle(after, self._judge)
            after = after.confirmed()
            self._misbehave(has_changed=loaded is not None)
            self._loaded = loaded or self._loaded
            told = True
        subscriptions, self._desired = self._subscriptions(), after
        self._stored = replace(self._stored, desired=after)
        self._vault.save(self._stored)
        self.line.acknowledge(arrived.run, arrived.mid, arrived.qos)
        if self._subscriptions() != subscriptions:
            self.line.subscribe(self._subscriptions())
        if told:
            self._tell()
        return told

    def _misbehave(self, *, has_changed: bool) -> None:
        if has_changed and self.traits.quirk is Quirk.VANISHES:
            self.vanish()
        # The next change cures it, as going back does.
        self._stalls = has_changed and self.traits.quirk is Quirk.STALLS and not self._stalls

    def _command(self, arrived: Arrived) -> None:
        found = commands.parse(arrived, self._topics, self.traits.id)
        match found:
            case Command() if found.id not in self._executed:
                self._executed.add(found.id)
                data = self._slice(found.order) if isinstance(found.order, Report) else None
                self._answer(Answer(found.id, found.order.word, Status.DONE, found.address, data=data))
            case Refusal():
                reason = "; ".join(found.problems)
                self._answer(Answer(found.id, found.name, Status.FAILED, found.address, reason))
        self._tell()

    def _slice(self, order: Report) -> dict[str, Any]:
        """A part of its ledger, in one go: nothing plays here that would wait for it."""
        slicing = Slicing(self.ledger, Question(order.by, order.period, order.cursor))
        while (found := slicing.step()) is None:
            pass
        return found.plain()

    def _answer(self, answer: Answer) -> None:
        self.line.publish(answers.outgoing(answer, device=self.traits.id, wall=time.time()))

    def _tell(self) -> None:
        self._retain(self._topics.state(self.traits.id), reported.encode(self.report))

    def _retain(self, topic: str, payload: bytes) -> None:
        if not self._vanishes:
            self.line.publish(Outgoing(topic, payload, retain=True))

    def _judge(self, layers: Sequence[Layer]) -> Loaded | ConfigurationError:
        device = {"id": self.traits.id, "site": "simulated"}
        file = Layer("agent.toml", {"device": device, "kaltura": {"enabled": False}}, {})
        if layers and self.traits.quirk is Quirk.REFUSES:
            return ConfigurationError((Problem(("player",), "is refused, as this device refuses everything"),))
        try:
            return assemble([file, *layers], Surroundings(self._folder, {}, Machine(None, None)))
        except ConfigurationError as error:
            return error
