"""What the director needs of the world, and what it says of itself.

Contract: a protocol, an enumeration, three questions and an ear; the composition root fills them in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from agent.player.items import Item
from agent.player.outcomes import Tell
from agent.player.wire import Command


class Link(Protocol):
    """What the director needs of the supervisor."""

    def send(self, command: Command) -> bool:
        """Tell the host, without waiting; False where there is none."""
        ...


class Phase(Enum):
    """What the list is doing. IDLE: of a player that is not ours, which has a list of its own."""

    WAITING = "waiting for the player"
    PLAYING = "playing"
    RESTING = "resting, since no item can be played"
    SHUT = "nothing to play now (opening hours, or an empty list)"
    FINISHED = "finished"
    STOPPED = "stopped"
    IDLE = "nothing is played"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the director asks of the world: whether an item may be shown now, and whether its file may be there.

    `closes_in`: seconds after which an item may no longer be shown (0: it may not now), or None: no hours bound it.
    `tell`: takes what belongs in the log.
    """

    may_play: Callable[[Item], bool]
    closes_in: Callable[[Item], float | None]
    may_exist: Callable[[Item], bool]
    tell: Tell
