"""Running a program under the recorder, and reading what it did.

Contract: `library` compiles recorder.c once a run of the tests; `environment` is what a program needs to be recorded or
killed; `read` gives the operations of a log in the order in which they happened, with files told apart by number.
Rules: a file keeps its number through renames, as an inode does; a name that is made again is another file.
"""

import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).with_name("recorder.c")
COMPILER = shutil.which("gcc")
WHY_SKIPPED = "gcc is missing: the recorder cannot be compiled"
MARKS = ".marks"
"""What a program writes to this file of its folder is a mark in the log and no data."""

_HEAD = struct.Struct("<IIiqHHH")
_KINDS = (
    "open",
    "write",
    "truncate",
    "allocate",
    "sync",
    "datasync",
    "unlink",
    "rename",
    "link",
    "close",
    "mkdir",
    "send",
    "recv",
)


@dataclass(frozen=True, slots=True)
class Write:
    """Bytes went into a file."""

    file: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Resize:
    """A file got this size; `grows_only`: unless it was larger."""

    file: int
    size: int
    grows_only: bool = False


@dataclass(frozen=True, slots=True)
class Sync:
    """What was written to a file is durable."""

    file: int


@dataclass(frozen=True, slots=True)
class SyncFolder:
    """The names in a folder are durable."""

    folder: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Names change: `gone` is no name any more, `made` names `file`; an empty one: nothing of that kind."""

    gone: str
    made: str
    file: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that the program said (`said`) or heard; `channel`: "mark", or the process, descriptor and peer."""

    channel: str
    said: bool
    data: bytes


Operation = Write | Resize | Sync | SyncFolder | Rename | Mark


@dataclass(frozen=True, slots=True)
class Recording:
    """`before`: the durable files at the start, by name; their numbers are their places. `names`: each file's first."""

    before: Mapping[str, bytes]
    operations: tuple[Operation, ...]
    names: tuple[str, ...]


@cache
def library() -> Path:
    """The compiled recorder."""
    assert COMPILER is not None, WHY_SKIPPED
    made = Path(tempfile.mkdtemp(prefix="kiosk-recorder-")) / "recorder.so"
    subprocess.run([COMPILER, "-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", made, SOURCE], check=True)
    return made


def environment(folder: Path, *, log: Path | None = None, sockets: bool = False, kill: str = "") -> dict[str, str]:
    """The variables under which a program is recorded into `log`, and killed at the step `kill` (see recorder.c)."""
    made = {**os.environ, "LD_PRELOAD": str(library()), "CRASH_FOLDER": str(folder), "CRASH_KILL": kill}
    if log is not None:
        made["CRASH_LOG"] = str(log)
    if sockets:
        made["CRASH_SOCKETS"] = "1"
    return made


def contents(folder: Path) -> dict[str, bytes]:
    """The files below `folder` by name; sockets and the index of the WAL are none."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.endswith("-shm"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def read(log: Path, folder: Path, before: Mapping[str, bytes]) -> Recording:
    """What happened in `folder`, where `before` was."""
    reader = _Reader(str(folder.resolve()), before)
    operations = tuple(reader.operations(log.read_bytes()))
    return Recording(before, operations, tuple(reader.names))


class _Reader:
    def __init__(self, folder: str, before: Mapping[str, bytes]) -> None:
        self._folder = folder
        self.names = list(before)
        self._files = {name: number for number, name in enumerate(before)}
        self._open: dict[tuple[int, int], str | int] = {}

    def operations(self, log: bytes) -> Iterator[Operation]:
        at = 0
        # A record that a kill cut off is missing its end.
        while at + _HEAD.size <= len(log):
            length, pid, descriptor, number, kind, one, two = _HEAD.unpack_from(log, at)
            if at + length > len(log):
                return
            names = at + _HEAD.size
            first = log[names : names + one].decode()
            second = log[names + one : names + one + two].decode()
            data = log[names + one + two : at + length]
            at += length
            yield from self._one(_KINDS[kind], (pid, descriptor), number, first, second, data)

    def _one(
        self, kind: str, key: tuple[int, int], number: int, first: str, second: str, data: bytes
    ) -> Iterator[Operation]:
        match kind:
            case "open":
                yield from self._opened(key, self._name(first), number)
            case "close":
                self._open.pop(key, None)
            case "send" | "recv":
                yield Mark(f"{key[0]} {key[1]} {first}", kind == "send", data)
            case "unlink":
                name = self._name(first)
                if name in self._files:
                    yield Rename(name, "", self._files.pop(name))
            case "rename":
                old, new = self._name(first), self._name(second)
                if old in self._files:
                    self._files[new] = self._files.pop(old)
                    yield Rename(old, new, self._files[new])
            case "link":
                self._files[self._name(second)] = self._files[self._name(first)]
                yield Rename("", self._name(second), self._files[self._name(first)])
            case "mkdir":
                return
            case _:
                yield from self._on_descriptor(kind, key, number, data)

    def _opened(self, key: tuple[int, int], name: str, flags: int) -> Iterator[Operation]:
        if flags & os.O_DIRECTORY or name in ("", "."):
            self._open[key] = name
            return
        if name not in self._files:
            if not flags & os.O_CREAT:
                # A folder that SQLite opens to make it durable.
                self._open[key] = name
                return
            self._files[name] = len(self.names)
            self.names.append(name)
            if name != MARKS:
                yield Rename("", name, self._files[name])
        elif flags & os.O_TRUNC:
            yield Resize(self._files[name], 0)
        self._open[key] = self._files[name]

    def _on_descriptor(self, kind: str, key: tuple[int, int], number: int, data: bytes) -> Iterator[Operation]:
        file = self._open[key]
        match kind, file:
            case ("sync" | "datasync", str()):
                yield SyncFolder(file)
            case ("write", int()) if self.names[file] == MARKS:
                yield Mark("mark", True, data)
            case ("write", int()):
                yield Write(file, number, data)
            case ("truncate" | "allocate", int()):
                yield Resize(file, number, kind == "allocate")
            case ("sync" | "datasync", int()):
                yield Sync(file)
            case _:
                raise AssertionError(f"{kind} on {file}")

    def _name(self, path: str) -> str:
        return os.path.relpath(path, self._folder) if path != self._folder else ""
