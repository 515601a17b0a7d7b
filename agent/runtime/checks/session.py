"""Can a Kaltura session be had? One is started as the agent would, and dies by itself.

Contract: findings; the session itself is shown nowhere. In mode "ks-file" nothing is asked: a session is opaque to its
holder, and what asks for its details is forbidden to a device (kaltura.md section 2).
Rules: an account's secret on this machine is doubtful even where it works.
"""

import datetime
from collections.abc import Callable, Iterator
from typing import Final, assert_never

from agent.config.kaltura import Kaltura
from agent.config.session import SessionMode
from agent.kernel.verdict import Cause, Held, Later
from agent.runtime.checks.finding import Finding, fail, ok, warn
from agent.runtime.checks.machine import CLOCK_REMEDY
from agent.runtime.session import SECRET_DOUBT, SECRET_REMEDY, KeptSession, login, secret_file
from agent.sinks.http.client import Wire
from agent.sinks.kaltura.login import Session

SUBJECT: Final = "session"

_REMEDIES: Final = {
    Cause.SESSION: "Correct [kaltura.session], or have whoever manages the account make a new app token.",
    Cause.CONFIGURATION: "Correct [kaltura.session] and kaltura.service_url, or ask for the right to start sessions.",
    Cause.THROTTLED: "Wait; events are kept meanwhile.",
    Cause.CLOCK: CLOCK_REMEDY,
}
_REMEDY: Final = "Get the collector's line in order first; events are kept meanwhile."


def session(kaltura: Kaltura, wire_for: Callable[[], Wire]) -> Iterator[Finding]:
    """What `[kaltura.session]` gives. Nothing to say where none is wanted."""
    settings = kaltura.session
    file = secret_file(settings)
    match settings.mode:
        case SessionMode.NONE:
            return
        case SessionMode.KS_FILE:
            found = KeptSession(file).current() if file is not None else None
            if isinstance(found, str):
                yield ok(SUBJECT, "kept by somebody in ks_file; whether it is good shows when an event is sent")
            elif found is not None:
                yield fail(SUBJECT, found.text, "Check the path, and that the agent's user may read the file.")
        case SessionMode.APP_TOKEN | SessionMode.SECRET:
            if settings.mode is SessionMode.SECRET:
                yield warn(SUBJECT, SECRET_DOUBT, SECRET_REMEDY)
            wire = wire_for()
            try:
                yield from _started(login(kaltura, wire)(), kaltura)
            finally:
                wire.close()
        case _:
            assert_never(settings.mode)


def _started(found: Session | Later | Held, kaltura: Kaltura) -> Iterator[Finding]:
    if isinstance(found, Held):
        yield fail(SUBJECT, found.text, _REMEDIES.get(found.cause, _REMEDY))
    elif isinstance(found, Later):
        yield warn(SUBJECT, found.text, _REMEDIES.get(found.cause, _REMEDY))
    else:
        yield ok(SUBJECT, f'started with mode = "{kaltura.session.mode.value}"; {_end(found)}')
        app_id = kaltura.session.app_id
        if app_id and found.privileges is not None and f"appId:{app_id}" not in found.privileges.split(","):
            yield warn(
                SUBJECT,
                f"the app token does not give the privilege appId:{app_id}, so reports will not show {app_id}",
                f"Make the app token with sessionPrivileges=appId:{app_id}; a device cannot add it.",
            )


def _end(found: Session) -> str:
    lives = f"lives {datetime.timedelta(seconds=round(found.life))}"
    if found.expires is None:
        return f"{lives} (as asked; the service's answers have no Date)"
    end = datetime.datetime.fromtimestamp(found.expires, datetime.UTC)
    return f"{lives}, until {end:%Y-%m-%d %H:%M:%S} UTC by the service's clock"
