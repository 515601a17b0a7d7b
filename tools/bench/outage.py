"""What an outage of a month does to a kiosk: reckoned from 200,000 events, and the start of a real agent behind it.

`--month` fills a queue in two halves and delivers it in two halves. If an event of the second half costs what one of
the first does, a month costs so many times more. `--agent` starts real agents with their player hosts, in turn on an
empty store and on a long one, while the service cannot be reached: the time until `status` answers and until the agent
is ready, its processor time, and its memory then and later. On a busy machine believe the processor time.

Run: python -m tools.bench.outage [--month | --agent] [--folder DIR] [--events N] [--json]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from agent.outbox.connection import STORE_NAME
from tools.bench.drainer import MESSAGES_A_PLAY
from tools.bench.kiosk import ROOT, Kiosk
from tools.bench.load import BOUND_BYTES, EVENTS_A_PLAY, MANY, MONTH, drain, fill, opened
from tools.bench.process import activity, memory

SAMPLE = 200_000
STARTS = 3
LOOK_S = 0.005
LATER_S = 20.0
NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Started:
    """A real agent: seconds from its execution until `status` answers and until it is ready, and of its own processor
    time until then; MiB at that moment, and once it has looked through the queue for a while; events that wait then."""

    answers_s: float
    ready_s: float
    cpu_s: float
    rss: float
    later_rss: float
    waiting: int


def agent_on(folder: Path) -> Started:
    """Start an agent on the store in `folder`, whose service cannot be reached, and end it."""
    config = folder.with_suffix(".toml")
    config.write_text(
        f'[device]\nid = "device-001"\n[kaltura]\nservice_url = "{NOBODY}"\npartner_id = 102\n'
        f"[player]\nheadless = true\n[queue]\nmax_bytes = {BOUND_BYTES}\n"
    )
    command = [sys.executable, "-m", "agent.cli.main", "run", "--config", str(config), "--state-dir", str(folder)]
    began = time.monotonic()
    with folder.with_suffix(".log").open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    agent = Kiosk(process, folder, folder.with_suffix(".log"), began)
    try:
        answers_s, _ = agent.wait(lambda status: True, every_s=LOOK_S)
        ready_s, _ = agent.wait(lambda status: bool(status["ready"]), every_s=LOOK_S)
        rss, cpu_s = memory(process.pid).rss, activity(process.pid).cpu_s
        time.sleep(LATER_S)
        _, status = agent.wait(lambda status: True, every_s=LOOK_S)
        later = memory(process.pid).rss
    finally:
        process.terminate()
        process.wait()
    return Started(round(answers_s, 3), round(ready_s, 3), round(cpu_s, 3), rss, later, status["queue"]["events"])


def starts(folder: Path, many: int) -> dict[str, list[Started]]:
    """Real agents in turn on an empty store and on one of `many` events."""
    fill(folder / "empty", 0)
    fill(folder / "many", many)
    found: dict[str, list[Started]] = {"empty": [], "many": []}
    for _ in range(STARTS):
        for name, known in found.items():
            known.append(agent_on(folder / name))
    return found


@dataclass(frozen=True, slots=True)
class Half:
    """Half of a long queue: bytes and microseconds that each of its events took to keep, and messages a second to
    deliver it."""

    event_bytes: float
    append_us: float
    drain_per_second: float


@dataclass(frozen=True, slots=True)
class Month:
    """A queue of `events`, and what follows for `MONTH` of them if the second half is like the first: the file in GiB,
    and the hours of its drain by an agent that is not paced and a service that answers at once."""

    events: int
    halves: tuple[Half, Half]
    month_gib: float
    month_drain_h: float


def extrapolated(folder: Path, events: int) -> Month:
    """Fill in two halves, drain in two halves, and reckon."""
    path, half = folder / STORE_NAME, events // 2
    sizes, seconds = [0], []
    for _ in range(2):
        began = time.perf_counter()
        fill(folder, half)
        seconds.append(time.perf_counter() - began)
        sizes.append(path.stat().st_size)
    store = opened(folder)
    rates = [drain(store, half)[1], drain(store)[1]]
    store.close()
    halves = [
        Half(round((after - before) / half, 1), round(took / half * 1e6, 1), round(rate, 1))
        for (before, after), took, rate in zip(pairwise(sizes), seconds, rates, strict=True)
    ]
    messages = MONTH * MESSAGES_A_PLAY / EVENTS_A_PLAY
    return Month(
        events,
        (halves[0], halves[1]),
        month_gib=round(max(each.event_bytes for each in halves) * MONTH / 2**30, 2),
        month_drain_h=round(messages / min(rates) / 3600, 2),
    )


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    chosen = parser.add_mutually_exclusive_group()
    chosen.add_argument("--month", action="store_true", help="a month, reckoned from --events (default: 200,000)")
    chosen.add_argument("--agent", action="store_true", help="real agents behind --events (default: 1,000,000)")
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure (default: the temporary folder)")
    parser.add_argument("--events", type=int)
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found: dict[str, object] = {}
        if not options.agent:
            found |= asdict(extrapolated(Path(folder), options.events or SAMPLE))
        if not options.month:
            behind = starts(Path(folder), options.events or MANY)
            found |= {name: [asdict(each) for each in known] for name, known in behind.items()}
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        for line in value if isinstance(value, list | tuple) else [value]:
            print(f"  {name:18} {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
