"""How many bytes go to the card for each event, over its whole life: append, checkpoints, settlement, deletion.

A simulated kiosk: the agent's own main loop, journal, tracker, director, store, projection and pump, on a clock moved
by hand, so that an hour of play takes seconds. Two parts are played: the player host says what libvlc says of clips of
`--clip` seconds (a position each quarter of a second), and the service takes a message each twentieth of a second. The
bytes are real: what the kernel says that this process caused to be written (/proc/self/io) while the
second half of the hour is played, WAL checkpoints and deletions included. The file system's own journal is not in it.
An hour that takes seconds leaves the kernel no time to write a block between two commits that share it, so a real agent
(tools.bench.card) writes a tenth more, and for a film in which nothing happens three times as much.

Run: python -m tools.bench.flash [--folder DIR] [--clip S] [--minutes N] [--json]
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.signals import (
    Buffering,
    EndReached,
    LengthChanged,
    Opening,
    Playing,
    Signal,
    Stopped,
    TimeChanged,
    TrackAdded,
    TrackKind,
    TrackSelected,
    VideoOutputsChanged,
)
from agent.player import wire
from tools.bench.append import written_bytes
from tools.bench.pretended import Pretended

WINDOWS_S = (0.0, 1.0, 10.0)
"""Durability windows: none, the default, and a long one."""

TICK_S = 0.05
SAMPLE_S = 0.25
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Spent:
    """What one durability window costs. `events`, `commits`: while it was measured; a clip makes about nine events."""

    window_s: float
    events: int
    commits: float
    bytes_per_event: float
    mib_per_day: float


def clip(at: float, seconds: float) -> Iterator[tuple[float, Signal | wire.MediumSet]]:
    """What a host says of one play from beginning to end, in order, each with when."""
    yield at, wire.MediumSet(at)
    yield at, Opening(at)
    yield at, Buffering(at, 0.0)
    yield at, TrackAdded(at, TrackKind.VIDEO, 0)
    yield at, TrackAdded(at, TrackKind.AUDIO, 1)
    yield at, LengthChanged(at, seconds)
    began = at + 0.15
    yield began, TrackSelected(began, TrackKind.VIDEO, 0)
    yield began, TrackSelected(began, TrackKind.AUDIO, 1)
    yield began, Playing(began)
    yield began, Buffering(began, 100.0)
    yield began, VideoOutputsChanged(began, 1)
    for number in range(1, int(seconds / SAMPLE_S) + 1):
        now = began + number * SAMPLE_S
        yield now, TimeChanged(now, number * SAMPLE_S)
    over = began + seconds + 0.1
    yield over, EndReached(over)
    yield over, Stopped(over)


def spend(folder: Path, *, window_s: float, clip_s: float, minutes: float) -> Spent:
    """Play for so long, and count during the second half."""
    media = [Media(key=f"clip-{n}", uri=f"file:///srv/media/clip-{n}.mp4", entry_id=f"0_clip000{n}") for n in range(3)]
    start = Instant("7f3f5a0e-0000-4000-8000-000000000001", 1_000.0, 1_800_000_000.0, synced=True)
    with Pretended(folder, media, start, durability_s=window_s) as kiosk:
        kiosk.ready()
        half, end = start.boottime + 30.0 * minutes, start.boottime + 60.0 * minutes
        marks: list[tuple[int, int, int]] = []
        said: Iterator[tuple[float, Signal | wire.MediumSet]] = iter(())
        due = next(said, None)
        for number in range(int((end - start.boottime) / TICK_S) + 1):
            now = start.boottime + number * TICK_S
            while due is not None and due[0] <= now:
                kiosk.hear(due[1])
                due = next(said, None)
            kiosk.step(now)
            if due is None and kiosk.wants_next():
                said = clip(now, clip_s)
                due = next(said, None)
            if now >= half and not marks:
                marks.append((written_bytes(), kiosk.outbox.newest, kiosk.commits))
        marks.append((written_bytes(), kiosk.outbox.newest, kiosk.commits))
    ((written, events, commits),) = [tuple(b - a for a, b in zip(*pair, strict=True)) for pair in pairwise(marks)]
    return Spent(
        window_s=window_s,
        events=events,
        commits=commits,
        bytes_per_event=round(written / events, 1),
        mib_per_day=round(written / (end - half) * DAY_S / 2**20, 1),
    )


def run(folder: Path, *, clip_s: float, minutes: float) -> list[Spent]:
    """Each window with a store of its own."""
    return [
        spend(folder / f"window-{window:g}", window_s=window, clip_s=clip_s, minutes=minutes) for window in WINDOWS_S
    ]


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a folder on the disk to measure (default: the temporary folder)")
    parser.add_argument("--clip", type=float, default=30.0, help="seconds a clip lasts")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long to play")
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = run(Path(folder), clip_s=options.clip, minutes=options.minutes)
    if options.json:
        windows = {f"{spent.window_s:g}": asdict(spent) for spent in found}
        print(json.dumps({"clip_s": options.clip, "windows": windows}))
        return
    print(f"clips of {options.clip:g} s, delivered live, from append to deletion")
    for spent in found:
        print(
            f"  window {spent.window_s:4g} s  {spent.bytes_per_event:8.0f} bytes/event  {spent.commits:6.0f} commits"
            f"  {spent.events:6} events  {spent.mib_per_day:6.1f} MiB a day"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
