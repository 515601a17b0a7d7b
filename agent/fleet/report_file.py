"""Remembers a collection, so that one that was interrupted goes on.

Contract: `opened` gives the file's slices to whoever counts them, and then keeps what `add` is told, durably, one after
the other. Raises InvalidError where the file is another question's, in use, or none of ours.
Rules: one JSON object a line, the question first, then each slice as it came; so what is kept can be counted again from
nothing, and a slice that stands there twice counts once. A line that a crash cut off is taken out.
Reasons: a fleet's ledgers take hours over bad lines, and an operator's machine is closed in the evening.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from agent.fleet.office import InvalidError
from agent.remote.slices import Slice, slice_of

KIND = "kiosk-fleet report"
# A slice has at most 128 KiB; a line that is longer is none of ours.
_LONGEST_LINE = 4 * 1024 * 1024


class Kept:
    """The open file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def add(self, device: str, found: Slice) -> None:
        """Keep a slice; raises OSError."""
        self._file.write(_line({"device": device, "slice": found.plain()}))
        self._file.flush()
        os.fsync(self._file.fileno())


@contextmanager
def opened(path: Path, question: Mapping[str, Any], count: Callable[[str, Slice], object]) -> Iterator[Kept]:
    """Go on with the collection in `path`, or begin it there."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InvalidError(f"{path} cannot be opened: {_reason(error)}.") from None
    with os.fdopen(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InvalidError(f"{path} is in use by another kiosk-fleet.") from None
        _count(path, file, question, count)
        yield Kept(file)


def _count(path: Path, file: BinaryIO, question: Mapping[str, Any], count: Callable[[str, Slice], object]) -> None:
    """Give what is kept to `count`, and leave the file where the next line goes."""
    head = {"v": 1, "kind": KIND, **question}
    first = file.readline(_LONGEST_LINE)
    if not first.endswith(b"\n"):
        if first and not _line(head).startswith(first):
            raise InvalidError(f"{path} is no file of a report; name another one.")
        file.seek(0)
        file.truncate()
        file.write(_line(head))
        return
    if first != _line(head):
        raise InvalidError(_difference(path, first, head))
    end = file.tell()
    while (line := file.readline(_LONGEST_LINE)).endswith(b"\n"):
        try:
            told = json.loads(line)
            count(str(told["device"]), slice_of(told["slice"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            break
        end = file.tell()
    file.seek(end)
    file.truncate()


def _difference(path: Path, first: bytes, head: Mapping[str, Any]) -> str:
    try:
        there = json.loads(first)
        is_ours = there["kind"] == KIND
    except (ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        return f"{path} is no file of a report; name another one."
    names = [name for name in {**head, **there} if head.get(name) != there.get(name)]
    told = "; ".join(
        f"{name}: {json.dumps(there.get(name))} there, {json.dumps(head.get(name))} here" for name in names
    )
    return f"{path} belongs to another report ({told}). Ask the same again, or name another file."


def _line(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()
