"""The agent's end of the link to the player host.

Contract: a `Listener` owns the Unix socket; a `Connection` sends messages without waiting and receives with a limit.
Rules: the socket is mode 0600 and takes processes of our own user and root only; where it is made for a group, it is
mode 0660 and takes the group's members, too. A peer that does not take what is sent is cut off: commands are few and
small, so it hangs.
Reasons: decision 32. Who may dial decides what is reported as played.
"""

import grp
import os
import socket
import struct
import threading
from dataclasses import dataclass
from pathlib import Path

import structlog

from agent.player.codec import LineBuffer, decode, encode
from agent.player.wire import Message

log = structlog.get_logger()

# sun_path holds 108 bytes with its final NUL (unix(7)).
MAX_PATH_BYTES = 107
CHUNK_BYTES = 1 << 16
# The peer's further groups, as the kernel knows them (asm-generic/socket.h, since Linux 4.13); Python has no name for
# it, and takes no more than this many bytes: 256 groups of four.
SO_PEERGROUPS = 59
GROUPS_BYTES = 1024


class LinkPathError(Exception):
    """The socket cannot be made at this path; the text says why."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing came within the time given."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The other side is gone."""


class Listener:
    """The agent's socket for player hosts; a stale one from an earlier life is replaced. Raises LinkPathError.

    `group`: whose members may dial, too; where there is no such group, or it is not ours to give, it is as without.
    """

    def __init__(self, path: Path, group: str | None = None) -> None:
        if len(os.fsencode(path)) > MAX_PATH_BYTES:
            raise LinkPathError(f"the path is longer than {MAX_PATH_BYTES} bytes: {path}")
        self.path = path
        self._group: int | None = None
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            path.unlink(missing_ok=True)
            self._socket.bind(str(path))
            path.chmod(0o600)
            if group is not None:
                self._group = _share(path, group)
            self._socket.listen(1)
        except OSError as error:
            self._socket.close()
            raise LinkPathError(f"{error.strerror}: {path}") from error

    def accept(self, timeout: float) -> "Connection | None":
        """The next host that dials, or None after `timeout` seconds."""
        self._socket.settimeout(timeout)
        try:
            accepted, _ = self._socket.accept()
        except TimeoutError:
            return None
        pid, uid, gid = _peer(accepted)
        if uid not in (0, os.geteuid()) and not self._is_member(accepted, gid):
            accepted.close()
            return None
        return Connection(accepted, pid)

    def _is_member(self, accepted: socket.socket, gid: int) -> bool:
        return self._group is not None and self._group in (gid, *_further_groups(accepted))

    def close(self) -> None:
        self._socket.close()
        self.path.unlink(missing_ok=True)


def _share(path: Path, group: str) -> int | None:
    """Let the members of `group` write to `path`; the group's number, None where that cannot be."""
    try:
        number = grp.getgrnam(group).gr_gid
        os.chown(path, -1, number)
        path.chmod(0o660)
    except (KeyError, PermissionError) as error:
        reason = "there is no such group" if isinstance(error, KeyError) else "this user is no member of it"
        log.warning("player socket is for this user and root only", wanted=group, reason=reason)
        return None
    return number


def _peer(connection: socket.socket) -> tuple[int, int, int]:
    """(pid, uid, gid) of the process at the other end, as the kernel knows them."""
    pid, uid, gid = struct.unpack(
        "iII", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("iII"))
    )
    return pid, uid, gid


def _further_groups(connection: socket.socket) -> tuple[int, ...]:
    """The other groups of the process at the other end; none where the kernel cannot say, or there are too many."""
    try:
        found = connection.getsockopt(socket.SOL_SOCKET, SO_PEERGROUPS, GROUPS_BYTES)
    except OSError:
        return ()
    return struct.unpack(f"{len(found) // 4}I", found)


class Connection:
    """One host's line. `send` is for any thread, `receive` for one. `bad_lines` counts what was no message."""

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._socket = connection
        self._lines = LineBuffer()
        self._sending = threading.Lock()
        self.pid = pid
        # With a limit the descriptor does not block: `send` relies on it.
        connection.settimeout(0.0)
        self.bad_lines = 0

    def send(self, message: Message) -> bool:
        """Send without waiting; False, and the line is cut, where the other side does not take it."""
        line = encode(message)
        with self._sending:
            try:
                # os.write, for Python's send would wait for the socket's receive limit.
                whole = os.write(self._socket.fileno(), line) == len(line)
            except OSError:
                whole = False
            if not whole:
                self.cut()
        return whole

    def receive(self, timeout: float) -> list[Message] | Silence | Closed:
        """What came, in order (empty: only bad lines), at most `timeout` seconds after the call."""
        try:
            self._socket.settimeout(timeout)
            chunk = self._socket.recv(CHUNK_BYTES)
        except TimeoutError:
            return Silence()
        except OSError:
            return Closed()
        if not chunk:
            return Closed()
        messages = [decode(line) for line in self._lines.feed(chunk)]
        self.bad_lines += messages.count(None)
        return [message for message in messages if message is not None]

    def cut(self) -> None:
        """End the line for both sides, from any thread; whoever receives wakes. `close` gives the descriptor back."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def close(self) -> None:
        with self._sending:
            self.cut()
            self._socket.close()
