"""Secrets, which stand in files and never in the configuration.

Contract: `secret_path` says which file a setting names; `read_secret` reads it; `secret_problem` and `secret_warnings`
say beforehand what is wrong with it. The content never leaves `read_secret`'s answer, and a name that could be the
secret itself, pasted by mistake, is not shown.
Rules: a bare name is a systemd credential (LoadCredential=) where the service has one of that name, else a file in the
folder `secrets` beside the configuration, else one beside it, as every other relative path. The service loads that
whole folder (LoadCredential=secrets:/etc/kiosk-agent/secrets), so that only root reads it on the disk; systemd puts
the credential's name before that of each file.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from agent.config.problems import Place, Problem

CREDENTIALS = "CREDENTIALS_DIRECTORY"
# The folder of secrets beside the configuration, and the name of the credential that it is loaded as.
SECRETS = "secrets"
# The longest Kaltura sessions are below 4 KiB; a file beyond this is the wrong one.
SECRET_BYTES = 64 * 1024


class SecretError(Exception):
    """A secret's file cannot be used; the text says why, without content."""


def secret_path(value: str, folder: Path, environment: Mapping[str, str]) -> Path:
    """The file that `value` names. `folder`: the configuration's."""
    if "/" in value:
        return folder / value
    credentials = environment.get(CREDENTIALS)
    given = [Path(credentials) / value, Path(credentials) / f"{SECRETS}_{value}"] if credentials else []
    places = (*given, folder / SECRETS / value)
    # Not Path.exists: it raises where root's folder may not be looked into.
    return next((path for path in places if os.path.exists(path)), folder / value)  # noqa: PTH110


def read_secret(path: Path, *, many_lines: bool = False) -> str:
    """The content without the white space round it; SecretError where there is none to be had.

    `many_lines`: it may have several, as a private key in PEM has.
    """
    try:
        with path.open("rb") as file:
            content = file.read(SECRET_BYTES + 1)
    except OSError as error:
        raise SecretError(f"cannot be read: {(error.strerror or 'unknown reason').lower()}") from None
    if len(content) > SECRET_BYTES:
        raise SecretError(f"is larger than {SECRET_BYTES // 1024} KiB")
    try:
        secret = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise SecretError("is not text") from None
    if not secret:
        raise SecretError("is empty")
    if not many_lines and ("\n" in secret or "\r" in secret):
        raise SecretError("has more than one line")
    return secret


def secret_problem(
    place: Place, value: str, path: Path, environment: Mapping[str, str], *, many_lines: bool = False
) -> Problem | None:
    """What keeps the secret from being read, or None.

    A bare name outside the service may be a credential that only the service sees: that is left to
    `secret_warnings`.
    """
    if _unseen_credential(value, path, environment):
        return None
    try:
        read_secret(path, many_lines=many_lines)
    except SecretError as error:
        remedy = "Check the path, and that the agent's user may read the file."
        return Problem(place, f"names the file {_shown(value, path)}, which {error}", remedy=remedy)
    return None


def secret_warnings(place: Place, value: str, path: Path, environment: Mapping[str, str]) -> Iterator[Problem]:
    """Doubts about a secret's file."""
    if _unseen_credential(value, path, environment):
        what = "names no file here; if it is a systemd credential, only the service sees it"
        yield Problem(place, what)
        return
    try:
        mode = path.stat().st_mode
    except OSError:
        return
    if mode & stat.S_IROTH:
        remedy = "Take the permission away: chmod o-rwx."
        yield Problem(place, f"names the file {_shown(value, path)}, which every user may read", remedy=remedy)


def _unseen_credential(value: str, path: Path, environment: Mapping[str, str]) -> bool:
    return "/" not in value and not environment.get(CREDENTIALS) and not path.exists()


def _shown(value: str, path: Path) -> str:
    """The path, unless it is so little like one that it may be the secret itself."""
    try:
        is_path = path.exists() or (value.startswith("/") and path.parent.is_dir())
    except OSError:
        is_path = False
    return str(path) if is_path else "(not shown: it may be the secret itself)"
