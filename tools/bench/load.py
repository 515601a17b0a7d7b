"""What a very long queue costs: an append and a settlement, the start, memory, and its drain.

Two stores on the same disk, one of 1,000 events and one of `--events`, are measured in alternating rounds, so that what
is compared is the length of the queue and not the mood of the disk. Start and memory are those of a process of its own
for each store, which opens it with the agent's own code; the drain, of the long one, is by the agent's own pump and
projection to a service that takes everything. `--long` is a month of an event a second, 2,600,000; tools.bench.outage
reckons it from fewer, and starts real agents on a long queue.

Run: python -m tools.bench.load [--folder DIR] [--events N | --long] [--json]
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.delivery.pace import Pace
from agent.delivery.pump import Pump
from agent.kernel.milestones import QUARTILES
from agent.kernel.records import Cursor
from agent.outbox.bounds import Bounds
from agent.outbox.connection import STORE_NAME
from agent.outbox.store import Outbox
from agent.runtime.reboots import boots_at_start
from agent.runtime.recovery import restore_tracker
from tools.bench.drainer import APPEND, MESSAGES_A_PLAY, SyncedClock, backlog
from tools.bench.pretended import NAME, Taker
from tools.bench.process import memory

FEW = 1_000
MANY = 1_000_000
MONTH = 2_600_000
ROUNDS, EACH = 60, 20
EVENTS_A_PLAY = MESSAGES_A_PLAY + 1
BOUND_BYTES = 4 * 1024**3
PATIENCE_AGE_S = 90 * 86_400.0


@dataclass(frozen=True, slots=True)
class Opened:
    """Seconds from nothing to an open store with all that a start reads of it; MiB of memory then, and after use."""

    open_s: float
    rss: float
    used_rss: float


@dataclass(frozen=True, slots=True)
class Load:
    """`ratio`: a round of appends and settlements on the long queue against the short one, median of pairs."""

    few: int
    many: int
    file_mib: float
    few_ms: float
    many_ms: float
    ratio: float
    few_opened: Opened
    many_opened: Opened
    drain_per_second: float
    drained: int
    left: int
    shrunk_mib: float


def opened(folder: Path) -> Outbox:
    """The store in `folder`, with bounds for a month."""
    bounds = Bounds(BOUND_BYTES, PATIENCE_AGE_S)
    store = Outbox.open(folder, device_id="device-001", hardware_key="bench", bounds=bounds)
    store.register(NAME)
    return store


def fill(folder: Path, events: int) -> None:
    """Have so many events wait, about."""
    store = opened(folder)
    records = backlog(store.generation, SyncedClock().now(), events * MESSAGES_A_PLAY // EVENTS_A_PLAY)
    while portion := list(itertools.islice(records, APPEND)):
        store.append(portion)
    store.close()


def open_as_a_start(folder: Path) -> Opened:
    """What the agent reads before it is ready; to be called first in a fresh process."""
    began = time.perf_counter()
    store = opened(folder)
    restore_tracker(store, QUARTILES)
    boots_at_start(store, SyncedClock().now())
    store.statistics()
    seconds, before = time.perf_counter() - began, memory(os.getpid()).rss
    events = store.peek(NAME, 125)
    store.append([next(iter(backlog(store.generation, SyncedClock().now(), MESSAGES_A_PLAY)))])
    store.settle(NAME, Cursor(events[0].sequence), projection="", delivered=1)
    for _ in range(20):
        store.check_slice()
    store.enforce(SyncedClock().now())
    used = memory(os.getpid()).rss
    store.close()
    return Opened(round(seconds, 3), before, used)


def in_a_process(folder: Path) -> Opened:
    """`open_as_a_start` in a process of its own."""
    command = [sys.executable, "-m", "tools.bench.load", "--open", str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Opened(**json.loads(done.stdout))


def round_ms(store: Outbox) -> float:
    """Milliseconds of one append and one settlement."""
    now = SyncedClock().now()
    record = next(iter(backlog(store.generation, now, MESSAGES_A_PLAY)))
    began = time.perf_counter()
    for _ in range(EACH):
        store.append([record], states={"tracker": "t"})
        (head,) = store.peek(NAME, 1)
        store.settle(NAME, Cursor(head.sequence), projection="", delivered=1)
    return (time.perf_counter() - began) / EACH * 1000


def drain(store: Outbox, upto: int | None = None) -> tuple[int, float]:
    """Deliver what waits, or what does `upto` a sequence: messages, and how many a second."""
    pump = Pump(store, Taker(), chance=lambda: 0.5, pace=Pace(batch_size=100, rate=0.0))
    clock = SyncedClock()
    before = store.statistics().sinks[0].delivered
    began = time.perf_counter()
    while True:
        now = clock.now()
        due = pump.step(now).next_due
        is_there = upto is not None and store.position(NAME)[0].sequence >= upto
        if is_there or due is None or due > now.boottime:
            break
    seconds = time.perf_counter() - began
    messages = store.statistics().sinks[0].delivered - before
    return messages, messages / seconds


def run(folder: Path, many: int) -> Load:
    """Fill both, compare, drain the long one."""
    few_folder, many_folder = folder / "few", folder / "many"
    fill(few_folder, FEW)
    fill(many_folder, many)
    few_opened, many_opened = in_a_process(few_folder), in_a_process(many_folder)
    few_store, many_store = opened(few_folder), opened(many_folder)
    few_ms: list[float] = []
    many_ms: list[float] = []
    for index in range(ROUNDS):
        pair = [(few_ms, few_store), (many_ms, many_store)]
        for found, store in pair if index % 2 else reversed(pair):
            found.append(round_ms(store))
    size = (many_folder / STORE_NAME).stat().st_size
    drained, rate = drain(many_store)
    left = many_store.statistics().sinks[0].depth
    many_store.settle(NAME, Cursor(many_store.newest), projection="")
    many_store.enforce(SyncedClock().now())
    shrunk = (many_folder / STORE_NAME).stat().st_size
    few_store.close()
    many_store.close()
    return Load(
        few=FEW,
        many=many,
        file_mib=round(size / 2**20, 1),
        few_ms=round(statistics.median(few_ms), 3),
        many_ms=round(statistics.median(many_ms), 3),
        ratio=round(statistics.median(m / f for f, m in zip(few_ms, many_ms, strict=True)), 3),
        few_opened=few_opened,
        many_opened=many_opened,
        drain_per_second=round(rate, 1),
        drained=drained,
        left=left,
        shrunk_mib=round(shrunk / 2**20, 1),
    )


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure (default: the temporary folder)")
    parser.add_argument("--events", type=int, default=MANY)
    parser.add_argument("--long", action="store_true", help="a month of an event a second")
    parser.add_argument("--open", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    options = parser.parse_args(arguments)
    if options.open is not None:
        print(json.dumps(asdict(open_as_a_start(options.open))))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = run(Path(folder), MONTH if options.long else options.events)
    if options.json:
        print(json.dumps(asdict(found)))
        return
    for name, value in asdict(found).items():
        print(f"  {name:18} {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
