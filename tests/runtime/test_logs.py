"""Logging: readable, complete, and without secrets."""

import io
import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import pytest
import structlog

from agent.runtime import logs
from agent.runtime.logring import LogRing
from agent.runtime.logs import HIDDEN, KNOWN_AT_MOST, MAX_VALUE, clean, configure, hide

KS = "djJ8MTAyfL9fJk3sZ0hQm2vT_yw-PqA1bC2dE3fG4hI5jK6lM7nO8pQ9rS0tU1vW2xY3z=="
TOKEN = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
PASSWORD = "hunter2"
SECRETS = (KS, TOKEN, PASSWORD)

LEAKY = [
    f"POST /api_v3/service/stats/action/collect?format=1&ks={KS}&event[eventType]=3",
    f"ks={KS}",
    f"tokenHash={TOKEN}",
    f"client_secret='{TOKEN}'",
    f"Session(token='{TOKEN}', user='me')",
    json.dumps({"ks": TOKEN, "id": 1}),
    json.dumps({"body": json.dumps({"token": TOKEN})}),
    str({"password": PASSWORD}),
    f"Authorization: Bearer {TOKEN}",
    f"proxy http://kiosk:{PASSWORD}@proxy.example.org:3128/ refused",
    f"rtsp://:{PASSWORD}@camera.example.org/",
    json.dumps({"code": "INVALID_KS", "message": f'Invalid KS "{TOKEN}", Error "-1,x"', "args": {"KSID": TOKEN}}),
    f"a session in the middle of a sentence: {KS}.",
]


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """A stream that logging writes to; everything as it was afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def entries(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("text", LEAKY)
def test_secret_in_any_dress_is_hidden(text: str) -> None:
    """Logs are mailed to support and shown in dashboards."""
    cleaned = clean(text)
    assert [] == [secret for secret in SECRETS if secret in cleaned]
    assert "***" in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "tracks=3 tasks=4",
        "file:///srv/media/10:30@lobby.mp4",
        "token_file=/etc/kiosk-agent/token",
        'Invalid KS "EXPIRED", Error "-1,x"',
        "http://127.0.0.1:8911/api_v3",
    ],
)
def test_harmless_text_stays_as_it_is(text: str) -> None:
    """A log that hides too much is no help."""
    assert text == clean(text)


def test_known_secret_is_hidden_however_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """An app token is 32 hexadecimal digits, as a media id is; only who read it knows which of them is secret."""
    monkeypatch.setattr(logs, "_known", ())
    token, secret = "b0f698cd102f347210d41c9009de1999", "pass+word/1"
    assert f"bad token {token}" == clean(f"bad token {token}")
    hide(token)
    hide(secret)
    assert f"bad {HIDDEN}, {HIDDEN}, {HIDDEN}" == clean(f"bad {token}, {secret}, pass%2Bword%2F1")
    hide("a")
    assert "a bad day" == clean("a bad day"), "what is too short to be a secret would make every line unreadable"


def test_known_secrets_are_bounded_and_the_newest_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new session a day for years."""
    monkeypatch.setattr(logs, "_known", ())
    for number in range(1000):
        hide("the same as ever")
        hide(f"session-{number:04}")
    assert KNOWN_AT_MOST == len(logs._known)
    assert HIDDEN == clean("the same as ever") == clean("session-0999")
    assert "session-0001" == clean("session-0001")


def test_long_value_is_cut() -> None:
    """An answer's body must not fill the journal."""
    assert "x" * MAX_VALUE + "…" == clean("x" * 10_000)


@pytest.mark.parametrize("form", ["json", "text"])
def test_secrets_never_reach_the_stream_whatever_key_or_type(stream: io.StringIO, form: Any) -> None:
    """Redaction is the last step before rendering, so that no caller can forget it."""
    configure(level="debug", form=form, stream=stream)
    log = structlog.get_logger()
    log.info("sending", url=LEAKY[0], ks=KS, userToken=TOKEN, nested={"password": PASSWORD, "more": [KS]})
    log.warning(f"phrase with {KS}", raw=f"ks={KS}".encode())
    try:
        try:
            raise ValueError(f"refused: {LEAKY[0]}")
        except ValueError as error:
            raise RuntimeError(f"at http://kiosk:{PASSWORD}@proxy.example.org/") from error
    except RuntimeError:
        log.exception("send failed")
    written = stream.getvalue()
    assert [] == [secret for secret in SECRETS if secret in written]
    assert "ValueError" in written
    assert "sending" in written


def test_record_of_a_library_is_cleaned_and_rendered_alike(stream: io.StringIO) -> None:
    """urllib3 warns with whole URLs."""
    configure(level="info", form="json", stream=stream)
    logging.getLogger("urllib3").warning("Retrying %s", LEAKY[0])
    logging.getLogger("urllib3").info("not of interest")
    try:
        raise OSError(f"ks={KS}")
    except OSError:
        logging.getLogger("paho").exception("callback")
    first, second = entries(stream)
    assert "warning" == first["level"]
    assert first["event"].startswith("Retrying POST /api_v3")
    assert "OSError: ks=***" in second["exception"]
    assert [] == [secret for secret in SECRETS if secret in stream.getvalue()]


def test_level_hides_what_lies_below(stream: io.StringIO) -> None:
    """A kiosk's journal is small."""
    configure(level="warning", form="json", stream=stream)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud", tries=3, ratio=0.5, fatal=False, cause=None)
    (entry,) = entries(stream)
    assert {"event": "loud", "level": "warning", "tries": 3, "ratio": 0.5, "fatal": False, "cause": None} == {
        key: value for key, value in entry.items() if key != "timestamp"
    }


