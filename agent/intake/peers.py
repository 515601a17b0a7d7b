"""Who is at the other end of a Unix socket, and whether that one may report.

Contract: `peer_of` reads what the kernel knows of the process that connected; `Door.opens_to` judges it.
Rules: the agent's own user, root, and the members of one group. What counts is what the process was when it connected:
the kernel kept its user, group and supplementary groups then, so nothing is looked up by a process id that may by now
be another's. The permissions of the socket's file say the same; they can be changed by hand, and this cannot.
"""

import os
import pwd
import socket
import struct
from dataclasses import dataclass

# Since Linux 4.13, on every machine that we run on; Python has no name for it.
SO_PEERGROUPS = 59
# The most that Python's getsockopt takes: 256 groups. Whoever is in more is looked up.
_GROUPS_BYTES = 1024
_CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class Peer:
    """A process as it was when it connected; `groups`: its own and its supplementary ones."""

    pid: int
    uid: int
    groups: frozenset[int]

    def __str__(self) -> str:
        return f"uid {self.uid} pid {self.pid}"


@dataclass(frozen=True, slots=True)
class Door:
    """`owner`: the agent's user id. `group`: whose members may come in, too."""

    owner: int
    group: int | None

    def opens_to(self, peer: Peer) -> bool:
        return peer.uid in (0, self.owner) or (self.group is not None and self.group in peer.groups)


def peer_of(connection: socket.socket) -> Peer:
    """Who connected. Raises OSError where the connection is none any more."""
    pid, uid, gid = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    try:
        packed = connection.getsockopt(socket.SOL_SOCKET, SO_PEERGROUPS, _GROUPS_BYTES)
        groups = struct.unpack(f"{len(packed) // 4}I", packed)
    except OSError:
        groups = _looked_up(uid, gid)
    return Peer(pid, uid, frozenset((gid, *groups)))


def _looked_up(uid: int, gid: int) -> tuple[int, ...]:
    """The groups that the machine's user database has for `uid`; none where it does not know that user."""
    try:
        return tuple(os.getgrouplist(pwd.getpwuid(uid).pw_name, gid))
    except (KeyError, OSError):
        return ()
