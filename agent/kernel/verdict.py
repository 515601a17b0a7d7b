"""How a send can end (house rule 11, kaltura.md section 1).

Contract: a sink's client answers each message with one of these; the delivery pump acts on nothing else.
Rules: `Delivered` settles. `Refused` moves that one message to the dead letters and lets the rest go on. `Later` and
`Held` keep the head where it is: `Later` backs off and tries again, `Held` waits for somebody to act and is retried
slowly. Texts are for people, cleaned of secrets and bounded by whoever makes the verdict.
"""

from dataclasses import dataclass
from enum import Enum


class Cause(Enum):
    """Why the head waits; the words that `status` shows."""

    NETWORK = "network"
    TIMEOUT = "timeout"
    TLS = "tls"
    SERVER = "server"
    THROTTLED = "throttled"
    NOT_KALTURA = "not-kaltura"
    CONFIGURATION = "configuration"
    SESSION = "session"
    CLOCK = "clock"
    DISK = "disk"


@dataclass(frozen=True, slots=True)
class Delivered:
    """Accepted. `server_time`: what the service's clock read when the request began, by its HTTP Date (epoch s).

    `verified`: the service itself said so; False where its answer says nothing, as a beacon's does (decision 23).
    """

    server_time: float | None = None
    verified: bool = True


@dataclass(frozen=True, slots=True)
class Later:
    """Transient. `answered`: the service's own error came back, so the next try is varied (errors are cached 120 s).

    `retry_after`: seconds the server asked for, already clamped. `lost`: the message may have been accepted and its
    answer lost, so the next try may be a repeat (decision 8); False where it certainly never reached the service.
    `mended`: what stood in the way is gone already (a session was renewed), so the first such failure needs no pause.
    """

    cause: Cause
    text: str
    answered: bool
    retry_after: float | None = None
    lost: bool = False
    mended: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing will get through until somebody acts (a wrong URL, a forbidden service, a rejected session)."""

    cause: Cause
    text: str
    answered: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """This message is wrong and always will be. `code`: the server's error code; `answer`: its text."""

    code: str
    answer: str


@dataclass(frozen=True, slots=True)
class ServerTime:
    """The service answered a question for its time. `time`: as in `Delivered`; None where the answer had no Date."""

    time: float | None


Verdict = Delivered | Later | Held | Refused
