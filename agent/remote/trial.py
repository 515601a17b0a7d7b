"""A configuration on trial: it stays only if the connections whose settings it changed come back.

Contract: values; `observe` and `started` answer the trial as it is afterwards and how it stands. Time is boot-time
seconds; what was used up is kept, not a deadline, so a trial goes on after a restart. Pure.
Rules: only connections that worked before are judged, and one that came up once has passed. The clock of a trial runs
only while there is a witness that this machine has a network at all; the player needs none. Whatever is on trial, the
third start of one boot that no orderly end came before gives everything back, as do three losses of the player's host
while its settings are on trial. A power cut counts for nothing.
Reasons: commit-confirm, as routers have it: a document that cuts the device off can be mended only by the device.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

CONNECTIONS = ("stats.collect", "trackEvent", "xapi", "player", "broker")
PLAYER = "player"

PROBATION_S = 60.0
"""How long any change must run before it is good: an agent that a setting ends is dead sooner."""
STEP_S = 10.0
"""The most that counts between two looks: while the machine sleeps, nothing can come back."""
STARTS = 3
LOSSES = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """Not decided yet."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What is on trial is good."""


@dataclass(frozen=True, slots=True)
class Return:
    """Back to the last good configuration. `reason`: for people."""

    reason: str


Verdict = Waiting | Confirmed | Return


@dataclass(frozen=True, slots=True)
class Trial:
    """`what`: which documents are on trial, for people. `on`: the connections that have not come up yet.

    `player`: the player's settings are on trial. `boot_id`: of the boot in which `starts` are counted. `ran`: seconds
    that the agent ran since the change; `witnessed`: those with a network. `losses`: of the player's host. `orderly`:
    the program ended as it should. `seen`, `network`: boot-time second of the last look and whether there was a
    network at it; of this process, so they are not kept.
    """

    what: str
    boot_id: str
    trial_s: float
    on: tuple[str, ...] = ()
    player: bool = False
    ran: float = 0.0
    witnessed: float = 0.0
    losses: int = 0
    starts: int = 0
    orderly: bool = False
    seen: float | None = field(default=None, compare=False)
    network: bool = field(default=False, compare=False)

    @classmethod
    def begin(cls, what: str, boot_id: str, *, changed: Set[str], worked: Set[str], trial_s: float) -> "Trial":
        """A change of the settings of the connections in `changed`, of which those in `worked` worked until now."""
        on = tuple(name for name in CONNECTIONS if name in changed and name in worked)
        return cls(what, boot_id, trial_s, on, player=PLAYER in changed)

    def joined(self, newer: "Trial") -> "Trial":
        """One trial of this change and of a newer one: whatever has not come up stays on trial, for the whole time."""
        on = tuple(name for name in CONNECTIONS if name in self.on or name in newer.on)
        what = ", ".join(dict.fromkeys([*self.what.split(", "), *newer.what.split(", ")]))
        return replace(newer, what=what, on=on, player=self.player or newer.player)

    def observe(self, now: float, up: Mapping[str, bool], *, witness: bool) -> tuple["Trial", Verdict]:
        """A look at the connections, every few seconds. `up`: which of them work with the settings on trial.

        `witness`: another, unchanged connection is up, or, where there is none, the machine has a route.
        """
        step = 0.0 if self.seen is None else min(max(now - self.seen, 0.0), STEP_S)
        after = replace(
            self,
            on=tuple(name for name in self.on if not up.get(name, False)),
            ran=self.ran + step,
            witnessed=self.witnessed + (step if witness and self.network else 0.0),
            seen=now,
            network=witness,
        )
        return after, after._verdict(witness=witness)

    def host_lost(self) -> "Trial":
        """The player's host ended by itself."""
        return replace(self, losses=self.losses + 1)

    def started(self, boot_id: str) -> tuple["Trial", Verdict]:
        """The program starts, and this trial is open. To be kept before anything else is tried."""
        if boot_id != self.boot_id:
            return replace(self, boot_id=boot_id, starts=0, orderly=False, seen=None), Waiting()
        after = replace(self, starts=self.starts + (not self.orderly), orderly=False, seen=None)
        if after.starts < STARTS:
            return after, Waiting()
        return after, Return(f"the agent ended {after.starts} times without being told to, after {self.what}")

    def ended(self) -> "Trial":
        """The program ends as it should. To be kept."""
        return replace(self, orderly=True)

    @property
    def left_s(self) -> float:
        """How many seconds are left at most, with a network."""
        return max([PROBATION_S - self.ran, *(self.trial_s - self._used(name) for name in self.on), 0.0])

    def _used(self, name: str) -> float:
        return self.ran if name == PLAYER else self.witnessed

    def _verdict(self, *, witness: bool) -> Verdict:
        if self.player and self.losses >= LOSSES:
            return Return(f"the player's host was lost {self.losses} times after {self.what}")
        gone = [name for name in self.on if self._used(name) >= self.trial_s and (witness or name == PLAYER)]
        if gone:
            return Return(f"{' and '.join(gone)} did not come back within {self.trial_s:g} s after {self.what}")
        return Waiting() if self.on or self.ran < PROBATION_S else Confirmed()


def dump(trial: Trial) -> dict[str, Any]:
    """The trial as plain values."""
    return {
        "what": trial.what,
        "boot_id": trial.boot_id,
        "trial_s": trial.trial_s,
        "on": list(trial.on),
        "player": trial.player,
        "ran": trial.ran,
        "witnessed": trial.witnessed,
        "losses": trial.losses,
        "starts": trial.starts,
        "orderly": trial.orderly,
    }


def load(plain: Any) -> Trial:
    """The trial that `dump` gave. Raises ValueError, and nothing else."""
    try:
        seconds = [float(plain[name]) for name in ("trial_s", "ran", "witnessed")]
        counts = [int(plain[name]) for name in ("losses", "starts")]
        if not all(isfinite(number) and number >= 0 for number in [*seconds, *counts]):
            raise ValueError("no trial")
        return Trial(
            what=str(plain["what"]),
            boot_id=str(plain["boot_id"]),
            trial_s=seconds[0],
            on=tuple(name for name in CONNECTIONS if name in plain["on"]),
            player=plain["player"] is True,
            ran=seconds[1],
            witnessed=seconds[2],
            losses=counts[0],
            starts=counts[1],
            orderly=plain["orderly"] is True,
        )
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"no trial: {error!r}") from error
