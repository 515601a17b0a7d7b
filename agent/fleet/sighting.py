"""One device, as what it retains at the broker shows it.

Contract: `Sighting` is a value made of a presence and a state, either of which may be missing; `Roll` gathers them from
messages. Pure.
Rules: presence and state may disagree. The last will of an earlier connection (its session number is smaller than the
state's) may come late and marks nobody dead. Session numbers of one device only rise, and its boot ids do not come
back: where they do, two devices use one identity.
"""

from dataclasses import dataclass, field, replace
from enum import Enum

from agent.fleet import fields
from agent.fleet.words import count
from agent.remote.topics import Device, Topics

# So many connections within one look at the fleet are no bad line: somebody else logs in with the same identity.
MANY_CONNECTIONS = 4


class Standing(Enum):
    """Whether a device is there."""

    ONLINE = "online"
    LOST = "lost"
    STOPPED = "stopped"
    # It has reported, and nothing says whether it is there.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Presence:
    """A birth or a last will. `since`: wall seconds, of a birth."""

    online: bool
    session: int
    since: float | None = None
    reason: str | None = None
    version: str | None = None


def presence_of(payload: bytes) -> Presence | None:
    """What stands on a device's topic; None for nothing, or nonsense."""
    found = fields.table_of(payload)
    if found is None:
        return None
    return Presence(
        online=fields.flag(found, "online") is True,
        session=fields.whole(found, "session") or 0,
        since=fields.number(found, "since"),
        reason=fields.text(found, "reason"),
        version=fields.text(found, "version"),
    )


@dataclass(frozen=True, slots=True)
class LevelReport:
    """What a device says about one level's document."""

    wanted: int | None
    applied: int | None
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A device. `state`: what it reported, as it came. `connections`: births that were seen; `contradiction`: why two
    devices must be using its identity."""

    id: str
    presence: Presence | None = None
    state: fields.Table = field(default_factory=dict)
    connections: int = 0
    contradiction: str | None = None

    @property
    def standing(self) -> Standing:
        reported = fields.whole(self.state, "session")
        match self.presence:
            case None:
                return Standing.UNKNOWN
            case Presence(online=True):
                return Standing.ONLINE
            case Presence(session=session) if reported is not None and session < reported:
                return Standing.ONLINE
            case Presence(reason="stopped"):
                return Standing.STOPPED
            case _:
                return Standing.LOST

    @property
    def is_online(self) -> bool:
        return self.standing is Standing.ONLINE

    @property
    def duplicate(self) -> str | None:
        """Why two devices must be using this identity; None where nothing says so."""
        if self.contradiction is not None:
            return self.contradiction
        if self.connections >= MANY_CONNECTIONS:
            return f"{self.connections} connections while we looked"
        taken = fields.whole(self.state, "counters", TAKEN_OVER)
        if taken:
            return f"its connection was taken over {count(taken, 'time')} since it started"
        births = fields.whole(self.state, "counters", FOREIGN_BIRTHS)
        if births:
            return f"it has heard {count(births, 'birth')} of another machine under its id"
        return None

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups it says it belongs to."""
        return tuple(fields.texts(self.state, "config", "groups"))

    @property
    def reported(self) -> float | None:
        """When it reported, by its own wall clock."""
        return fields.number(self.state, "reported")

    @property
    def awaited(self) -> tuple[str, ...] | None:
        """The connections that must come back before its new configuration counts; None where none is waited for.

        After any change a device watches itself for a minute: a trial of no connection, which only a crash loop ends.
        """
        config = fields.table(self.state, "config")
        trial = fields.table(config, "trial")
        on = tuple(fields.texts(trial, "on"))
        is_over = not on if trial else fields.text(config, "state") != "trial"
        return None if is_over else on

    def level(self, name: str) -> LevelReport | None:
        """What it says about the level `name` ("fleet", "group/lobby", …)."""
        found = fields.table(self.state, "config", "levels", name)
        if not found:
            return None
        return LevelReport(
            fields.whole(found, "wanted"), fields.whole(found, "applied"), tuple(fields.texts(found, "problems"))
        )


# The counter of a device's state that says how often another client took its connection (MQTT 5's reason 0x8E).
TAKEN_OVER = "broker-taken-over"
# And the one of births of another machine, for brokers that say nothing when a connection is taken over.
FOREIGN_BIRTHS = "duplicate-identity"


class Roll:
    """All devices that were heard of."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self._found: dict[str, Sighting] = {}
        self._boots: dict[str, list[str]] = {}

    @property
    def devices(self) -> dict[str, Sighting]:
        """By id."""
        return dict(self._found)

    def take(self, topic: str, payload: bytes) -> str | None:
        """Note a message; the id of the device that it is about, or None where it is about none."""
        match self._topics.parse(topic):
            case Device(id), "presence":
                self._presence(id, payload)
            case Device(id), "state":
                self._state(id, payload)
            case _:
                return None
        return id

    def _presence(self, id: str, payload: bytes) -> None:
        known = self._found.get(id, Sighting(id))
        presence = presence_of(payload)
        if presence is None:
            self._found[id] = replace(known, presence=None)
            return
        before = known.presence
        is_birth = presence.online and (before is None or presence.session != before.session or not before.online)
        contradiction = known.contradiction
        if before is not None and presence.online and presence.session < before.session:
            contradiction = f"its session went from {before.session} back to {presence.session}"
        self._found[id] = replace(
            known, presence=presence, connections=known.connections + is_birth, contradiction=contradiction
        )

    def _state(self, id: str, payload: bytes) -> None:
        known = self._found.get(id, Sighting(id))
        state = fields.table_of(payload) or {}
        contradiction = known.contradiction
        boot = fields.text(state, "boot_id")
        boots = self._boots.setdefault(id, [])
        if boot is not None and boot not in boots:
            boots.append(boot)
        elif boot is not None and boot != boots[-1]:
            contradiction = "two machines report in turn"
        self._found[id] = replace(known, state=state, contradiction=contradiction)
