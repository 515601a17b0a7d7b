"""Which Kaltura session (KS) requests are sent with, as configured.

Contract: `sessions` makes the account's source of sessions, one for all destinations, and says which file it depends
on; `login` makes what starts sessions, for `doctor`. `KeptSession` is the source for a session that somebody keeps in
a file; `SessionWatch` has delivery try at once when a file has changed, for what is held is retried slowly.
Rules: a token, a secret or a session is in no log line and no status.
Reasons: kaltura.md section 2.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

import structlog

from agent.config.kaltura import Kaltura
from agent.config.session import Session, SessionMode
from agent.kernel.instants import Clock
from agent.kernel.verdict import Held, Later
from agent.runtime.clock import boottime
from agent.runtime.logs import hide
from agent.runtime.secretfile import KeptSecret, Signature, signature
from agent.sinks.http.client import Wire
from agent.sinks.kaltura.door import Door, SecretLogin, TokenLogin
from agent.sinks.kaltura.login import Digest, Login, Wanted
from agent.sinks.kaltura.login import Session as NewSession
from agent.sinks.kaltura.sessions import NoSession, SessionSource, SessionState, SessionStatus
from agent.sinks.kaltura.started import RefusedEarly, RenewalFails, SessionNews, Started, StartedSessions

log = structlog.get_logger()

LOOK_EVERY_S = 2.0

SECRET_DOUBT = "the account's secret is on this machine, and whoever reads it may do anything in the account"
SECRET_REMEDY = 'Make an app token for this device and use mode = "app-token"; a secret belongs on servers only.'


class SessionWatch:
    """Looks at the file every `LOOK_EVERY_S` seconds; `look` is told the boot-time second."""

    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self._path = path
        self._changed = changed
        self._due = 0.0
        self._seen = self._signature()

    def look(self, now: float) -> None:
        """Call `changed` where another file stands there than at the last look."""
        if now < self._due:
            return
        self._due = now + LOOK_EVERY_S
        found = self._signature()
        if found != self._seen:
            self._seen = found
            self._changed()

    def _signature(self) -> Signature | None:
        try:
            return signature(self._path)
        except OSError:
            return None


REFUSED_FOR_S: Final = 420.0
"""A kept session is called refused for so long after the last time: a held queue tries it again within six minutes
(delivery/patience.py), and one that has been let in since is refused no more."""


class KeptSession:
    """The session in a file: a `SessionSource`.

    An event that is sent with an old session is refused and waits; one that is sent without would count for nobody, so
    where there never was one, nothing is sent either.
    """

    def __init__(self, path: Path, now: Callable[[], float] = boottime) -> None:
        self._kept = KeptSecret(path, "kaltura.session.ks_file")
        self._now = now
        self._lock = threading.Lock()
        self._refused: tuple[str, float] | None = None

    def current(self) -> str | Later | Held:
        """What the file holds. A session that was refused is tried again, slowly: it may have been let in since."""
        return self._kept.read()

    def refused(self, ks: str) -> bool:
        """Whether somebody has put another one there meanwhile."""
        found = self._kept.read()
        with self._lock:
            self._refused = (ks, self._now())
        return found != ks and not isinstance(found, Held)

    def status(self) -> SessionStatus:
        """How it stands; when it ends nobody knows, a session is opaque to its holder."""
        found = self._kept.read()
        mode = SessionMode.KS_FILE.value
        if isinstance(found, Held):
            return SessionStatus(mode, SessionState.MISSING, text=found.text)
        refused, at = self._refused or (None, 0.0)
        if found == refused and self._now() - at < REFUSED_FOR_S:
            text = "the session in the file was refused; put a new one there"
            return SessionStatus(mode, SessionState.REFUSED, text=text)
        return SessionStatus(mode, SessionState.FRESH)

    def close(self) -> None:
        """There is nothing to drop."""


@dataclass(frozen=True, slots=True)
class Sessions:
    """The account's `source` of sessions. `file`: what it depends on; `forget`: what to do when that has changed."""

    source: SessionSource
    file: Path | None = None
    forget: Callable[[], None] = lambda: None

    def watch(self, kick: Callable[[], None]) -> Callable[[float], None]:
        """For the main loop's housekeeping: `kick` has delivery try at once. Never waits for the network."""
        if self.file is None:
            return lambda _: None

        def changed() -> None:
            self.forget()
            kick()

        return SessionWatch(self.file, changed).look


def sessions(kaltura: Kaltura, wire_for: Callable[[], Wire], clock: Clock, *, chance: Callable[[], float]) -> Sessions:
    """As `[kaltura.session]` says. `wire_for` makes a wire for logins alone: they run on any destination's thread."""
    settings = kaltura.session
    file = secret_file(settings)
    if settings.mode is SessionMode.NONE or file is None:
        return Sessions(NoSession())
    if settings.mode is SessionMode.KS_FILE:
        return Sessions(KeptSession(file), file)
    if settings.mode is SessionMode.SECRET:
        log.warning(SECRET_DOUBT, remedy=SECRET_REMEDY)
    wire = wire_for()
    source = StartedSessions(
        settings.mode.value,
        login(kaltura, wire),
        now=lambda: clock.now().boottime,
        chance=chance,
        tell=tell,
        close=wire.close,
    )
    return Sessions(source, file, source.forget)


def login(kaltura: Kaltura, wire: Wire) -> Login:
    """What starts a session. Only for the modes that start any."""
    settings = kaltura.session
    door = Door(wire, kaltura.service_url or "", kaltura.client_version)
    wanted = Wanted(
        partner_id=kaltura.partner_id or 0,
        lifetime=settings.lifetime_s,
        user_id=settings.user_id or kaltura.user_id,
        app_id=settings.app_id,
        privileges=settings.privileges,
    )
    kept = KeptSecret(Path(secret_file(settings) or ""), f"kaltura.session.{_SETTINGS[settings.mode]}")
    if settings.mode is SessionMode.SECRET:
        return _hiding(SecretLogin(door, wanted, secret=kept.read))
    digest = Digest[settings.app_token_hash.name]
    token_id = settings.app_token_id or ""
    return _hiding(TokenLogin(door, wanted, token_id=token_id, digest=digest, token=kept.read))


def _hiding(start: Login) -> Login:
    """`start`, with the log told which session it must not show: not every server's look alike."""

    def hidden() -> NewSession | Later | Held:
        found = start()
        if isinstance(found, NewSession):
            hide(found.ks)
        return found

    return hidden


_SETTINGS = {
    SessionMode.KS_FILE: "ks_file",
    SessionMode.APP_TOKEN: "app_token_file",
    SessionMode.SECRET: "secret_file",
}


def secret_file(settings: Session) -> Path | None:
    """The file that holds what the mode needs; None where it needs none."""
    name = _SETTINGS.get(settings.mode)
    value = None if name is None else getattr(settings, name)
    return None if value is None else Path(value)


def tell(news: SessionNews) -> None:
    """One line for what is worth one. That none can be had is told by delivery, which waits for it."""
    match news:
        case Started(number=1, life=life):
            log.info("session started", lives_s=round(life))
        case Started(number=number, life=life):
            log.debug("session renewed", number=number, lives_s=round(life))
        case RenewalFails(text=text, left=left):
            log.warning("session cannot be renewed yet, the old one stays in use", left_s=round(left), error=text)
        case RefusedEarly(age=age):
            log.warning("session refused before its end, another is started", age_s=round(age))
        case _:
            assert_never(news)
