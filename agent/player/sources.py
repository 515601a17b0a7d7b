"""Where a medium comes from: this machine, or the network.

Contract: `is_local` looks at the address and at the table of mounts, never at the file: a dead server's folder would
keep whoever looks waiting. It never raises.
Rules: what cannot be told is local only where it is a file; a folder of the network that is reached through a symbolic
link is taken for local.
Reasons: agent.player.frozen (a player is never restarted because the network is away).
"""

import os
import re
from pathlib import Path
from typing import Final

from agent.player.kinds import file_of

MOUNTS: Final = Path("/proc/self/mounts")
NETWORK: Final = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "afs", "glusterfs", "davfs", "ncpfs", "coda", "lustre")
)
# Of the FUSE file systems those that reach out: the type is "fuse.sshfs".
NETWORK_FUSE: Final = re.compile(r"fuse\.(sshfs|rclone|s3fs|davfs2?|glusterfs|ceph|curlftpfs|gcsfuse|smbnetfs)")


def is_local(uri: str, mounts: Path = MOUNTS) -> bool:
    """Whether the medium at `uri` is read from this machine's own disks."""
    try:
        path = file_of(uri)
    except ValueError:
        return False
    return path is not None and not _is_network(_type_of(os.path.normpath(path), mounts))


def _is_network(kind: str) -> bool:
    return kind in NETWORK or NETWORK_FUSE.fullmatch(kind) is not None


def _type_of(path: str, mounts: Path) -> str:
    """The type of the file system that `path` is on; "" where that cannot be told."""
    best, kind = "", ""
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return ""
    for line in lines:
        _, where, found, *_ = [*line.split(b" "), b"", b"", b""]
        folder = os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), where))
        # Of two mounts on one folder the later one counts.
        if (path == folder or path.startswith(folder.rstrip("/") + "/")) and len(folder) >= len(best):
            best, kind = folder, os.fsdecode(found)
    return kind
