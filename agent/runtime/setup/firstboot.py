"""Carries in what lies on the boot partition, with nobody there to ask: the deed of kiosk-agent-firstboot.service.

Contract: `carry_in` answers how it ended and what there is to say, for the journal; the same stands in a file on the
partition, for whoever puts the card into a PC. It raises nothing that a card or a file can cause.
Rules: a configuration that the agent would refuse is not written, and everything stays on the partition. Services that
do not answer keep nothing from being carried in: at a first boot there may be no network yet, and the agent waits
better than we do. No secret stands in a line. The service is not waited for, since it is ordered after us: `ready` lets
it go, and the services are asked afterwards: the partition tells whether the token was right, and no screen waits.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

import attrs

from agent.config.files import Loaded
from agent.kernel.release import VERSION
from agent.runtime import logs
from agent.runtime.checks.finding import Finding, Level
from agent.runtime.clock import SystemClock
from agent.runtime.setup import boot
from agent.runtime.setup.applying import apply, existing, known
from agent.runtime.setup.boot import Found, Taken
from agent.runtime.setup.checking import examine, judge, staged
from agent.runtime.setup.draft import Draft
from agent.runtime.setup.places import Places
from agent.runtime.setup.service import Service

AGAIN_S: Final = 10.0
# Without a network each of some five questions may take this long.
_PATIENCE_S: Final = 5.0
_WHOLE_S: Final = 10.0


class End(Enum):
    """How it ended. NOTHING: there was nothing to do. REFUSED: nothing was changed. FAILED: something went wrong."""

    NOTHING = "nothing"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Account:
    """`lines`: what there is to say, without secrets."""

    end: End
    lines: tuple[str, ...]


def carry_in(
    places: Places,
    *,
    checks: bool = True,
    start: bool = True,
    ready: Callable[[], object] = lambda: None,
    patience_s: float = 0.0,
    sleep: Callable[[float], None] = time.sleep,
) -> Account:
    """Do all of it. `start`: enable and start the service. `checks`: then ask the services too.

    `ready` is called as soon as the kiosk may start. `patience_s`: how long services that fail are asked again.
    """
    found = boot.find(places.boots)
    if found is None:
        ready()
        return Account(End.NOTHING, ("Nothing for kiosk-agent lies on the boot partition.",))
    try:
        account, draft = _carried(found, places, start=start)
    except OSError as error:
        account, draft = Account(End.FAILED, (f"fail: {error.filename or found.folder}: {error.strerror}",)), None
    told = _told(account, found)
    if draft is None:
        return told
    ready()
    if not checks:
        return told
    # The secrets are in their place by now.
    with staged(Draft(), places) as folder:
        loaded = judge(known(Draft(draft.tree), places), places, folder).loaded
    lines = () if loaded is None else _services(loaded, places, start=start, patience_s=patience_s, sleep=sleep)
    return _told(Account(account.end, (*account.lines, *lines)), found)


def _told(account: Account, found: Found) -> Account:
    """The account without secrets, as it stands on the partition by now."""
    account = Account(account.end, tuple(logs.without_secrets(line) for line in account.lines))
    try:
        boot.write_log(found.folder, [*_head(account.end), *account.lines])
    except OSError as error:
        missing = f"warn: {found.folder / boot.LOG_NAME} cannot be written: {error.strerror}"
        return Account(account.end, (*account.lines, missing))
    return account


def _carried(found: Found, places: Places, *, start: bool) -> tuple[Account, Draft | None]:
    """What was done, and the draft that was written; None for one that was not."""
    there = existing(places)
    taken = boot.take(found, there.draft)
    if isinstance(taken, list):
        return Account(End.REFUSED, tuple(f"fail: {text}" for text in taken)), None
    for secret in taken.draft.secrets.values():
        logs.hide(secret)
    lines = [f"from {found.folder}", *(f"warn: {text}" for text in there.doubts)]
    with staged(taken.draft, places) as folder:
        judged = judge(taken.draft, places, folder, name=taken.layer.name, lines=taken.layer.lines)
    lines += [_line(each) for each in judged.findings]
    if judged.loaded is None:
        return Account(End.REFUSED, (*lines, "Nothing was changed, and everything is still on the card.")), None
    lines += apply(taken.draft, places)
    end = _cleaned(taken, found, lines)
    if start:
        lines += _started(Service(places))
    return Account(end, tuple(lines)), taken.draft


def _cleaned(taken: Taken, found: Found, lines: list[str]) -> End:
    try:
        boot.clean(taken, found)
    except OSError as error:
        lines.append(
            f"fail: the boot partition cannot be written ({error.strerror}): the secrets are still on it. Mount it "
            f"read-write and run sudo kiosk-agent setup --from-boot, or delete them by hand: "
            f"{', '.join(str(path) for path in taken.moved)}"
        )
        return End.FAILED
    lines.extend(f"moved {path.name} off the boot partition" for path in taken.moved)
    return End.DONE


def _started(service: Service) -> Iterator[str]:
    if not service.is_managed:
        yield f"no systemd here; start it with: {service.by_hand(service.places.state)}"
        return
    for problem in (service.enable(), service.start_later()):
        if problem is not None:
            yield f"fail: {problem}"


def _services(
    loaded: Loaded, places: Places, *, start: bool, patience_s: float, sleep: Callable[[float], None]
) -> list[str]:
    """What the services say, as soon as none of them fails, or when the time is over: a network comes when it comes."""
    left = patience_s
    while True:
        # A service that was started has its connection to the broker, and may be asked for it.
        findings = list(examine(_impatient(loaded), places.state, is_new_broker=not start))
        if left <= 0 or not any(each.level is Level.FAIL for each in findings):
            return [_line(each) for each in findings]
        sleep(AGAIN_S)
        left -= AGAIN_S


def _impatient(loaded: Loaded) -> Loaded:
    settings = loaded.settings
    kaltura = attrs.evolve(
        settings.kaltura, connect_timeout_s=_PATIENCE_S, read_timeout_s=_PATIENCE_S, total_timeout_s=_WHOLE_S
    )
    return Loaded(attrs.evolve(settings, kaltura=kaltura), loaded.merged, loaded.warnings)


def _line(finding: Finding) -> str:
    remedy = f" -> {finding.remedy}" if finding.remedy else ""
    return f"{finding.level.value}: {finding.subject}: {finding.text}{remedy}"


def _head(end: End) -> Iterator[str]:
    wall = SystemClock().now().wall
    yield f"kiosk-agent {VERSION} setup: {end.value}"
    try:
        yield f"at {datetime.fromtimestamp(wall, UTC):%Y-%m-%d %H:%M:%S} UTC, as this machine's clock says"
    except (OverflowError, ValueError, OSError):
        yield "at a time that this machine's clock cannot say"
