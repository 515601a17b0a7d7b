"""Whether this device is there: its birth, its last will, its farewell.

Contract: payloads as bytes; a `Vigil` tells when the birth must be published again, a `Rival` whether another machine
comes as this device. Pure; time is boot-time seconds.
Rules: the session's number rises with every connection of the device, across restarts, and after its state was wiped
too. Whatever stands on the device's own topic and is not its birth is contradicted, but so many times a minute only:
two devices with one identity would otherwise shout at each other for ever.
Births of another start of the program, again and again, are another machine's: a leftover of our own comes once or
twice.
Reasons: a broker publishes the last will of a connection that died up to 1.5 keepalives after the next one was born.
Measured with mosquitto 2.0.11: where two machines take turns at one identity, with a session that is kept, the one that
is pushed out is told nothing (no 0x8E), no last will is published, and each finds the other's birth when it comes back.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Final

RUNS = 2**20
"""Connections of one run of the program: twelve days of one each second."""
_MINUTE_S = 60.0
_MOST_STARTS = 2**33 - 1
"""So that every session's number is kept exactly by every reader of JSON."""
MOST_REBIRTHS = 6
"""A minute. A flaky broker delivers a late will or two; more is somebody else."""

FOREIGN_BIRTHS: Final = 3
"""So many births of another machine, each of another connection, are no leftovers of an earlier start."""
OWN_BIRTHS: Final = 8
"""So many of our own are known again."""
RIVAL_S: Final = 3600.0
"""After so long without a further one it is gone. Two machines that take turns wait up to five minutes each."""


def next_start(starts: int, wall: float) -> int:
    """The number of this start after `starts`; `wall`, now in epoch s, keeps it rising where the state was wiped."""
    return min(max(starts + 1, int(wall / _MINUTE_S)), _MOST_STARTS)


def session(start: int, run: int) -> int:
    """The number of the `run`-th connection (from 1) of the program's `start`."""
    return start * RUNS + run


def birth(session: int, *, since: float, version: str) -> bytes:
    """What is published when the connection stands; `since`: when it began, epoch s."""
    return _payload({"v": 1, "online": True, "session": session, "since": since, "version": version})


def will(session: int) -> bytes:
    """What the broker publishes when the connection dies."""
    return _payload({"v": 1, "online": False, "session": session, "reason": "lost"})


def farewell(session: int) -> bytes:
    """What is published before an orderly end."""
    return _payload({"v": 1, "online": False, "session": session, "reason": "stopped"})


@dataclass(frozen=True, slots=True)
class Born:
    """Whose birth: the session, and the wall seconds since when it stands. Two machines that were switched on in the
    same minute may come to one number, and not at one moment."""

    session: int
    since: float


def contradicts(payload: bytes, own: Born) -> bool:
    """Whether what stands on our own topic is not our own birth."""
    return _born(payload) != own


def _born(payload: bytes) -> Born | None:
    """Whose birth this is; None for anything else."""
    try:
        said = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("online") is not True:
        return None
    number, since = said.get("session"), said.get("since")
    if type(number) is not int:
        return None
    return Born(number, since if type(since) is float else 0.0)


@dataclass(frozen=True, slots=True)
class Vigil:
    """Over one connection. `spoken`: when the birth was published again; `owed`: it must be published once more."""

    spoken: tuple[float, ...] = ()
    owed: bool = False

    def contradicted(self) -> "Vigil":
        """Something else was seen on our topic."""
        return replace(self, owed=True)

    def due(self) -> float | None:
        """The boot-time second from which the birth may be published again; None: nothing contradicts it."""
        if not self.owed:
            return None
        return self.spoken[0] + _MINUTE_S if len(self.spoken) == MOST_REBIRTHS else 0.0

    def published(self, now: float) -> "Vigil":
        """The birth was published again."""
        return Vigil((*self.spoken, now)[-MOST_REBIRTHS:])


@dataclass(frozen=True, slots=True)
class Rival:
    """Another machine that comes as this device. `births`: how many of its births were heard; `last`: the last one,
    `at`: when that was. `own`: our own last ones, the newest last."""

    births: int = 0
    last: Born | None = None
    at: float = 0.0
    own: tuple[Born, ...] = ()

    def came(self, own: Born) -> "Rival":
        """A connection of ours stands."""
        return replace(self, own=(*self.own, own)[-OWN_BIRTHS:])

    def heard(self, payload: bytes, now: float) -> "Rival":
        """Something was seen on our topic."""
        born = _born(payload)
        if born is None or born == self.last or born in self.own or self._is_old(born):
            return self
        births = 0 if now - self.at > RIVAL_S else self.births
        return replace(self, births=births + 1, last=born, at=now)

    def _is_old(self, born: Born) -> bool:
        """Whether it may be of a connection of ours that is no longer remembered."""
        oldest = self.own[0].session if self.own else 0
        return born.session < oldest and born.session // RUNS == oldest // RUNS

    def is_there(self, now: float) -> bool:
        """Whether two machines have the same identity."""
        return self.births >= FOREIGN_BIRTHS and now - self.at <= RIVAL_S


def _payload(plain: dict[str, Any]) -> bytes:
    return json.dumps(plain, separators=(",", ":")).encode()
