"""What the ledger knows of a play.

Contract: values only. `PlayFacts` are what is written when a play is over, and never changed; a `Play` is what a reader
of the ledger gets: the facts, dated as well as anybody can date them by now, and where they were delivered.
Rules: a play is one session (decision 2) of content. Seconds, boot-time seconds and wall epoch seconds.
Reasons: decision 14 (what the destinations are not told of, the ledger records).
"""

from dataclasses import dataclass

from agent.kernel.display import Shown
from agent.kernel.events import Ending


@dataclass(frozen=True, slots=True)
class PlayFacts:
    """`session`: its id (UUID text). `item`: the playlist item's key, without password. `entry_id` None: not reported.

    `boot_id`, `began`, `ended`: boot-time seconds of that boot; a play that an earlier process left open ends where it
    was last known. `is_started`: there was a picture (the guide's PLAY). `played`: seconds of the medium that were
    watched; `duration` None: unknown or live. `is_complete`: its end was reached by playing. `dark_s`: for how long the
    screen was seen off while it played. `is_left_out`: by the policy for dark screens no destination was told of it.
    `last`: the sequence of its last event in the log.
    """

    session: str
    item: str
    entry_id: str | None
    boot_id: str
    began: float
    ended: float
    is_started: bool
    played: float
    duration: float | None
    is_complete: bool
    ending: Ending
    shown: Shown
    dark_s: float
    is_left_out: bool
    last: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """The destination `sink` is done with all of the play's messages: at `at` (wall s, to the quarter of an hour).

    `at` None: not yet, or not delivered as a whole, since one of them was refused or given up. A destination that did
    not exist yet or was off when its turn came is not named; none is for a play that nobody was to be told of (no
    entry, or left out).
    """

    sink: str
    at: float | None


@dataclass(frozen=True, slots=True)
class Play:
    """A play of the ledger, as far as it can be told now. `number` rises by one a play and is never reused.

    `began`, `ended`: wall s by the best clock; `is_estimated`: that boot never saw the time, so they are bounded by
    their neighbours (agent.kernel.boots).
    """

    number: int
    facts: PlayFacts
    began: float
    ended: float
    is_estimated: bool
    delivered: tuple[Delivered, ...]


@dataclass(frozen=True, slots=True)
class ChainHead:
    """Where the ledger's chain ends. `number`: the newest play's, 0 before the first; `hash`: of all up to there
    (SHA-256, hex). `first`: the oldest play that is kept, `number` + 1 where none is. `copied`: up to this play
    they are another device's, whose card this was."""

    number: int
    hash: str
    first: int
    copied: int = 0

    @property
    def own(self) -> int:
        """The oldest play of this device that is kept."""
        return max(self.first, self.copied + 1)


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The ledger is not as it was written: `number` is the first play that is wrong or missing there; `what`, in words
    for people."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class Verified:
    """How far the ledger has been gone through: up to play `number`, whose hash must be `hash` (hex, "" before the
    start). `faults`: what was found up to there. `is_over`: nothing is left to look at."""

    number: int = 0
    hash: str = ""
    faults: tuple[ChainFault, ...] = ()
    is_over: bool = False
