"""Logging: readable on a terminal, entries with fields in systemd's journal, JSON elsewhere, never a secret.

Contract: `configure` once at start; everybody else calls `structlog.get_logger()`. `set_level` changes the level of all
loggers while the program runs. `RING` has the last lines.
Rules: events are fixed phrases, data in keys (house rule 18). Redaction is the last step before rendering, so no
caller can forget it. Records of libraries (urllib3, paho) pass through the same chain from WARNING on.
What was read as a secret is known by heart (`hide`): an app token looks like any other number in hexadecimal.
In the journal each line has its priority: natively (agent.service.journal), or by the prefix `<4>` where it goes
through standard error: as JSON was asked for, or as the journal did not take it.
"""

import logging
import os
import re
import sys
import threading
from contextlib import suppress
from typing import Any, Literal, TextIO
from urllib.parse import quote_plus

import structlog

from agent.runtime.logring import LogRing
from agent.service.journal import SOCKET, Journal, fields, is_journal, priority

Format = Literal["auto", "text", "json"]
Level = Literal["debug", "info", "warning", "error"]

# One log line holds at most this much of one value: an answer's body or a hostile file name must not fill the journal.
MAX_VALUE = 500
HIDDEN = "***"
RING = LogRing()

# A kiosk has one secret, and a session a day; the newest of each are still about.
KNOWN_AT_MOST = 32
# A shorter text stands in half of all words, and keeps nobody out.
SHORTEST_KNOWN = 6

_SECRET_NAME = r"(?:\w+_)?ks|\w*(?:token|secret|password|credential)(?:Hash)?s?|\w*authorization"
_SECRET_KEY = re.compile(rf"^(?:{_SECRET_NAME})$", re.IGNORECASE)
_SECRET_TEXT = (
    # ks=…, password='…' : a query, a form, the repr of a value
    (re.compile(rf"\b({_SECRET_NAME})=([\"']?)[^&\s\"']+", re.IGNORECASE), r"\1=\2" + HIDDEN),
    # "token": "…" : JSON, the repr of a mapping, either of them quoted once more
    (re.compile(rf"([\"'])({_SECRET_NAME})\1\s*:\s*([\"'])[^\"']*", re.IGNORECASE), r"\1\2\1: \3" + HIDDEN),
    (re.compile(rf"\\\"({_SECRET_NAME})\\\"\s*:\s*\\\"[^\"\\]*", re.IGNORECASE), r'\\"\1\\": \\"' + HIDDEN),
    (re.compile(r"\b(Basic|Bearer)\s+[\w.~+/=-]{6,}", re.IGNORECASE), r"\1 " + HIDDEN),
    (re.compile(r"://[^/\s:@\"']*:[^/\s@\"']+@"), "://" + HIDDEN + "@"),
    (re.compile(r"\bdjJ8[A-Za-z0-9_\-]{16,}={0,2}"), HIDDEN),  # a Kaltura session (KS version 2) in base64
    # An INVALID_KS answer says the session that it refused, or a reason in capitals (kaltura.md sections 1 and 2).
    (re.compile(r"(Invalid KS \\?\"|\"KSID\":\s*\")(?![A-Z_]+\\?\")[^\"\\]+"), r"\1" + HIDDEN),
)


_known: tuple[str, ...] = ()
_knowing = threading.Lock()


def hide(secret: str) -> None:
    """From now on `secret` stands in no line, whatever quotes it, as it is or as part of a request."""
    global _known
    with _knowing:
        forms = {form for form in (secret, quote_plus(secret)) if len(form) >= SHORTEST_KNOWN}
        _known = (*(each for each in _known if each not in forms), *sorted(forms))[-KNOWN_AT_MOST:]


def clean(text: str) -> str:
    """`text` without anything that is or looks like a secret, cut to `MAX_VALUE` characters."""
    text = without_secrets(text)
    return text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + "…"


def without_secrets(text: str) -> str:
    """`text` without anything that is or looks like a secret."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def redact(_logger: object, _method: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """structlog processor: hides values under secret keys and secret-looking text everywhere else."""
    for key, value in entry.items():
        if _SECRET_KEY.match(key):
            entry[key] = HIDDEN
        elif key == "exception" and isinstance(value, str):
            entry[key] = "\n".join(clean(line) for line in value.splitlines())
        elif isinstance(value, str):
            entry[key] = clean(value)
        elif not isinstance(value, int | float | bool | None):
            entry[key] = clean(str(value))
    return entry


def configure(*, level: Level, form: Format, stream: TextIO | None = None, journal: str = SOCKET) -> None:
    """Set logging up for the process.

    "auto" is text where `stream` (default stderr) is a terminal, the journal's own where it leads there, else JSON.
    `journal`: the journal's socket.
    """
    out = stream if stream is not None else sys.stderr
    text = form == "text" or (form == "auto" and out.isatty() and "JOURNAL_STREAM" not in os.environ)
    journalled = _leads_to_journal(out)
    native = Journal(journal) if journalled and form == "auto" else None
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if text else "iso", utc=not text),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
        if text
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )

    def written(logger: Any, method: str, entry: structlog.typing.EventDict) -> str:
        level = str(entry["level"])
        told = None if native is None else fields(entry)
        line = str(renderer(logger, method, entry))
        RING.add(line)
        if native is not None and told is not None and native.send(told):
            raise structlog.DropEvent
        return f"<{priority(level)}>{line}" if journalled else line

    structlog.configure(
        processors=[*shared, written],
        logger_factory=structlog.WriteLoggerFactory(file=out),
        # With it a logger would keep the level that it was first used with.
        cache_logger_on_first_use=False,
    )
    handler = _Handler(out)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=written))
    logging.getLogger().handlers[:] = [handler]
    set_level(level)


class _Handler(logging.StreamHandler[TextIO]):
    """For records of libraries: what the journal has taken is written no more."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(structlog.DropEvent):
            super().emit(record)


def _leads_to_journal(out: TextIO) -> bool:
    try:
        return is_journal(os.environ, out.fileno())
    except (OSError, ValueError):
        return False  # a stream in memory


def set_level(level: Level) -> None:
    """From now on log from `level` on; loggers that exist already do too."""
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(threshold))
    logging.getLogger().setLevel(max(threshold, logging.WARNING))
