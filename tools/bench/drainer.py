"""Drains one backlog, in a process of its own, and says how fast it was and how much memory it took.

Contract: `main` fills the store in a folder, or drains it to a collector and prints one JSON line.
Rules: the parts are the agent's own: outbox, pump, sink, wire; pacing is off (decision 38). The clock starts with the
first step and stops with the last settlement; filling the store does not count. The log is what a looping playlist
leaves behind: of six events that one play makes, five are messages and one is silent.
Memory is read before the drain, when all is imported and the store is open, and its largest during it.

Run by tools/bench/drain.py.
"""

import argparse
import itertools
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from agent.delivery.pace import Pace
from agent.delivery.pump import Pump
from agent.kernel import codec
from agent.kernel.attribution import Attribution, session_id
from agent.kernel.events import Closed, Ending, Event, Loaded, Opened, Playhead, Progressed, Started
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.records import Record
from agent.outbox.bounds import Bounds
from agent.outbox.store import Outbox
from agent.runtime.clock import SystemClock
from agent.sinks.http.client import Timeouts, Wire
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.kaltura.sink import NAME, CollectSettings, StatsCollect
from tools.bench.process import memory

MESSAGES_A_PLAY = 5
APPEND = 600
MEMORY_EVERY = 50
BOUND_BYTES = 1024 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Drained:
    """`batches`: 0 for one by one. `cpu_us`: our own processor time a message in µs, whatever the service took.

    `start_rss`, `peak_rss`: MiB. `resent` must be 0, or something else was measured.
    """

    messages: int
    seconds: float
    per_second: float
    cpu_us: float
    batches: int
    start_rss: float
    peak_rss: float
    resent: int


def play(session: int, at: float) -> Iterator[Event]:
    """One play of a clip: five messages, one silence."""
    head = Playhead(position=12.5, duration=60.0)
    yield Opened(at, session, Playhead(), media=Media(key="clip", uri="file:///srv/media/welcome.mp4"))
    yield Loaded(at + 0.1, session, Playhead(position=0.0, duration=60.0))
    yield Started(at + 0.2, session, head, join_time=0.3)
    yield Progressed(at + 15.0, session, head, fraction=0.25)
    yield Progressed(at + 30.0, session, head, fraction=0.5)
    yield Closed(at + 31.0, session, head, ending=Ending.SKIPPED)


def backlog(generation: str, now: Instant, messages: int) -> Iterator[Record]:
    """The log of so many messages, the last a moment ago."""
    plays = -(-messages // MESSAGES_A_PLAY)
    for number in range(plays):
        owner = Attribution(
            device_id="device-001",
            session_id=session_id(generation, number + 1),
            referrer="kiosk://device-001",
            partner_id=102,
            entry_id="0_abcd1234",
            media_uri="file:///srv/media/welcome.mp4",
            client_version="kiosk-agent/bench",
        )
        for event in play(number + 1, now.boottime):
            kind, body = codec.encode(event)
            yield Record(kind, body, codec.priority(event), owner, now.at(event.at - 60.0))


class SyncedClock(SystemClock):
    """As if NTP had set it, which a benchmark's machine may not know: else the service would date every event."""

    def now(self) -> Instant:
        """The present moment."""
        return replace(super().now(), synced=True)


def opened(folder: Path) -> Outbox:
    """The store in `folder`."""
    store = Outbox.open(folder, device_id="device-001", hardware_key="bench", bounds=Bounds(BOUND_BYTES))
    store.register(NAME)
    return store


def fill(folder: Path, messages: int) -> None:
    """Have so many messages wait in the store."""
    store = opened(folder)
    records = backlog(store.generation, SyncedClock().now(), messages)
    while portion := list(itertools.islice(records, APPEND)):
        store.append(portion)
    store.close()


def drain(folder: Path, url: str, *, batch: int, steps: int | None) -> Drained:
    """Drain the store by batches of `batch`; `steps`: only so many steps, which with a batch of 1 are messages."""
    store = opened(folder)
    wire = Wire(user_agent="bench", monotonic=time.monotonic, timeouts=Timeouts(5.0, 30.0, 60.0))
    sink = StatsCollect(CollectSettings(url, "bench", batch=batch), wire, session=NoSession())
    pump = Pump(store, sink, chance=random.random, pace=Pace(batch_size=batch, rate=0.0))
    clock = SyncedClock()
    start = peak = memory(os.getpid()).rss
    began, worked = time.perf_counter(), time.process_time()
    for step in itertools.count(1):
        now = clock.now()
        due = pump.step(now).next_due
        if step % MEMORY_EVERY == 0:
            peak = max(peak, memory(os.getpid()).rss)
        # The silent event at the end is settled two seconds later, which is no part of the drain.
        if due is None or due > now.boottime or step == steps:
            break
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    peak = max(peak, memory(os.getpid()).rss)
    sink.close()
    (figures,) = store.statistics().sinks
    store.close()
    return Drained(
        messages=figures.delivered,
        seconds=round(seconds, 3),
        per_second=round(figures.delivered / seconds, 1),
        cpu_us=round(worked / figures.delivered * 1e6, 1),
        batches=pump.status().batches,
        start_rss=start,
        peak_rss=peak,
        resent=figures.resent,
    )


def main(arguments: list[str]) -> None:
    """Fill or drain."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--fill", type=int, metavar="N", help="only put so many messages there")
    parser.add_argument("--url", help="the collector")
    parser.add_argument("--batch", type=int, default=60)
    parser.add_argument("--steps", type=int)
    options = parser.parse_args(arguments)
    if options.fill is not None:
        fill(options.folder, options.fill)
        return
    print(json.dumps(asdict(drain(options.folder, options.url, batch=options.batch, steps=options.steps))))


if __name__ == "__main__":
    main(sys.argv[1:])
