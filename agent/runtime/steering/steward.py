"""The broker's side of the running agent: hands out what arrives, and says how this device stands.

Contract: a plain object that the main loop steps. `take` is given the letters of the broker's connection, `tick` the
time; `deadline` says when it is due. `terms` alone is called by the connection's thread.
Rules: each message goes to whom its topic concerns; one that concerns nobody is acknowledged and counted. The birth is
the first thing said on a connection, and is said again when something else stands in its place. A trouble is logged
once until another one comes, its end with how long it lasted (house rule 5).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final, assert_never

import structlog

from agent.kernel.instants import Instant
from agent.kernel.release import VERSION
from agent.remote import pacing, presence, reported
from agent.remote.letters import Arrived, Declined, Letter, Offline, Online, Trouble
from agent.remote.line import Line, Outgoing, Terms
from agent.remote.pacing import Pacing
from agent.remote.presence import Born, Rival, Vigil
from agent.remote.topics import Device, Level, Topics
from agent.runtime.commanding.commander import Commander
from agent.runtime.steering.documents import Documents

log = structlog.get_logger()

DUPLICATE: Final = "duplicate-identity"
"""The counter of another machine's births; the operator's table is made of it (agent.fleet.sighting)."""
NOTICE_EVERY_S: Final = 2.0
"""How often it is looked whether there is something to report: a look asks the store."""
DECLINES_TOLD: Final = 100
"""Of one connection: whoever sends commands names the topics of their answers, a new one for each if he likes."""


class Steward:
    """`start`: the number of this start of the program. `state` makes the report; `chance` gives 0 up to 1."""

    def __init__(
        self,
        *,
        device: str,
        topics: Topics,
        start: int,
        line: Line,
        documents: Documents,
        commander: Commander,
        state: Callable[[int, str, Instant], dict[str, Any]],
        every: Callable[[], float],
        chance: Callable[[], float],
    ) -> None:
        self._device = device
        self._topics = topics
        self._start = start
        self._line = line
        self._documents = documents
        self._commander = commander
        self._state = state
        self._every = every
        self._chance = chance
        self._online: Online | None = None
        self._since = 0.0
        self._vigil = Vigil()
        self._rival = Rival()
        self._pacing: Pacing | None = None
        self._notice_at = 0.0
        self._trouble: tuple[Trouble, float] | None = None
        self._declined: set[str] = set()
        self.counters: Counter[str] = Counter()

    def terms(self, run: int) -> Terms:
        """With what connection `run` begins."""
        will = presence.will(presence.session(self._start, run))
        return Terms(Outgoing(self._topics.presence(self._device), will, retain=True))

    @property
    def farewell(self) -> Outgoing | None:
        """What is said before an orderly end; None where there is nobody to hear it."""
        if self._online is None:
            return None
        said = presence.farewell(self._session(self._online))
        return Outgoing(self._topics.presence(self._device), said, retain=True)

    def is_disputed(self, now: float) -> bool:
        """Whether another machine uses this device's identity, as far as is known."""
        is_told = self._trouble is not None and self._trouble[0] is Trouble.TAKEN_OVER
        return is_told or self._rival.is_there(now)

    @property
    def deadline(self) -> float | None:
        """The boot-time second at which `tick` is due, or None."""
        mine = [self._notice_at, self._vigil.due()] if self._online is not None else []
        dues = [*mine, self._documents.deadline, self._commander.deadline]
        return min((at for at in dues if at is not None), default=None)

    def listen(self, levels: Sequence[Level]) -> None:
        """Have the line subscribe to the documents of `levels`, and to what concerns this device alone."""
        own = [self._topics.command(self._device), self._topics.presence(self._device)]
        self._line.subscribe([*(self._topics.desired(level) for level in levels), *own])

    def changed(self) -> None:
        """There may be something to report."""
        self._notice_at = 0.0

    def refresh(self, now: Instant) -> None:
        """Report now: somebody waits for it."""
        if self._pacing is not None:
            self._report(self._pacing.asked(now.boottime), now)

    def take(self, letters: Sequence[Letter], now: Instant) -> None:
        """What the connection says, in order."""
        documents: list[tuple[Level, Arrived]] = []
        commands: list[Arrived] = []
        for letter in letters:
            match letter:
                case Online():
                    self._greet(letter, now)
                case Offline():
                    self._lose(letter, now)
                case Declined(what=what, text=text):
                    self.counters["declined"] += 1
                    if what not in self._declined and len(self._declined) < DECLINES_TOLD:
                        self._declined.add(what)
                        log.warning("broker declines", topic=what, text=text)
                case Arrived():
                    match self._topics.parse(letter.topic):
                        case (level, "desired"):
                            documents.append((level, letter))
                        case (Device(id=id), "command") if id == self._device:
                            commands.append(letter)
                        case (Device(id=id), "presence") if id == self._device:
                            self._hear_presence(letter, now)
                        case _:
                            self.counters["unknown-topic"] += 1
                            self._line.acknowledge(letter.run, letter.mid, letter.qos)
                case _:
                    assert_never(letter)
        if documents:
            self._documents.take(documents, now)
        if commands:
            self._commander.take(commands, now)

    def tick(self, now: Instant) -> None:
        """Do what is due."""
        self._documents.tick(now)
        self._commander.tick(now)
        if self._online is None:
            return
        due = self._vigil.due()
        if due is not None and now.boottime >= due:
            self._vigil = self._vigil.published(now.boottime)
            self.counters["presence-repeated"] += 1
            self._publish_birth(self._online)
        if self._pacing is not None and now.boottime >= min(self._notice_at, self._pacing.due):
            self._report(self._pacing, now)

    def _session(self, online: Online) -> int:
        return presence.session(self._start, online.run)

    def _greet(self, online: Online, now: Instant) -> None:
        self._online, self._since, self._vigil = online, now.wall, Vigil()
        self._rival = self._rival.came(Born(self._session(online), self._since))
        self._publish_birth(online)
        self._pacing = Pacing.begin(now.boottime, jitter=self._chance())
        self._notice_at = self._pacing.due
        self._commander.online(now, resumed=online.resumed)
        if self._trouble is None:
            log.info("broker reached", protocol=online.protocol)
        else:
            trouble, since = self._trouble
            log.info(
                "broker reached again", protocol=online.protocol, after=trouble.value, seconds=now.boottime - since
            )
        self._trouble = None
        self._declined.clear()

    def _lose(self, offline: Offline, now: Instant) -> None:
        was_online, self._online, self._pacing = self._online is not None, None, None
        if was_online:
            self._commander.offline(now)
        self.counters[f"broker-{offline.trouble.value}"] += 1
        before = self._trouble
        self._trouble = (offline.trouble, now.boottime if before is None else before[1])
        if before is None or before[0] is not offline.trouble:
            log.warning("no broker", trouble=offline.trouble.value, text=offline.text)

    def _publish_birth(self, online: Online) -> None:
        birth = presence.birth(self._session(online), since=self._since, version=VERSION)
        self._line.publish(Outgoing(self._topics.presence(self._device), birth, retain=True))

    def _hear_presence(self, letter: Arrived, now: Instant) -> None:
        self._line.acknowledge(letter.run, letter.mid, letter.qos)
        if self._online is None:
            return
        own, was_there = Born(self._session(self._online), self._since), self._rival.is_there(now.boottime)
        self._rival = self._rival.heard(letter.payload, now.boottime)
        if self._rival.is_there(now.boottime) and not was_there:
            log.warning("another machine comes as this device", births=self._rival.births)
        if presence.contradicts(letter.payload, own):
            self._vigil = self._vigil.contradicted()

    def _report(self, pace: Pacing, now: Instant) -> None:
        """Look at how things stand, and publish it where that is due."""
        online = self._online
        assert online is not None
        self._notice_at = now.boottime + NOTICE_EVERY_S
        self.counters[DUPLICATE] = self._rival.births if self._rival.is_there(now.boottime) else 0
        state = self._state(self._session(online), online.protocol, now)
        noted = pacing.notes(state)
        pace = pace.noticed(now.boottime, noted, jitter=self._chance())
        if now.boottime >= pace.due:
            payload = reported.encode(state)
            self._line.publish(Outgoing(self._topics.state(self._device), payload, retain=True))
            pace = pace.published(now.boottime, noted, every=self._every(), jitter=self._chance())
        self._pacing = pace
        self._notice_at = min(self._notice_at, pace.due)
