"""The memory of commands, so that each is executed once.

Contract: `Deeds(path)` reads what earlier processes left, and never raises for what it finds; `note` knows a deed for
this process, `save` makes all that was noted durable, or raises OSError.
Rules: a command is saved as begun before it is acknowledged and executed, and with its answer before that is published.
One that an earlier process had begun and not answered has failed: it may have been done, so it is not repeated. A file
that cannot be read is set aside; `damage` says so. At most `KEPT_AT_MOST` are known: the oldest answered go first.
Reasons: the broker gives what was not acknowledged again, and an operator's program sends again what was not answered;
both happen within days, and no fleet sends a device hundreds of commands meanwhile. The bound is a number and no age,
since a clock that is not set would forget at random.
"""

import base64
import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.remote import durable
from agent.remote.answers import Address, Status

FILE_NAME = "commands.json"
# 200 take some 50 kB, written twice a command.
KEPT_AT_MOST = 200
# Far more than 200 of the longest ones: what is larger is not ours.
_LARGEST_BYTES = 1024 * 1024
# A longer one is cut where it is kept; it was published whole.
_LONGEST_REASON = 300
INTERRUPTED = "interrupted by a restart of the agent; not repeated"


@dataclass(frozen=True, slots=True)
class Deed:
    """A command that was taken, and what became of it. `told`: the answer has gone out, as far as we know."""

    id: str
    name: str
    address: Address
    status: Status
    reason: str | None = None
    told: bool = False


class Deeds:
    """The file at `path`. `damage`: what was wrong with it, None where nothing was. `is_unsaved`: `save` is due."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._deeds: dict[str, Deed] = {}
        self.damage: str | None = None
        self.is_unsaved = False
        self._read()

    def find(self, id: str) -> Deed | None:
        """What is known of the command."""
        return self._deeds.get(id)

    @property
    def untold(self) -> tuple[Deed, ...]:
        """Those with a final answer that has not gone out."""
        return tuple(deed for deed in self._deeds.values() if deed.status is not Status.ACCEPTED and not deed.told)

    def note(self, deed: Deed) -> None:
        """Know it in this process; `save` makes it durable."""
        self.is_unsaved = True
        self._deeds.pop(deed.id, None)
        self._deeds[deed.id] = deed
        answered = [each.id for each in self._deeds.values() if each.status is not Status.ACCEPTED]
        for id in answered[: max(len(self._deeds) - KEPT_AT_MOST, 0)]:
            del self._deeds[id]

    def save(self) -> None:
        """Make durable what was noted. Raises OSError: an earlier state then stands in the file."""
        durable.write(self._path, _written(self._deeds.values()))
        self.is_unsaved = False

    def note_told(self, id: str, *, told: bool) -> None:
        """The answer has gone out, or was perhaps lost; saved with whatever comes next, to spare the card."""
        deed = self._deeds.get(id)
        if deed is not None:
            self._deeds[id] = replace(deed, told=told)

    def _read(self) -> None:
        try:
            with self._path.open("rb") as file:
                content = file.read(_LARGEST_BYTES + 1)
        except FileNotFoundError:
            return
        except OSError as error:
            self.damage = f"cannot be read: {error.strerror}"
            return
        try:
            if len(content) > _LARGEST_BYTES:
                raise ValueError(f"it has more than {_LARGEST_BYTES} bytes")
            for each in json.loads(content)["commands"]:
                deed = _deed(each)
                begun = deed.status is Status.ACCEPTED
                failed = replace(deed, status=Status.FAILED, reason=INTERRUPTED, told=False)
                self._deeds[deed.id] = failed if begun else deed
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            self._deeds.clear()
            self.damage = f"damaged ({type(error).__name__}), set aside"
            with suppress(OSError):
                self._path.replace(self._path.with_name(f"{FILE_NAME}.damaged"))


def _deed(tree: Mapping[str, Any]) -> Deed:
    """One of them; raises ValueError, KeyError or TypeError."""
    id, name, topic, reason, told = (tree[key] for key in ("id", "command", "topic", "reason", "told"))
    if not all(isinstance(text, str) for text in (id, name, topic)) or not isinstance(reason, str | None):
        raise ValueError("no text")
    correlation = None if tree["correlation"] is None else base64.b64decode(tree["correlation"], validate=True)
    return Deed(id, name, Address(topic, correlation), Status(tree["status"]), reason, told is True)


def _written(deeds: Iterable[Deed]) -> bytes:
    trees = [
        {
            "id": deed.id,
            "command": deed.name,
            "topic": deed.address.topic,
            "correlation": None
            if deed.address.correlation is None
            else base64.b64encode(deed.address.correlation).decode("ascii"),
            "status": deed.status.value,
            "reason": None if deed.reason is None else deed.reason[:_LONGEST_REASON],
            "told": deed.told,
        }
        for deed in deeds
    ]
    return json.dumps({"v": 1, "commands": trees}, separators=(",", ":")).encode("ascii")
