"""How many bytes a real agent writes to the card for each event: real VLC, clips of `--clip` seconds, delivered live.

What `kiosk-agent status` tells, from a minute after the start to the end: what the kernel says that the agent's process
caused to be written, its log included, the player host's and the file system's own bookkeeping not. Where the clock is
not synchronised each event's time is frozen by a commit of its own before it is sent, which is told with the figures.

Run: python -m tools.bench.card [--folder DIR] [--clip S] [--minutes N] [--window S] [--json]
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from agent.runtime.control import ask
from tools.bench.kiosk import kiosk
from tools.demo import clips
from tools.standin.server import Collector

SETTLE_S = 60.0
"""The log of the store grows to its size once."""


@dataclass(frozen=True, slots=True)
class Worn:
    """`synced`: whether the clock was. `mib_per_day`: of a kiosk that plays day and night."""

    window_s: float
    clip_s: int
    synced: bool
    events: int
    bytes_per_event: float
    mib_per_day: float


def wear(folder: Path, *, window_s: float, clip_s: int, minutes: float) -> Worn:
    """Play for so long after the settling."""
    media = folder / "media"
    clips.make(media, lambda line: print(line, file=sys.stderr), seconds=clip_s)
    more = f"[queue]\ndurability_s = {window_s}\n"
    python = Path(sys.executable)
    with Collector() as collector, kiosk(python, folder / "kiosk", media, collector, loop=True, more=more) as agent:
        agent.wait(lambda status: status["player"]["state"] == "playing", every_s=0.5)
        time.sleep(SETTLE_S)  # the playing is what is measured
        before = ask(agent.state, "status")
        began = time.monotonic()
        time.sleep(60.0 * minutes)
        after = ask(agent.state, "status")
        seconds = time.monotonic() - began
    events, written = (after["queue"][name] - before["queue"][name] for name in ("written_events", "written_bytes"))
    return Worn(
        window_s=window_s,
        clip_s=clip_s,
        synced=after["clock"]["synced"],
        events=events,
        bytes_per_event=round(written / events, 1),
        mib_per_day=round(written / seconds * 86_400 / 2**20, 1),
    )


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure (default: the temporary folder)")
    parser.add_argument("--clip", type=int, default=30, help="seconds a clip lasts")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long to measure")
    parser.add_argument("--window", type=float, default=1.0, help="queue.durability_s")
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = wear(Path(folder), window_s=options.window, clip_s=options.clip, minutes=options.minutes)
    if options.json:
        print(json.dumps(asdict(found)))
        return
    clock = "synchronised" if found.synced else "not synchronised"
    print(
        f"clips of {found.clip_s} s, window {found.window_s:g} s, clock {clock}:"
        f" {found.bytes_per_event:.0f} bytes an event ({found.events} events), {found.mib_per_day:.1f} MiB a day"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
