"""Where the session bus is, and in plain words why it is not there.

Contract: `socket_of(environment, uid)` answers the socket's address as Python's `connect` takes it, or raises BusError;
`refused` says who is refused and what to do.
Rules: a bus lets in the user that it belongs to and nobody else, not even root. `DBUS_SESSION_BUS_ADDRESS` goes first;
else systemd's place for each user.
Reasons: vlc.md section 7.
"""

import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote_to_bytes

RUNTIME = Path("/run/user")


class BusError(Exception):
    """There is no way to the session bus; the text says why, and what to do."""


def socket_of(environment: Mapping[str, str], uid: int, runtime: Path = RUNTIME) -> str:
    """The first Unix socket that the environment names, else the user's own."""
    said = environment.get("DBUS_SESSION_BUS_ADDRESS")
    if said:
        found = next(filter(None, (_unix(each) for each in said.split(";"))), None)
        if found is None:
            raise BusError("DBUS_SESSION_BUS_ADDRESS names no Unix socket: give it as unix:path=/run/user/UID/bus")
        return found
    return str(runtime / str(uid) / "bus")


def missing(uid: int) -> str:
    """There is no bus."""
    name = user(uid)
    return (
        f"no session bus for user {name}: log that user in, run `loginctl enable-linger {name}`, or start VLC with "
        "dbus-run-session and this program with the same DBUS_SESSION_BUS_ADDRESS"
    )


def refused(uid: int) -> str:
    """The bus is another user's."""
    return (
        f"the session bus refuses user {user(uid)}: it lets in its own user only, not even root. Run kiosk-attach as "
        "the user that runs VLC (User= in a drop-in of kiosk-attach.service)"
    )


def silent(address: str) -> str:
    """Something is there, and lets nobody in or out."""
    place = address.replace("\0", "@")
    return (
        f"the session bus at {place} does not answer: it hangs, or that is no bus. Log the user out and in again, or "
        "correct DBUS_SESSION_BUS_ADDRESS"
    )


def user(uid: int) -> str:
    """A user by name, or by number where it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _unix(address: str) -> str | None:
    transport, _, rest = address.partition(":")
    fields = dict(each.partition("=")[::2] for each in rest.split(","))
    if transport != "unix":
        return None
    if fields.get("abstract"):
        return "\0" + _unescape(fields["abstract"])
    return _unescape(fields["path"]) if fields.get("path") else None


def _unescape(text: str) -> str:
    return os.fsdecode(unquote_to_bytes(text))  # Its bytes are UTF-8 like any other path's.
