"""Where an agent lives whose state folder cannot be used: a folder in memory.

Contract: `refuge` makes it, private to this user; `inhabited` finds it for the command line, if an agent is there;
`remains` finds what a process left there that was killed.
Rules: its name follows from the state folder's, so that `kiosk-agent status` needs no other word. A folder of that name
which somebody else made is neither used nor believed.
"""

import hashlib
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")


def refuge(state_dir: Path, *, memory: Path = MEMORY) -> Path:
    """A folder that is ours alone; one with a name of chance where another's stands in the way. Raises OSError."""
    folder = _named(state_dir, memory)
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        if _is_private(folder):
            return folder
    return Path(tempfile.mkdtemp(prefix="kiosk-agent-"))


def inhabited(state_dir: Path, socket_name: str, *, memory: Path = MEMORY) -> Path | None:
    """Where the agent of `state_dir` lives and listens, if not at home; believed of root, its user and ourselves."""
    folder = _named(state_dir, memory)
    with suppress(OSError):
        owners = {0, os.geteuid(), state_dir.stat().st_uid}
        if folder.lstat().st_uid in owners and stat.S_ISSOCK((folder / socket_name).lstat().st_mode):
            return folder
    return None


def remains(state_dir: Path, store_name: str, *, memory: Path = MEMORY) -> Path | None:
    """The refuge of an earlier process, if it is ours and has a store."""
    folder = _named(state_dir, memory)
    with suppress(OSError):
        if _is_private(folder) and (folder / store_name).exists():
            return folder
    return None


def give_up(state_dir: Path, *, memory: Path = MEMORY) -> None:
    """Free the memory of a refuge that nobody needs any more."""
    folder = _named(state_dir, memory)
    with suppress(OSError):
        if _is_private(folder):
            shutil.rmtree(folder)


def _named(state_dir: Path, memory: Path) -> Path:
    return memory / f"kiosk-agent-{hashlib.sha256(os.fsencode(state_dir.absolute())).hexdigest()[:16]}"


def _is_private(folder: Path) -> bool:
    status = folder.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
