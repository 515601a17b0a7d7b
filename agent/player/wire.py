"""The link's language: what the agent and the player host say to each other.

Contract: values only; `agent.player.codec` makes lines of them.
Rules: the host opens with `Hello` (protocol version, its pid, its run), the agent answers with `Welcome` (the last
signal it has of that run). Signals are numbered from 1 within a run and acknowledged; whatever was not is said again
on the next connection.
Reasons: decision 32.
"""

from dataclasses import dataclass

from agent.kernel.signals import Signal

PROTOCOL = 1


@dataclass(frozen=True, slots=True)
class MediumSet:
    """libvlc's MediaPlayerMediaChanged: from here on all signals are of the medium that `Said` names."""

    at: float


@dataclass(frozen=True, slots=True)
class MediumFound:
    """A player that is not ours plays this now; all signals from here on are of it. Only attached hosts say it.

    `title`: what the player calls it, or None. `place`: the player's own name for its place in its list, "" where it
    has none: the same address at another place is another item.
    """

    at: float
    uri: str
    title: str | None
    place: str


@dataclass(frozen=True, slots=True)
class Hello:
    """The host is ready. `run`: its generation, a number that no other life of a host has. `medium`: what it has
    loaded (0: nothing). `refused`: VLC options it dropped, since libvlc does not start with them. `lost`: edges that
    its bounded ring gave up."""

    protocol: int
    pid: int
    run: int
    libvlc: str
    medium: int
    refused: tuple[str, ...]
    lost: int


@dataclass(frozen=True, slots=True)
class Beat:
    """The owner thread of libvlc is alive; a hung call shows as silence. `time`: the playhead in seconds."""

    at: float
    medium: int
    time: float | None


@dataclass(frozen=True, slots=True)
class Pictures:
    """What libvlc counts of the medium that plays: pictures `decoded` and `displayed` so far.

    `has_video`: a video track is selected. `display`: whether the screen answers; None where none is wanted, or nobody
    can tell. It is never said again, for the next one knows more. Hosts that do not say it are not watched for it.
    """

    at: float
    medium: int
    decoded: int
    displayed: int
    has_video: bool
    display: bool | None


@dataclass(frozen=True, slots=True)
class Attached:
    """What an attached host has found: the player that it follows, by its name for people, or None while there is none.

    `source`: "mpris" or "http". `others`: further players of the kind, which it does not follow. `problem`: why it
    follows none, with the remedy, or None. Like `Pictures` it is never said again: the newest one counts.
    """

    at: float
    source: str
    name: str | None
    others: tuple[str, ...]
    problem: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """A signal of the player, the `number`-th of this run, about the medium whose token is `medium`."""

    number: int
    medium: int
    signal: Signal | MediumSet | MediumFound


@dataclass(frozen=True, slots=True)
class Welcome:
    protocol: int
    acknowledged: int


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """All signals up to `number` are durable with the agent."""

    number: int


@dataclass(frozen=True, slots=True)
class Quit:
    """End yourself: whoever runs the host starts another one."""


@dataclass(frozen=True, slots=True)
class Load:
    """Open and play. `medium`: the token that signals of it will carry. `options`: libvlc media options (":name=…").

    `volume` in percent; None, and an `audio_device` of None, leave things as they are. `rotation` in degrees clockwise.
    """

    medium: int
    uri: str
    options: tuple[str, ...]
    volume: int | None
    audio_device: str | None
    rotation: int
    fullscreen: bool


@dataclass(frozen=True, slots=True)
class Pause:
    pass


@dataclass(frozen=True, slots=True)
class Resume:
    pass


@dataclass(frozen=True, slots=True)
class Seek:
    """`to` in media seconds."""

    to: float


@dataclass(frozen=True, slots=True)
class SetRate:
    rate: float


@dataclass(frozen=True, slots=True)
class SetFullscreen:
    on: bool


@dataclass(frozen=True, slots=True)
class SetVolume:
    """In percent; above 100 amplifies."""

    volume: int


@dataclass(frozen=True, slots=True)
class Overlay:
    """Draw the image file at `path` over the picture; None takes it away, and so does every `Load`."""

    path: str | None


@dataclass(frozen=True, slots=True)
class Stop:
    pass


@dataclass(frozen=True, slots=True)
class Skip:
    """Have a player that is not ours go on with its next item."""


FromHost = Hello | Beat | Pictures | Attached | Said
Command = Load | Pause | Resume | Seek | SetRate | SetFullscreen | SetVolume | Overlay | Stop | Skip
ToHost = Welcome | Acknowledge | Quit | Command
Message = FromHost | ToHost
