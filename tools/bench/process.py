"""What the kernel says about a process: memory, processor time, wake-ups, bytes.

Contract: one function a source, each reading /proc once; nothing is sampled behind the caller's back.
Reasons: RSS counts pages that other processes share (the interpreter, libc), USS only the process's own, PSS the
shared ones by their share. Processor time is read from schedstat in nanoseconds, for the ticks of /proc/PID/stat are
too coarse for an idle process.
"""

from dataclasses import dataclass
from pathlib import Path

KIB = 1024
NANOSECONDS = 1e-9


@dataclass(frozen=True, slots=True)
class Memory:
    """MiB."""

    rss: float
    pss: float
    uss: float


@dataclass(frozen=True, slots=True)
class Activity:
    """Since the process began: seconds of processor time, voluntary context switches (wake-ups) of all its threads,
    bytes given to write calls, bytes that went towards the disk, threads."""

    cpu_s: float
    wakeups: int
    written: int
    to_disk: int
    threads: int


def memory(pid: int) -> Memory:
    """The process's resident memory now."""
    found = _table(Path(f"/proc/{pid}/smaps_rollup"))
    uss = found["Private_Clean"] + found["Private_Dirty"]
    return Memory(*(round(kib / KIB, 1) for kib in (found["Rss"], found["Pss"], uss)))


def activity(pid: int) -> Activity:
    """What the process has done so far; a thread that has ended is not counted any more."""
    threads = list(Path(f"/proc/{pid}/task").iterdir())
    io = _table(Path(f"/proc/{pid}/io"))
    return Activity(
        cpu_s=sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) * NANOSECONDS,
        wakeups=sum(_table(thread / "status")["voluntary_ctxt_switches"] for thread in threads),
        written=io["wchar"],
        to_disk=io["write_bytes"],
        threads=len(threads),
    )


def has_mapped(pid: int, name: str) -> bool:
    """Whether a file with `name` in its path is mapped into the process: a library that it has loaded."""
    return name in Path(f"/proc/{pid}/maps").read_text()


def _table(path: Path) -> dict[str, int]:
    """The lines `key: number` of a file of /proc."""
    found = {}
    for line in path.read_text().splitlines():
        key, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdecimal():
            found[key] = int(words[0])
    return found
