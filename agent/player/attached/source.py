"""What the attached host needs of a way to ask a player that is not ours.

Contract: a `Source` is given what its own thread has put into the host's inbox; all of it is called by the host's owner
thread. `work` hears the signals and asks what is due; `obey` passes a command on.
Rules: nothing in it waits or raises. A player that is not there, or refuses, is an `Attachment` with a problem.
"""

from dataclasses import dataclass
from typing import Protocol

from agent.player.attached.observer import Told
from agent.player.wire import Command


@dataclass(frozen=True, slots=True)
class Attachment:
    """What was found, as `agent.player.wire.Attached` tells it. `problem`: with its remedy."""

    name: str | None = None
    others: tuple[str, ...] = ()
    problem: str | None = None


class Source(Protocol):
    """One way to ask."""

    @property
    def kind(self) -> str:
        """As `agent.player.wire.Attached.source` names it."""

    @property
    def attachment(self) -> Attachment:
        """What it has found."""

    def take(self, heard: object, now: float) -> list[Told]:
        """One of the things that it has put into the inbox."""

    def work(self, now: float) -> list[Told]:
        """Ask what is due."""

    def due(self, now: float) -> float | None:
        """When `work` is wanted; None where nothing is due."""

    def obey(self, command: Command) -> None:
        """Pass a command on; one that a player with a list of its own cannot be told is passed over."""

    @property
    def token(self) -> int:
        """The medium in the player; 0 before the first."""

    @property
    def position(self) -> float | None:
        """The playhead (media s), None while nothing plays."""
