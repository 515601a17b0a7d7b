"""Makes a machine into a golden image: nothing stays in it that makes a device this one and no other.

Contract: `inspect` says what there is to lose; `prepare` removes it and says what it did. Raises OSError.
Rules: the store's lock is held meanwhile, so that no agent starts in between, and the lock's file goes last. What is
durable on the card stays a whole store until it is gone: the files go one by one, the store's own first. The folder
itself stays, for it may be a partition. Secrets stay, and are named: whether every copy may log in with them is not
ours to decide.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.config.files import read_layer
from agent.config.problems import ConfigurationError
from agent.outbox.connection import STORE_NAME
from agent.outbox.errors import StoreBusy, StoreError
from agent.outbox.lock import LOCK_NAME, Lock
from agent.outbox.visiting import visit
from agent.runtime.setup import files
from agent.runtime.setup.draft import DEVICE_ID, Draft
from agent.runtime.setup.places import Places
from agent.runtime.setup.writing import config_text

_MACHINE_ID: Final = "etc/machine-id"
# Made by dbus where systemd does not: usually a link to the other.
_DBUS_ID: Final = "var/lib/dbus/machine-id"
# A file system's own folder at the top of a partition.
_KEPT: Final = frozenset({"lost+found"})


@dataclass(frozen=True, slots=True)
class Busy:
    """An agent, or a command, has the store; `why`, in words."""

    why: str


@dataclass(frozen=True, slots=True)
class Stock:
    """What the store holds. `unsent`: events that some destination waits for; `letters`: refused ones that are kept.

    `broken`: why nobody can say; None where the numbers are right.
    """

    unsent: int = 0
    letters: int = 0
    broken: str | None = None

    @property
    def is_empty(self) -> bool:
        return not self.unsent and not self.letters and self.broken is None


def inspect(places: Places) -> Stock | Busy:
    """What would be lost."""
    if not (places.state / STORE_NAME).exists():
        return Stock()
    try:
        outbox = visit(places.state)
    except StoreBusy as error:
        return Busy(str(error))
    except StoreError as error:
        return Stock(broken=str(error))
    try:
        sinks = outbox.statistics().sinks
        return Stock(max((sink.depth for sink in sinks), default=0), sum(sink.dead_letters for sink in sinks))
    except StoreError as error:
        return Stock(broken=str(error))
    finally:
        outbox.close()


def prepare(places: Places) -> list[str] | Busy:
    """Remove everything, and say what was removed."""
    try:
        return [*_without_state(places), *_without_id(places), *_without_machine(places), *_secrets(places)]
    except StoreBusy as error:
        return Busy(str(error))


def _without_state(places: Places) -> Iterator[str]:
    if not places.state.is_dir():
        return
    lock = Lock.take(places.state)
    try:
        names = sorted(path.name for path in places.state.iterdir())
        removed = [name for name in names if name not in _KEPT and name != LOCK_NAME]
        for name in sorted(removed, key=lambda name: not name.startswith(STORE_NAME)):
            _remove(places.state / name)
        (places.state / LOCK_NAME).unlink()
        files.sync_folder(places.state)
    finally:
        lock.release()
    if removed:
        yield f"emptied {places.state} ({', '.join(removed)})"


def _without_id(places: Places) -> Iterator[str]:
    try:
        draft = Draft(read_layer(places.config).tree)
    except ConfigurationError as error:
        if places.config.exists():
            yield f"left {places.config} alone, since it cannot be read: {error.problems[0]}"
        return
    for old in (places.config.with_name(places.config.name + suffix) for suffix in (".bak", ".new")):
        if old.exists():
            old.unlink()
            yield f"removed {old}"
    device_id = draft.value(DEVICE_ID)
    if device_id is None:
        return
    text = config_text(draft.with_value(DEVICE_ID, None).tree)
    files.install(places.config, text.encode(), mode=files.CONFIG_MODE, group=files.agents_group())
    yield f"removed device.id ({device_id}) from {places.config}: each copy makes one of its machine"


def _without_machine(places: Places) -> Iterator[str]:
    path, other = places.root / _MACHINE_ID, places.root / _DBUS_ID
    if path.exists() and path.stat().st_size:
        # Emptied and not removed: systemd makes a new one at the next boot, on a read-only system too.
        with path.open("r+b") as file:
            file.truncate(0)
            os.fsync(file.fileno())
        files.sync_folder(path.parent)
        yield f"emptied {path}: each copy gets its own at its first boot"
    if other.is_file() and not other.is_symlink():
        other.unlink()
        files.sync_folder(other.parent)
        yield f"removed {other}"


def _secrets(places: Places) -> Iterator[str]:
    if places.secrets.is_dir() and (names := sorted(path.name for path in places.secrets.iterdir())):
        yield f"left the secrets in {places.secrets} ({', '.join(names)}): every copy will log in with them"


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
