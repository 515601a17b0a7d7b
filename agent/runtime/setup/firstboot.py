"""Carries in what lies on the boot partition, with nobody there to ask: the deed of kiosk-agent-firstboot.service.

Contract: `carry_in` answers how it ended and what there is to say, for the journal; the same stands in a file on the
partition, for whoever puts the card into a PC. It raises nothing that a card or a file can cause.
Rules: a configuration that the agent would refuse is not written, and everything stays on the partition. Services that
do not answer keep nothing from being carried in: at a first boot there may be no network yet, and the agent waits
better than we do. No secret stands in a line. The service is not waited for, since it is ordered after us.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

import attrs

from agent.config.files import Loaded
from agent.kernel.release import VERSION
from agent.runtime import logs
from agent.runtime.clock import SystemClock
from agent.runtime.setup import boot
from agent.runtime.setup.applying import apply, existing, known
from agent.runtime.setup.boot import Found, Taken
from agent.runtime.setup.checking import examine, judge, staged
from agent.runtime.setup.places import Places
from agent.runtime.setup.service import Service

# Without a network each of some five questions may take this long, and the screen waits for the last of them.
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


def carry_in(places: Places, *, checks: bool = True, start: bool = True) -> Account:
    """Do all of it. `checks`: ask the services too. `start`: enable and start the service."""
    found = boot.find(places.boots)
    if found is None:
        return Account(End.NOTHING, ("Nothing for kiosk-agent lies on the boot partition.",))
    try:
        account = _carried(found, places, checks=checks, start=start)
    except OSError as error:
        account = Account(End.FAILED, (f"fail: {error.filename or found.folder}: {error.strerror}",))
    account = Account(account.end, tuple(logs.without_secrets(line) for line in account.lines))
    try:
        boot.write_log(found.folder, [*_head(account.end), *account.lines])
    except OSError as error:
        missing = f"warn: {found.folder / boot.LOG_NAME} cannot be written: {error.strerror}"
        return Account(account.end, (*account.lines, missing))
    return account


def _carried(found: Found, places: Places, *, checks: bool, start: bool) -> Account:
    there = existing(places)
    taken = boot.take(found, there.draft)
    if isinstance(taken, list):
        return Account(End.REFUSED, tuple(f"fail: {text}" for text in taken))
    for secret in taken.draft.secrets.values():
        logs.hide(secret)
    lines = [f"from {found.folder}", *(f"warn: {text}" for text in there.doubts)]
    with staged(taken.draft, places) as folder:
        judged = judge(taken.draft, places, folder, name=taken.layer.name, lines=taken.layer.lines)
        lines += [_line(each.level.value, each.subject, each.text, each.remedy) for each in judged.findings]
        if judged.loaded is None:
            return Account(End.REFUSED, (*lines, "Nothing was changed, and everything is still on the card."))
    lines += apply(taken.draft, places)
    end = _cleaned(taken, found, lines)
    if start:
        lines += _started(Service(places))
    if checks:
        # The secrets are in their place by now.
        with staged(known(taken.draft, places), places) as folder:
            again = judge(taken.draft, places, folder).loaded
            lines += _services(again, places) if again is not None else ()
    return Account(end, tuple(lines))


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


def _services(loaded: Loaded, places: Places) -> Iterator[str]:
    for each in examine(_impatient(loaded), places.state, is_new_broker=True):
        yield _line(each.level.value, each.subject, each.text, each.remedy)


def _impatient(loaded: Loaded) -> Loaded:
    settings = loaded.settings
    kaltura = attrs.evolve(
        settings.kaltura, connect_timeout_s=_PATIENCE_S, read_timeout_s=_PATIENCE_S, total_timeout_s=_WHOLE_S
    )
    return Loaded(attrs.evolve(settings, kaltura=kaltura), loaded.merged, loaded.warnings)


def _line(level: str, subject: str, text: str, remedy: str | None) -> str:
    return f"{level}: {subject}: {text}" + (f" -> {remedy}" if remedy else "")


def _head(end: End) -> Iterator[str]:
    wall = SystemClock().now().wall
    yield f"kiosk-agent {VERSION} setup: {end.value}"
    try:
        yield f"at {datetime.fromtimestamp(wall, UTC):%Y-%m-%d %H:%M:%S} UTC, as this machine's clock says"
    except (OverflowError, ValueError, OSError):
        yield "at a time that this machine's clock cannot say"
