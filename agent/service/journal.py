"""What a service tells systemd's journal: its native protocol, for right priorities and fields to ask for.

Contract: `Journal.send` gives it one entry in one datagram; False where it could not, and the caller then writes to
standard error, which the journal reads too. `is_journal` says whether a descriptor leads there. `fields` makes an entry
of a log line's keys; `priority` is syslog's number.
Rules: never raises, never waits. The log's keys become KIOSK_… fields (`journalctl KIOSK_SINK=stats.collect`), the
message is one line for people, and a traceback stands below it. Only a journal that standard error belongs to is spoken
to: an agent that a person started in a terminal of a service must not write elsewhere.
Reasons: systemd's "Native Journal Protocol"; systemd.exec(5) on $JOURNAL_STREAM. Large entries would need a memfd: what
does not fit a datagram goes the other way, cut by nobody.
"""

import json
import os
import re
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

SOCKET: Final = "/run/systemd/journal/socket"
IDENTIFIER: Final = "kiosk-agent"
_PREFIX: Final = "KIOSK_"
# journald ignores names that are longer, or made of anything else.
_LONGEST_NAME: Final = 64
_ODD = re.compile("[^A-Z0-9_]")
_PRIORITIES: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
# A value that can stand without quotation marks.
_BARE = re.compile(r"[^\s=\"\\\x00-\x1f\x7f]+")
# What a line for people need not repeat: the journal has its own.
_OWN: Final = frozenset({"event", "level", "timestamp", "exception"})


@dataclass(frozen=True, slots=True)
class Journal:
    """journald at its socket `address`. For any thread: a datagram is sent whole or not at all."""

    address: str = SOCKET

    def send(self, fields: Mapping[str, str]) -> bool:
        """One entry. False: the journal is away or busy, or the entry is too large for a datagram."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
                line.setblocking(False)
                line.sendto(encoded(fields), self.address)
        except OSError:
            return False
        return True


def is_journal(environ: Mapping[str, str], descriptor: int) -> bool:
    """Whether `descriptor` is the stream that systemd connected to the journal."""
    device, _, inode = environ.get("JOURNAL_STREAM", "").partition(":")
    with suppress(OSError, ValueError):
        status = os.fstat(descriptor)
        return (status.st_dev, status.st_ino) == (int(device), int(inode))
    return False


def priority(level: str) -> int:
    """syslog's number of a log level."""
    return _PRIORITIES.get(level, 6)


def fields(entry: Mapping[str, Any]) -> dict[str, str]:
    """The journal's fields of a log line, whose values are plain and redacted."""
    found = {
        "MESSAGE": message(entry),
        "PRIORITY": str(priority(str(entry.get("level", "info")))),
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        "KIOSK_EVENT": str(entry.get("event", "")),
    }
    for key, value in entry.items():
        if key not in _OWN:
            found[_name(key)] = _plain(value)
    return found


def message(entry: Mapping[str, Any]) -> str:
    """The line for people: the event, then `key=value`; a traceback below."""
    words = [str(entry.get("event", ""))]
    words += [f"{key}={_quoted(_plain(value))}" for key, value in entry.items() if key not in _OWN]
    line = " ".join(words)
    return f"{line}\n{entry['exception']}" if entry.get("exception") else line


def encoded(fields: Mapping[str, str]) -> bytes:
    """The datagram: `NAME=value`; for a value of several lines its name, its length (64 bit, little endian) and it."""
    datagram = bytearray()
    for name, value in fields.items():
        body = value.encode("utf-8", "replace")
        if b"\n" in body:
            datagram += name.encode("ascii") + b"\n" + struct.pack("<Q", len(body)) + body + b"\n"
        else:
            datagram += name.encode("ascii") + b"=" + body + b"\n"
    return bytes(datagram)


def _name(key: str) -> str:
    return (_PREFIX + _ODD.sub("_", key.upper()))[:_LONGEST_NAME]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _quoted(value: str) -> str:
    return value if _BARE.fullmatch(value) else json.dumps(value, ensure_ascii=False)
