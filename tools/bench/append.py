"""How fast the outbox appends, against a bare sqlite3 loop of the same durability.

Both write one row of a 300-byte text per commit into a file on the same disk, opened with psow=0, WAL,
synchronous=EXTRA and 1 KiB pages. Short rounds alternate, since a disk's mood changes by the second; the ratio is the
median of the pairs of neighbouring rounds, with the ratio of the sums beside it. Bytes are what the kernel says that
this process caused to be written (/proc/self/io); every commit waits for its fsync, so they are complete.

Run: python -m tools.bench.append [--folder DIR] [--rounds N] [--events N] [--json]
"""

import argparse
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.kernel.attribution import Attribution
from agent.kernel.instants import Instant
from agent.kernel.records import Priority, Record
from agent.outbox.bounds import LARGEST_BYTES, Bounds
from agent.outbox.store import Outbox

BODY = json.dumps({"head": {"position": 12.345, "played": 11.9}, "text": "x" * 248}, separators=(",", ":"))
WARM_UP = 300


@dataclass(frozen=True, slots=True)
class Figures:
    """`bare` and `outbox` in events a second and bytes an event; `ratio`: the median of all pairs of rounds."""

    events: int
    body_bytes: int
    bare_per_second: float
    outbox_per_second: float
    ratio: float
    ratio_of_sums: float
    bare_bytes_per_event: float
    outbox_bytes_per_event: float


def bare_append(folder: Path) -> Callable[[int], None]:
    """The least that a durable queue can do with SQLite."""
    connection = sqlite3.connect(f"file:{folder / 'bare.db'}?psow=0", uri=True, isolation_level=None)
    connection.execute("PRAGMA page_size = 1024")
    connection.execute("PRAGMA journal_mode = wal").fetchone()
    connection.execute("PRAGMA synchronous = EXTRA")
    connection.execute("PRAGMA wal_autocheckpoint = 200").fetchone()
    connection.execute("CREATE TABLE queue (id INTEGER PRIMARY KEY, body TEXT)")

    def append(number: int) -> None:
        connection.execute("INSERT INTO queue (id, body) VALUES (?, ?)", (number, BODY))

    return append


def outbox_append(folder: Path) -> Callable[[int], None]:
    """The product's append, called as the main loop calls it for one event."""
    outbox = Outbox.open(folder, device_id="bench", hardware_key="bench", bounds=Bounds(LARGEST_BYTES))
    outbox.register("stats.collect")
    owner = Attribution("bench", "session", "kiosk://bench", 102, "0_abcd1234", "file:///srv/media/welcome.mp4")

    instant = Instant("boot", 1234.5, 1_700_000_000.0, synced=True)
    record = Record("progressed", BODY, Priority.PLAY, owner, instant)

    def append(_: int) -> None:
        outbox.append([record])

    return append


def written_bytes() -> int:
    """Bytes that this process has caused to go to the disk."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("write_bytes")).split()[1])


def measure(append: Callable[[int], None], first: int, number: int) -> tuple[float, int]:
    """Seconds and bytes of `number` appends."""
    bytes_before, before = written_bytes(), time.perf_counter()
    for value in range(first, first + number):
        append(value)
    return time.perf_counter() - before, written_bytes() - bytes_before


def run(folder: Path, *, rounds: int, events: int) -> Figures:
    """Alternate rounds of both, and sum up."""
    appends = {"bare": bare_append(folder), "outbox": outbox_append(folder)}
    seconds: dict[str, list[float]] = {name: [] for name in appends}
    written = dict.fromkeys(appends, 0)
    for append in appends.values():
        measure(append, 1, WARM_UP)
    for index in range(rounds):
        # Who comes first changes every round.
        for name in sorted(appends, reverse=bool(index % 2)):
            took, wrote = measure(appends[name], 1 + WARM_UP + index * events, events)
            seconds[name].append(took)
            written[name] += wrote
    total = rounds * events
    bare, outbox = (statistics.median(seconds[name]) for name in ("bare", "outbox"))
    return Figures(
        events=total,
        body_bytes=len(BODY),
        bare_per_second=round(events / bare, 1),
        outbox_per_second=round(events / outbox, 1),
        ratio=round(statistics.median(b / o for b, o in zip(seconds["bare"], seconds["outbox"], strict=True)), 3),
        ratio_of_sums=round(sum(seconds["bare"]) / sum(seconds["outbox"]), 3),
        bare_bytes_per_event=round(written["bare"] / total, 1),
        outbox_bytes_per_event=round(written["outbox"] / total, 1),
    )


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure (default: the temporary folder)")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--events", type=int, default=40, help="events a round")
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        figures = run(Path(folder), rounds=options.rounds, events=options.events)
    if options.json:
        print(json.dumps(asdict(figures)))
        return
    print(f"{figures.events} durable appends of {figures.body_bytes} bytes, one commit each")
    print(f"  bare sqlite3  {figures.bare_per_second:8.1f} /s   {figures.bare_bytes_per_event:8.0f} bytes/event")
    print(f"  outbox        {figures.outbox_per_second:8.1f} /s   {figures.outbox_bytes_per_event:8.0f} bytes/event")
    print(f"  ratio         {figures.ratio:8.3f} (median pair of rounds), {figures.ratio_of_sums:.3f} (sum of all)")


if __name__ == "__main__":
    main(sys.argv[1:])
