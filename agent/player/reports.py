"""What the player's link leaves in the main loop's mailbox.

Contract: values only, in the order in which things happened.
Rules: `medium` is the token under which the director loaded what a signal is about, so that a late signal of an
earlier medium is told apart. `number` goes back in an acknowledgement once the signal's consequences are durable.
"""

from dataclasses import dataclass

from agent.kernel.signals import Sampled, Signal, TimeChanged
from agent.player.wire import MediumFound, MediumSet


@dataclass(frozen=True, slots=True)
class Heard:
    """The host of run `run` said this, as its `number`-th signal."""

    run: int
    number: int
    medium: int
    signal: Signal | MediumSet | MediumFound


@dataclass(frozen=True, slots=True)
class HostReady:
    """A host can be given commands. `refused`: VLC options that libvlc does not know and that were left out."""

    at: float
    run: int
    pid: int
    libvlc: str
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostCaughtUp:
    """A unit has said all that it had to say from before its line stood; `medium`: what it has loaded now."""

    at: float
    run: int
    medium: int


@dataclass(frozen=True, slots=True)
class HostLost:
    """The host died, hung or was cut off; nothing more comes of its run. `commanded`: we had it end."""

    at: float
    run: int
    reason: str
    commanded: bool = False


Report = Heard | HostReady | HostCaughtUp | HostLost


def sample_kind(report: Report) -> tuple[int, type, int] | None:
    """What a later report of the same kind may take the place of (decision 31); None for an edge.

    One sample a second of each kind is left: a longer hole would look like a stall (vlc.md R3).
    """
    if isinstance(report, Heard) and isinstance(report.signal, TimeChanged | Sampled):
        return report.medium, type(report.signal), int(report.signal.at)
    return None
