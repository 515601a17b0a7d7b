"""The socket on which the intake listens: handed over by systemd, or made here.

Contract: `open_listener` answers a `Listener`, which listens already. Raises `IntakeError`, whose text says what is
wrong and whose remedy what to do; nothing is left behind then.
Rules: a socket that systemd hands over under the name "intake" goes before the configured path, and its permissions are
the unit's. Our own is for its owner alone, or for one group too; it has these permissions before anybody can connect.
A file that is no socket is never removed, nor a socket on which somebody listens. systemd's socket is never shut down,
for that would shut it for the next start, too; nor is its descriptor closed, which systemd passes once for a process.
Reasons: sd_listen_fds(3), systemd.socket(5).
"""

import grp
import os
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from agent.intake.place import socket_path

log = structlog.get_logger()

FD_NAME = "intake"
_FIRST_FD = 3
# Connections that wait to be accepted; the server takes them within milliseconds.
BACKLOG = 64
_OWNER_ONLY, _GROUP_TOO = 0o600, 0o660


class IntakeError(Exception):
    """The socket cannot be opened."""

    def __init__(self, text: str, *, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening socket that never blocks. `group`: the id of the group that may connect. `made`: ours to remove."""

    socket: socket.socket
    path: Path
    group: int | None
    made: bool

    def close(self) -> None:
        """Stop listening. What systemd handed over stays open at systemd."""
        self.socket.close()
        if self.made:
            self.path.unlink(missing_ok=True)


def open_listener(
    configured: str | None, group: str | None, state_dir: Path, environment: Mapping[str, str]
) -> Listener:
    """The intake's socket, as the settings `intake.socket` and `intake.group` and the environment have it."""
    members = _group_id(group)
    number = handed_over(environment, os.getpid())
    if number is not None:
        return _adopted(number, members)
    path = socket_path(configured, state_dir, environment)
    try:
        return _bound(path, members)
    except OSError as error:
        reason = error.strerror or str(error)
        raise IntakeError(
            f"cannot listen on {path}: {reason}", remedy="Check the folder of intake.socket, its owner and permissions."
        ) from error


def handed_over(environment: Mapping[str, str], pid: int) -> int | None:
    """The descriptor that systemd passed to the process `pid` under our name, None where it passed none."""
    if environment.get("LISTEN_PID") != str(pid):
        return None  # meant for another process, whose environment we inherited
    names = environment.get("LISTEN_FDNAMES", "").split(":")
    count = environment.get("LISTEN_FDS", "")
    passed = int(count) if count.isascii() and count.isdigit() else 0
    return next((_FIRST_FD + index for index, name in enumerate(names[:passed]) if name == FD_NAME), None)


def _adopted(number: int, members: int | None) -> Listener:
    remedy = f"The socket unit needs ListenStream=, Accept=no and FileDescriptorName={FD_NAME}."
    try:
        # A copy is ours, and closes by itself; systemd's own stays for this process when it starts itself again.
        given = socket.socket(fileno=os.dup(number))
        listens = given.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise IntakeError(f"systemd's socket cannot be used: {error.strerror}", remedy=remedy) from error
    if given.family != socket.AF_UNIX or given.type != socket.SOCK_STREAM or not listens:
        raise IntakeError("systemd's socket is no listening Unix stream socket", remedy=remedy)
    given.setblocking(False)
    return Listener(given, Path(os.fsdecode(given.getsockname() or b"")), members, made=False)


def _bound(path: Path, members: int | None) -> Listener:
    with _folder(path.parent) as folder:
        address = f"/proc/self/fd/{folder}/{path.name}"
        _clear(address, path)
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _bind(made, address)
            if members is not None:
                _open_to_group(path, folder, members)
                _warn_of_closed(folder, path, members)
            made.setblocking(False)
            made.listen(BACKLOG)
        except BaseException:
            made.close()
            with suppress(OSError):
                os.unlink(path.name, dir_fd=folder)
            raise
    return Listener(made, path, members, made=True)


def _bind(made: socket.socket, address: str) -> None:
    before = os.umask(0o777 ^ _OWNER_ONLY)
    try:
        made.bind(address)
    finally:
        os.umask(before)


def _open_to_group(path: Path, folder: int, members: int) -> None:
    try:
        os.chown(path.name, -1, members, dir_fd=folder, follow_symlinks=False)
    except PermissionError as error:
        raise IntakeError(
            f"cannot give {path} to the group of intake.group: {error.strerror}",
            remedy="Make the agent's user a member of that group (SupplementaryGroups= in its unit).",
        ) from error
    os.chmod(path.name, _GROUP_TOO, dir_fd=folder)


def _warn_of_closed(folder: int, path: Path, members: int) -> None:
    """A socket that is open to a group, in a folder that is not, is reached by nobody who was meant."""
    found = os.fstat(folder)
    may_enter = found.st_mode & stat.S_IXOTH or (found.st_gid == members and found.st_mode & stat.S_IXGRP)
    if not may_enter:
        remedy = "Put intake.socket into a folder that the group may enter, as /run/kiosk-agent."
        log.warning("intake's folder is closed to its group", folder=str(path.parent), remedy=remedy)


def _clear(address: str, path: Path) -> None:
    """Remove the socket that a killed agent left behind."""
    try:
        mode = os.lstat(address).st_mode
    except FileNotFoundError:
        return
    remedy = "Name another path in intake.socket, or move away what is there."
    if not stat.S_ISSOCK(mode):
        raise IntakeError(f"{path} is there and is no socket", remedy=remedy)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asked:
        asked.setblocking(False)
        try:
            asked.connect(address)
        except ConnectionRefusedError:
            Path(address).unlink()
            return
        except BlockingIOError:
            pass  # its queue is full: somebody listens, and slowly
    raise IntakeError(f"another process listens on {path}", remedy=remedy)


def _group_id(group: str | None) -> int | None:
    if group is None:
        return None
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise IntakeError(
            f"there is no group {group}", remedy=f"Create it (groupadd --system {group}), or correct intake.group."
        ) from None


@contextmanager
def _folder(path: Path) -> Iterator[int]:
    """An open folder: the kernel's own name of it is short, and a Unix address holds 107 bytes."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
