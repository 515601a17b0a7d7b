"""How many bytes this process has caused to go to the disk: what wears flash out.

Contract: `written_bytes()`, None where the kernel does not tell. All of the process, since nothing but the store and,
where it is so set up, a log file is written.
"""

from contextlib import suppress
from pathlib import Path

_ACCOUNT = Path("/proc/self/io")


def written_bytes() -> int | None:
    """Bytes since the process began. The file system's own bookkeeping comes on top."""
    with suppress(OSError, ValueError):
        for line in _ACCOUNT.read_text(encoding="ascii").splitlines():
            name, _, number = line.partition(":")
            if name == "write_bytes":
                return int(number)
    return None
