"""Which versions are at work: the first thing that support asks.

Contract: findings; imports neither vlc nor anything else that the agent keeps out of its process.
"""

import platform
from importlib.metadata import PackageNotFoundError, version
from sqlite3 import sqlite_version, sqlite_version_info  # the number of the library; nothing is opened here

from agent.kernel.release import VERSION
from agent.runtime.checks.finding import Finding, ok

LIBRARIES = ("python-vlc", "sqlite-utils", "structlog", "urllib3", "paho-mqtt", "attrs", "cattrs", "click")

# SQLite can corrupt a WAL database that two connections write or checkpoint (edge.md section 1). It is no warning: the
# agent opens its store once, under a lock, exactly for that reason, and Debian 12 and 13 ship no other version.
_WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))


def versions() -> list[Finding]:
    """Program, Python, SQLite, libraries, system."""
    first, last = _WAL_RESET_BUG
    note = ""
    if first <= sqlite_version_info <= last:
        note = " (has the WAL-reset bug, harmless here: one connection in one process, under a lock)"
    return [
        ok("kiosk-agent", f"{VERSION}, Python {platform.python_version()}, {platform.platform()}"),
        ok("SQLite", f"{sqlite_version}{note}"),
        ok("libraries", ", ".join(f"{name} {_installed(name)}" for name in LIBRARIES)),
    ]


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
