"""What an operator can ask of the player.

Contract: values; those that only pass through are the link's own commands.
"""

from dataclasses import dataclass

from agent.player.wire import Pause, Resume, Seek, SetFullscreen, SetRate, SetVolume, Stop


@dataclass(frozen=True, slots=True)
class Next:
    """Give the current item up and go on; a finished list begins again."""


@dataclass(frozen=True, slots=True)
class Previous:
    """Back to the item before."""


@dataclass(frozen=True, slots=True)
class Replay:
    """The current (or last) item again from its beginning."""


@dataclass(frozen=True, slots=True)
class Play:
    """Go on: out of a pause, a stop, a rest, or a finished list."""


@dataclass(frozen=True, slots=True)
class Fail:
    """What plays does not show as it should, so its playback has failed. `again`: it is begun anew, where it is the
    content; else what comes after it is played."""

    again: bool


Operation = Fail | Next | Previous | Replay | Play | Pause | Resume | Seek | SetRate | SetFullscreen | SetVolume | Stop
