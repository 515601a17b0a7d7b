"""The ways in for the kiosk's own application: a local socket, and for browsers a port on the loopback address.

Contract: `open_doors` opens what the settings ask for; each open door is a thread to run. `shut` says why one that
was asked for is not open, and what helps; `counters` is what all of them together took and refused, by reason.
Rules: a door that cannot be opened costs the application's events, never the play on the screen: it is logged, shown in
`status`, and the agent goes on. Both doors share one throttle. The browsers' one is loaded only where it is wanted.
Reasons: house rule 9; decision 36 (what is not used takes no memory).
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from agent.config.intake import Intake
from agent.config.secrets import SecretError
from agent.intake.listening import IntakeError, open_listener
from agent.intake.server import IntakeServer
from agent.intake.submission import Submission
from agent.intake.throttle import Throttle

log = structlog.get_logger()

Put = Callable[[Submission], None]
Now = Callable[[], float]


class Server(Protocol):
    """What is behind a door."""

    @property
    def counters(self) -> Mapping[str, int]: ...

    def serve(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Shut:
    """Why a door that was asked for is not open. `remedy`: what a person can do about it, whole sentences."""

    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Doors:
    """`open`: each open door's name and server. `where`: where they are. `shut`: those that could not be opened."""

    open: Sequence[tuple[str, Server]] = ()
    where: Sequence[str] = ()
    shut: Sequence[Shut] = ()

    @property
    def counters(self) -> Counter[str]:
        """What applications told and were refused, by reason."""
        total: Counter[str] = Counter()
        for _, server in self.open:
            total.update(server.counters)
        return total

    def close(self) -> None:
        """Shut them."""
        for _, server in self.open:
            server.close()


def open_doors(settings: Intake, state_dir: Path, environment: Mapping[str, str], *, put: Put, now: Now) -> Doors:
    """Open what `settings` ask for; `put` leaves a submission for the main loop, `now` gives boot-time seconds."""
    throttle = Throttle(settings.rate, settings.burst, now=now())
    opened: list[tuple[str, Server]] = []
    where: list[str] = []
    shut: list[Shut] = []
    if settings.enabled:
        try:
            listener = open_listener(settings.socket, settings.group, state_dir, environment)
            opened.append(("intake", IntakeServer(listener, put=put, throttle=throttle, now=now)))
            where.append(str(listener.path))
        except IntakeError as error:
            shut.append(Shut(str(error), error.remedy))
            log.error("intake cannot be opened", error=str(error), remedy=error.remedy)
    if settings.web.enabled:
        try:
            server, address = _web(settings, throttle, put, now)
            opened.append(("intake-web", server))
            where.append(address)
        except (OSError, SecretError) as error:
            why = _why(settings.web.port, error)
            shut.append(why)
            log.error("intake for browsers cannot be opened", error=why.problem, remedy=why.remedy)
    return Doors(opened, where, shut)


def _why(port: int, error: OSError | SecretError) -> Shut:
    match error:
        case SecretError():
            remedy = "Write a new one into it: head -c 24 /dev/urandom | base64 | tr '+/' '-_'"
            return Shut(f"port {port} for browsers: the file of intake.web.token_file {error}", remedy)
        case _:
            remedy = "See what listens there (ss -ltnp), or choose another intake.web.port."
            return Shut(f"port {port} for browsers: {error.strerror or error}", remedy)


def _web(settings: Intake, throttle: Throttle, put: Put, now: Now) -> tuple[Server, str]:
    from agent.intake.web import LOOPBACK, WebServer  # noqa: PLC0415  only where it is wanted
    from agent.intake.web_access import read_token  # noqa: PLC0415

    web = settings.web
    token = read_token(Path(web.token_file or ""))
    server = WebServer(web.port, web.origins, token, put=put, throttle=throttle, now=now)
    return server, f"http://{LOOPBACK}:{server.port}"
