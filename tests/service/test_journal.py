"""The journal's native protocol, as a socket of its kind hears it."""

import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.service.journal import Journal, encoded, fields, is_journal, message, priority


@pytest.fixture
def journald(tmp_path: Path) -> Iterator[socket.socket]:
    """A socket as systemd-journald has one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "socket"))
        server.settimeout(10)
        yield server


def parsed(datagram: bytes) -> dict[str, str]:
    """A datagram, read as systemd's protocol says."""
    found = {}
    while datagram:
        head, _, rest = datagram.partition(b"\n")
        name, equals, value = head.partition(b"=")
        if not equals:
            (size,) = struct.unpack("<Q", rest[:8])
            value, rest = rest[8 : 8 + size], rest[8 + size :]
            assert rest[:1] == b"\n"
            rest = rest[1:]
        found[name.decode()] = value.decode()
        datagram = rest
    return found


def test_entry_arrives_with_its_fields(journald: socket.socket, tmp_path: Path) -> None:
    """journalctl KIOSK_SINK=stats.collect -p warning must find it."""
    entry = {"event": "outage", "level": "warning", "timestamp": "x", "sink": "stats.collect", "tries": 3, "k-y": None}
    assert Journal(str(tmp_path / "socket")).send(fields(entry))
    assert {
        "MESSAGE": "outage sink=stats.collect tries=3 k-y=null",
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "kiosk-agent",
        "KIOSK_EVENT": "outage",
        "KIOSK_SINK": "stats.collect",
        "KIOSK_TRIES": "3",
        "KIOSK_K_Y": "null",
    } == parsed(journald.recv(65_536))


def test_value_of_several_lines_cannot_forge_a_field() -> None:
    """A server's answer that has a newline and PRIORITY=0 in it."""
    entry = {"event": "crash", "level": "critical", "text": "a\nPRIORITY=0", "exception": "Traceback\n  boom"}
    found = parsed(encoded(fields(entry)))
    assert ("2", "a\nPRIORITY=0") == (found["PRIORITY"], found["KIOSK_TEXT"])
    assert 'crash text="a\\nPRIORITY=0"\nTraceback\n  boom' == found["MESSAGE"]


def test_names_are_what_journald_takes() -> None:
    """It drops fields whose names are too long or odd, without a word."""
    (name,) = [name for name in fields({"event": "e", "level": "info", "ä" * 99: 1}) if name.startswith("KIOSK__")]
    assert (64, True) == (len(name), name.isascii())


def test_levels_are_syslogs() -> None:
    """A monitor that asks for errors must not get the news."""
    assert [7, 6, 4, 3, 2, 6] == [priority(each) for each in ("debug", "info", "warning", "error", "critical", "?")]


def test_text_that_is_no_unicode_is_sent_all_the_same() -> None:
    """A file name of another decade."""
    assert "caf?" == parsed(encoded({"KIOSK_URI": "caf\udce9"}))["KIOSK_URI"]
    assert "e" == message({"event": "e"})


def test_journal_that_is_away_or_busy_or_asked_too_much_says_no(journald: socket.socket, tmp_path: Path) -> None:
    """The caller writes to standard error then: a line more late than never."""
    assert not Journal(str(tmp_path / "nobody")).send({"MESSAGE": "x"})
    journal = Journal(str(tmp_path / "socket"))
    assert not journal.send({"MESSAGE": "x" * 4_000_000})
    sent = 0
    while journal.send({"MESSAGE": "x"}):
        sent += 1
        assert sent < 100_000, "a queue that is never full"


def test_only_the_stream_that_systemd_made_is_the_journal(tmp_path: Path) -> None:
    """The variable is inherited by whatever a service starts, with another standard error."""
    with (tmp_path / "file").open("w") as file:
        status = os.fstat(file.fileno())
        right = {"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"}
        assert is_journal(right, file.fileno())
        assert not is_journal({"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino + 1}"}, file.fileno())
        assert not is_journal({"JOURNAL_STREAM": "nonsense"}, file.fileno())
        assert not is_journal({}, file.fileno())
    assert not is_journal(right, 99_999)
