"""What the fleet's side must know after a restart: the desired state, an open trial, the number of starts.

Contract: `Vault.load` always answers; `Vault.save` returns once everything is durable, and raises OSError (what was
there then stands). A document is acknowledged to the broker after that and not before.
Rules: one file in the state folder, written whole, with a checksum; nothing is written where nothing changed, which
spares flash. A file that cannot be read is set aside, never deleted, and the agent says that it runs on the machine's
own file until the broker is heard.
Reasons: agent.remote.durable. The queue's database is another matter: it may be salvaged, this is replaced whole.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.config.layers import Layer
from agent.remote import archive, durable, trial
from agent.remote.desired import Desired, Home, Which
from agent.remote.trial import Trial

NAME = "fleet.json"
VERSION = 1
MOST_BYTES = 64 * 1024 * 1024
"""More than fifty levels (the groups that are wanted, applied and good may differ) with three documents each can take,
where their numbers are written longer than they came. What is larger could be saved and not be read again."""
DAMAGED_KEPT = 5
"""A card that goes bad damages the file again and again; the newest ones tell no more."""


@dataclass(frozen=True, slots=True)
class Stored:
    """`starts`: of the agent, ever. `broken`: why what was stored is not there; None where nothing is amiss."""

    desired: Desired = field(default_factory=lambda: Desired(Home("")))
    trial: Trial | None = None
    starts: int = 0
    broken: str | None = None


class Vault:
    """The file in the state folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._last: bytes | None = None

    def load(self) -> Stored:
        """What was saved last; a fresh one where there is none, or none that can be read."""
        try:
            content = _content(self._path)
            stored = _stored(content)
        except FileNotFoundError:
            return Stored()
        except OSError as error:
            return self._aside(f"cannot be read: {(error.strerror or 'unknown reason').lower()}")
        except ValueError as error:
            return self._aside(str(error))
        self._last = content
        return stored

    def save(self, stored: Stored) -> None:
        """Makes `stored` durable. Raises OSError."""
        content = _dumped(stored)
        if content != self._last:
            # After a failure nobody knows what the disk has.
            self._last = None
            durable.write(self._path, content)
            self._last = content

    def _aside(self, why: str) -> Stored:
        where = next((path for path in self._asides() if not path.exists()), self._asides()[-1])
        kept = f"could not be set aside as {where.name}"
        with suppress(OSError):
            self._path.replace(where)
            kept = f"is kept as {where.name}"
        return Stored(
            broken=f"{NAME} {why}; it {kept}. The machine's file alone counts until the broker's documents are heard."
        )

    def _asides(self) -> list[Path]:
        return [
            self._path.with_name(f"{NAME}.damaged{'' if number == 1 else f'-{number}'}")
            for number in range(1, DAMAGED_KEPT + 1)
        ]


def applied_layers(state_dir: Path) -> list[Layer]:
    """The documents in force, as layers over the machine's file; none where none are stored, or they cannot be read.

    For the command line: nothing is changed. Raises PermissionError where this user may not look.
    """
    try:
        return _stored(_content(state_dir / NAME)).desired.layers_of(Which.APPLIED)
    except PermissionError:
        raise
    except (OSError, ValueError):
        return []


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def _dumped(stored: Stored) -> bytes:
    content = {
        "desired": archive.dump(stored.desired),
        "trial": None if stored.trial is None else trial.dump(stored.trial),
        "starts": stored.starts,
    }
    whole = {"version": VERSION, "checksum": _checksum(content), "content": content}
    return (json.dumps(whole, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _stored(content: bytes) -> Stored:
    """Raises ValueError, with half a sentence."""
    if len(content) > MOST_BYTES:
        raise ValueError("is too large to be the agent's")
    try:
        plain = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("is damaged") from None
    if not isinstance(plain, dict) or not isinstance(plain.get("content"), dict):
        raise ValueError("is not the agent's")
    if plain.get("version") != VERSION:
        raise ValueError("was written by another version of the agent")
    inside = plain["content"]
    if plain.get("checksum") != _checksum(inside):
        raise ValueError("is damaged")
    try:
        on_trial = inside["trial"]
        return Stored(
            archive.load(inside["desired"]), None if on_trial is None else trial.load(on_trial), int(inside["starts"])
        )
    except (ValueError, KeyError, TypeError):
        raise ValueError("does not hold what the agent keeps") from None


def _checksum(content: Any) -> str:
    plain = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(plain.encode(), digest_size=16).hexdigest()