def test_auto_is_json_where_nobody_looks_and_text_on_a_terminal(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """journald wants fields, a person wants words."""
    configure(level="info", form="auto", stream=stream)
    structlog.get_logger().info("started")
    assert entries(stream)[0]["event"] == "started"
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    configure(level="info", form="auto", stream=terminal)
    structlog.get_logger().info("started", pid=7)
    assert "started" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")


MODULE_LOG = structlog.get_logger()


def test_level_changes_for_loggers_that_have_been_used_already(stream: io.StringIO) -> None:
    """Each module has made its own at import; a level for a time must reach all of them, and go back."""
    configure(level="info", form="json", stream=stream)
    MODULE_LOG.debug("quiet")
    MODULE_LOG.info("first")
    logs.set_level("debug")
    MODULE_LOG.debug("second")
    logging.getLogger("urllib3").info("libraries stay quiet")
    logs.set_level("error")
    MODULE_LOG.warning("quiet")
    logging.getLogger("urllib3").warning("quiet")
    logs.set_level("info")
    MODULE_LOG.info("third")
    assert ["first", "second", "third"] == [entry["event"] for entry in entries(stream)]


def test_level_changes_in_a_process_that_runs() -> None:
    """As on a kiosk: modules that logged before, and threads of their own."""
    code = (
        "import threading\n"
        "from agent.runtime import assembly, logs\n"
        "from agent.delivery.worker import log as other\n"
        "logs.configure(level='info', form='json')\n"
        "assembly.log.debug('no'); other.info('one')\n"
        "logs.set_level('debug')\n"
        "thread = threading.Thread(target=other.debug, args=('two',)); thread.start(); thread.join()\n"
        "assembly.log.debug('three')\n"
        "logs.set_level('warning')\n"
        "other.info('no'); assembly.log.warning('four')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ["one", "two", "three", "four"] == [json.loads(line)["event"] for line in done.stderr.splitlines()]


def test_last_lines_are_kept_as_they_were_written(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Diagnostics send them away: redacted, those of libraries too."""
    monkeypatch.setattr(logs, "RING", LogRing())
    configure(level="info", form="json", stream=stream)
    structlog.get_logger().info("sending", url=LEAKY[0])
    logging.getLogger("urllib3").warning("Retrying %s", LEAKY[0])
    structlog.get_logger().debug("below the level")
    assert stream.getvalue().splitlines() == logs.RING.lines()
    assert 2 == len(logs.RING.lines())


def test_secrets_leave_a_long_text_and_the_text_stays_whole() -> None:
    """A bundle's texts are longer than a log's."""
    text = "x" * 5000
    assert text + " ks=***" == logs.without_secrets(f"{text} ks={KS}")


class Journald(NamedTuple):
    out: TextIO
    native: socket.socket
    address: str

    def lines(self) -> list[str]:
        self.out.flush()
        self.out.seek(0)
        return self.out.read().splitlines()


@pytest.fixture
def journald(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> Iterator[Journald]:
    """A journal's two ears: its stream (a file here), and its native socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as native, (tmp_path / "stderr").open("w+") as out:
        native.bind(str(tmp_path / "journal"))
        native.settimeout(10)
        status = os.fstat(out.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        yield Journald(out, native, str(tmp_path / "journal"))


def test_under_systemd_each_line_is_an_entry_with_fields_and_no_secret(journald: Journald) -> None:
    """What goes another way must not go past the redaction."""
    configure(level="info", form="auto", stream=journald.out, journal=journald.address)
    structlog.get_logger().warning("outage", sink="stats.collect", text=f"ks={KS}")
    logging.getLogger("urllib3").warning("retry with %s", f"ks={KS}")
    said = [journald.native.recv(65_536).decode() for _ in range(2)]
    assert "KIOSK_SINK=stats.collect\n" in said[0]
    assert "PRIORITY=4\n" in said[0]
    assert "MESSAGE=retry with ks=***\n" in said[1]
    assert [] == [each for each in said if KS in each]
    assert [] == journald.lines(), "not twice"
    assert "outage" in logs.RING.lines()[-2]


def test_journal_that_does_not_take_an_entry_gets_it_as_a_line_with_its_priority(journald: Journald) -> None:
    """A line more in another dress than a line less."""
    configure(level="info", form="auto", stream=journald.out, journal=journald.address + "-gone")
    structlog.get_logger().error("store cannot write")
    logging.getLogger("paho").warning("odd")
    first, second = journald.lines()
    assert ("<3>{", "<4>{") == (first[:4], second[:4])
    assert "store cannot write" == json.loads(first[3:])["event"]


def test_json_that_was_asked_for_stays_json_with_a_priority(journald: Journald) -> None:
    """systemd takes the prefix off; what is stored is JSON."""
    configure(level="info", form="json", stream=journald.out, journal=journald.address)
    structlog.get_logger().info("agent starts")
    (line,) = journald.lines()
    assert "<6>" == line[:3]
    assert "agent starts" == json.loads(line[3:])["event"]


def test_other_stream_than_the_journals_gets_plain_json(journald: Journald, tmp_path: Path) -> None:
    """A service that redirects its standard error to a file."""
    with (tmp_path / "other").open("w+") as out:
        configure(level="info", form="auto", stream=out, journal=journald.address)
        structlog.get_logger().info("agent starts")
        out.seek(0)
        assert "agent starts" == json.loads(out.read())["event"]
