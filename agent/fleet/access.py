"""How an operator reaches the broker.

Contract: `access` makes it of the file, then the environment and the command line, which count more; it raises
`AccessError` with everything that is wrong. `client_id` is random for each run: two programs of one operator must not
push each other out.
Rules: the settings are those of the device's `[remote]` table, by the same names and bounds. A password stands in a
file that nobody else may read, never on a command line (every user of the machine sees those) and never in this file.
The file itself must not be writable by others: it says where commands to a whole fleet go.
"""

import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.config import toml
from agent.config.kinds import MisfitError
from agent.config.problems import Origin, Problem
from agent.config.remote import Remote
from agent.config.setting import Setting, entries
from agent.config.suggest import closest
from agent.remote.settings import BrokerSettings

NAMES = ("url", "user", "password_file", "ca_file", "certificate_file", "key_file", "base", "protocol", "keepalive_s")
_FILES = ("password_file", "ca_file", "certificate_file", "key_file")
_SECRET = ("password_file", "key_file")
_MOST_BYTES = 64 * 1024


class AccessError(Exception):
    """The settings of the connection cannot be used. `problems`: all that is wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Access:
    """The broker, and what the fleet's topics begin with."""

    broker: BrokerSettings
    base: str


def default_path(environment: Mapping[str, str]) -> Path:
    """Where an operator's settings are looked for: `~/.config/kiosk-agent/fleet.toml`."""
    folder = environment.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(folder).expanduser() / "kiosk-agent" / "fleet.toml"


def access(path: Path | None, given: Mapping[str, str | None], environment: Mapping[str, str]) -> Access:
    """`path`: the file named on the command line; None: the usual one, which may be missing. `given`: by `NAMES`."""
    chosen = path or default_path(environment)
    problems: list[Problem] = []
    written = {} if path is None and not chosen.exists() else _read(chosen, problems)
    origins = dict.fromkeys(written, Origin(str(chosen)))
    said = {name: value for name, value in given.items() if value is not None}
    origins |= {name: Origin("--" + name.replace("_", "-")) for name in said}
    values: dict[str, Any] = {}
    for name, value in {**written, **said}.items():
        _take(name, value, origins[name], values, problems)
    if "url" not in values and not problems:
        remedy = f'Write url = "mqtts://…" into {chosen}, or give --url.'
        problems.append(Problem(("url",), "is missing", remedy=remedy))
    folders = {name: Path.cwd() if name in said else chosen.absolute().parent for name in _FILES}
    files = {name: folders[name] / Path(values[name]).expanduser() for name in _FILES if values.get(name)}
    problems += [problem for name, file in files.items() if (problem := _file_problem(name, file, origins[name]))]
    if ("certificate_file" in files) != ("key_file" in files):
        problems.append(Problem((), "certificate_file and key_file belong together: one of them is missing"))
    if problems:
        raise AccessError(tuple(problems))
    remote = Remote(**values)
    assert remote.url is not None
    broker = BrokerSettings(
        url=remote.url,
        client_id=f"fleet-{secrets.token_hex(8)}",
        user=remote.user,
        protocol=remote.protocol,
        keepalive_s=remote.keepalive_s,
        session_expiry_s=0,
        **files,
    )
    return Access(broker, remote.base)


def _read(path: Path, problems: list[Problem]) -> dict[str, Any]:
    origin = Origin(str(path))
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_MOST_BYTES)
    except OSError as error:
        problems.append(Problem((), f"cannot be read: {(error.strerror or 'unknown reason').lower()}", origin=origin))
        return {}
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        remedy = f"Take the permission away: chmod go-w {path}"
        problems.append(Problem((), "may be changed by other users of this machine", remedy=remedy, origin=origin))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.append(Problem((), "is not UTF-8 text", origin=origin))
        return {}
    match toml.parse(text, str(path)):
        case Problem() as problem:
            problems.append(problem)
            return {}
        case found:
            return found


def _take(name: str, value: Any, origin: Origin, values: dict[str, Any], problems: list[Problem]) -> None:
    if name not in NAMES:
        meant = closest(name, NAMES)
        allowed = None if meant else ", ".join(NAMES)
        problems.append(Problem((name,), "is not a setting", allowed, suggestion=meant, origin=origin))
        return
    setting = dict(entries(Remote))[name]
    assert isinstance(setting, Setting)
    try:
        values[name] = setting.kind.read(value)
    except MisfitError as error:
        problems.append(Problem((name,), error.what, error.allowed, error.suggestion, error.remedy, origin=origin))


def _file_problem(name: str, path: Path, origin: Origin) -> Problem | None:
    try:
        mode = path.stat().st_mode
        with path.open("rb"):
            pass
    except OSError as error:
        what = f"names {path}, which cannot be read: {(error.strerror or 'unknown reason').lower()}"
        return Problem((name,), what, origin=origin)
    if name in _SECRET and mode & (stat.S_IRWXG | stat.S_IRWXO):
        what = f"names {path}, which other users of this machine may read"
        return Problem((name,), what, remedy=f"Take the permission away: chmod 600 {path}", origin=origin)
    return None
