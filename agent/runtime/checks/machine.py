"""Checks of the machine: its clock, its disk, the state folder.

Contract: findings only; the folder is left as it was.
Rules: the folder is tried by writing, not by reading permission bits: a read-only mount, a full disk and a quota show
only so. The trial file has no name, so a kill leaves nothing behind.
Reasons: decisions 22 (clock) and 29 (bound); edge.md sections 1 and 3.
"""

import os
import pwd
import shlex
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from agent.kernel.instants import Instant
from agent.kernel.release import BUILD_EPOCH
from agent.outbox.bounds import default_bounds
from agent.runtime.checks.finding import Finding, fail, ok, warn
from agent.runtime.checks.timeservers import opinions

_MIB = 1024 * 1024
# Below this a log line, the WAL and the ballast (under 4 MiB together) no longer fit beside each other.
LEAST_FREE_BYTES = 16 * _MIB
# What the trial writes: one page more than a file system might keep in its inode.
_TRIAL_BYTES = 8192
# As systemd's unit has them: who runs the agent on a machine with the package, and where.
_PACKAGED_USER = "kiosk-agent"
_PACKAGED_DIR = Path("/var/lib/kiosk-agent")

CLOCK_REMEDY = (
    "Let the machine find a time server: sudo timedatectl set-ntp true (package systemd-timesyncd), and open UDP port "
    "123; or set it: sudo date --set …"
)


def clock(now: Instant) -> Finding:
    """Whether the wall clock can date events; see agent/delivery/dating.py for what happens where it cannot."""
    reads = _moment(now.wall)
    if now.wall < BUILD_EPOCH:
        return fail(
            "clock",
            f"the clock reads {reads}, before this program was made: only the server's clock can date events, and "
            "https takes no certificate",
            CLOCK_REMEDY,
        )
    if not now.synced:
        told = "".join(f"; {opinion}" for opinion in opinions())
        return warn(
            "clock",
            f"{reads}, not synchronised: where it was so earlier in this boot events go on being dated by that; else "
            "they wait for it until two minutes after the boot, then the server's clock dates them, and they are "
            f"counted as estimated{told}",
            "See timedatectl timesync-status; the network must let NTP (UDP port 123) through. chronyd needs the line "
            "rtcsync in its configuration, or nobody else is told that the clock is right.",
        )
    return ok("clock", f"{reads}, synchronised")


def folder(state_dir: Path) -> Finding:
    """Whether the state folder exists and takes durable writes."""
    if not state_dir.is_dir():
        there = state_dir.exists() or state_dir.is_symlink()
        text = f"{state_dir} is not a folder" if there else f"{state_dir} does not exist"
        return fail("state folder", text, _made(state_dir))
    try:
        with tempfile.TemporaryFile(dir=state_dir) as trial:
            trial.write(bytes(_TRIAL_BYTES))
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        return fail(
            "state folder",
            f"{state_dir} takes no writes: {error.strerror}",
            "Run this as the agent's user or with sudo; if it still fails, check mount, owner and free space.",
        )
    return ok("state folder", f"{state_dir}, owned by {_owner(state_dir)}, takes durable writes")


def disk(state_dir: Path, bound_bytes: int | None) -> Finding:
    """Whether the queue has room to grow to its bound. `bound_bytes` None: the default bound."""
    try:
        status = os.statvfs(state_dir)
        bound = bound_bytes or default_bounds(state_dir).total_bytes
    except OSError as error:
        return fail("disk", f"cannot be asked: {error.strerror}", "Check the path of the state folder.")
    free = status.f_bavail * status.f_frsize
    remedy = f"Free space on the file system of {state_dir} (df -h {state_dir}), or set a smaller queue.max_bytes."
    text = f"{free // _MIB} MiB free; the queue may take {bound // _MIB} MiB"
    if free < LEAST_FREE_BYTES:
        return fail("disk", text, remedy)
    if status.f_files and not status.f_favail:
        return fail("disk", "no inodes are left", f"Delete small files on the file system of {state_dir} (df -i).")
    return warn("disk", text, remedy) if free < bound else ok("disk", text)


def _made(state_dir: Path) -> str:
    """The command that makes the folder for the user that will run the agent, so that it is not root's."""
    who = "the user that runs the agent"
    if state_dir == _PACKAGED_DIR and _user(_PACKAGED_USER) is not None:
        owner, mode = f"-o {_PACKAGED_USER} -g {_PACKAGED_USER}", "0750"
    elif os.geteuid() == 0:
        owner, mode = "-o USER", "0700"
        who += " (USER)"
    else:
        owner, mode = f"-o {_user(os.geteuid()) or os.geteuid()}", "0700"
        who += ", here you"
    return f"Make it for {who}: sudo install -d {owner} -m {mode} {shlex.quote(str(state_dir))}"


def _user(known: str | int) -> str | None:
    """The name of a user, by name or number; None where there is no such."""
    try:
        return (pwd.getpwnam(known) if isinstance(known, str) else pwd.getpwuid(known)).pw_name
    except KeyError:
        return None


def _moment(wall: float) -> str:
    try:
        return f"{datetime.fromtimestamp(wall, tz=UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return "an impossible time"


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except (KeyError, OSError):
        return f"uid {path.stat().st_uid}"
