"""What an agent takes: memory, time to start, processor time and writes while it plays and while it rests.

A real agent plays the demo's clips to a collector that runs here, once in a loop and once to the end. The player host,
which owns libvlc, is a process of its own and is shown apart. Memory is measured in an environment with nothing but
requirements.lock in it (`--lean` makes one), because what else is installed may be imported too.

Run: python -m tools.bench.footprint [--lean] [--seconds N] [--json]
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.bench.kiosk import ROOT, Kiosk, environment, kiosk
from tools.bench.process import Memory, activity, has_mapped, memory
from tools.demo import clips
from tools.simulator.broker import SimulationBroker
from tools.standin.server import Collector

STARTS = 3
# How often a start is looked at; the figure is that much too late at most.
LOOK_S = 0.005


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from exec: until `status` says ready (the player host included), until the first event is durable;
    `cpu_s`: processor time of the agent alone until ready; `import_s`: of that, importing its modules."""

    ready_s: float
    first_event_s: float
    cpu_s: float
    import_s: float


@dataclass(frozen=True, slots=True)
class Span:
    """A while of one kind: shares and amounts of the agent's process alone, a minute where amounts."""

    seconds: float
    cpu_percent: float
    wakeups_per_minute: float
    written_bytes_per_minute: float
    disk_bytes_per_minute: float
    threads: int
    memory: Memory
    host_memory: Memory
    host_cpu_percent: float


@dataclass(frozen=True, slots=True)
class Footprint:
    """All figures of one environment. `steered`: playing, with a broker that steers it, over plain MQTT."""

    environment: str
    libvlc_loaded: bool
    start: Start
    playing: Span
    idle: Span
    steered: Span


def import_seconds(python: Path) -> float:
    """How long the daemon's imports take, by the interpreter's own account."""
    command = [str(python), "-X", "importtime", "-m", "agent.cli.main", "run", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=environment())
    # Top-level imports are those that are not indented; each one's second number holds what it imported in turn.
    tops = re.findall(r"^import time: +\d+ \| +(\d+) \| \S", done.stderr, re.MULTILINE)
    return sum(map(int, tops)) / 1e6


def span(agent: Kiosk, host: int, seconds: float) -> Span:
    """What the agent does for a while; nobody asks it for anything meanwhile."""
    pid = agent.process.pid
    began, before, host_before = time.monotonic(), activity(pid), activity(host)
    time.sleep(seconds)
    took, after, host_after = time.monotonic() - began, activity(pid), activity(host)
    return Span(
        seconds=round(took, 1),
        cpu_percent=round(100 * (after.cpu_s - before.cpu_s) / took, 3),
        wakeups_per_minute=round(60 * (after.wakeups - before.wakeups) / took, 1),
        written_bytes_per_minute=round(60 * (after.written - before.written) / took, 1),
        disk_bytes_per_minute=round(60 * (after.to_disk - before.to_disk) / took, 1),
        threads=after.threads,
        memory=memory(pid),
        host_memory=memory(host),
        host_cpu_percent=round(100 * (host_after.cpu_s - host_before.cpu_s) / took, 3),
    )


def run(python: Path, name: str, *, seconds: float) -> Footprint:
    """Measure an agent that `python` runs; each span lasts `seconds`. Raises BenchError, DemoError."""
    with tempfile.TemporaryDirectory() as temporary, Collector() as collector:
        folder = Path(temporary)
        clips.make(folder / "media", lambda text: print(text, file=sys.stderr))
        # The first start writes byte code, which a package brings along.
        imports = min(import_seconds(python) for _ in range(STARTS))
        starts = []
        for number in range(STARTS):
            with kiosk(python, folder / f"start-{number}", folder / "media", collector, loop=False) as agent:
                ready, _ = agent.wait(lambda status: bool(status["ready"]), every_s=LOOK_S)
                cpu = activity(agent.process.pid).cpu_s
                durable, _ = agent.wait(lambda status: bool(status["queue"]["ever"]), every_s=LOOK_S)
                starts.append(Start(round(ready, 2), round(durable, 2), round(cpu, 2), round(imports, 2)))
        with kiosk(python, folder / "loop", folder / "media", collector, loop=True) as agent:
            _, status = agent.wait(lambda status: status["player"]["sessions"] >= len(clips.CLIPS), every_s=0.5)
            playing = span(agent, status["player"]["host"]["pid"], seconds)
        with kiosk(python, folder / "once", folder / "media", collector, loop=False) as agent:
            _, status = agent.wait(
                lambda status: status["player"]["state"] == "idle" and not status["sinks"][0]["depth"], every_s=0.5
            )
            idle = span(agent, status["player"]["host"]["pid"], seconds)
            loaded = has_mapped(agent.process.pid, "libvlc")
        with SimulationBroker(folder / "broker", ["device-001"]) as broker:
            remote = f'[remote]\nurl = "{broker.url}"\npassword_file = "{broker.password_file}"\n'
            with kiosk(python, folder / "steered", folder / "media", collector, loop=True, more=remote) as agent:
                _, status = agent.wait(
                    lambda status: status["remote"]["online"] and status["player"]["sessions"] >= len(clips.CLIPS),
                    every_s=0.5,
                )
                steered = span(agent, status["player"]["host"]["pid"], seconds)
    return Footprint(name, loaded, min(starts, key=lambda start: start.ready_s), playing, idle, steered)


@contextmanager
def lean_python() -> Iterator[Path]:
    """The interpreter of an environment with requirements.lock in it and nothing else, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "venv" / "bin" / "python"
        lock = ["--disable-pip-version-check", "--quiet", "install", "--require-hashes", "-r", "requirements.lock"]
        subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
        subprocess.run([str(python), "-m", "pip", *lock], check=True, cwd=ROOT)
        yield python


def text(found: Footprint) -> str:
    """The figures for a person."""
    start = found.start
    lines = [
        f"environment: {found.environment}; libvlc in the agent's process: {'YES' if found.libvlc_loaded else 'no'}",
        f"  start         ready after {start.ready_s:.2f} s, first event durable after {start.first_event_s:.2f} s"
        f" ({start.cpu_s:.2f} s of processor time, imports {start.import_s:.2f} s)",
    ]
    for name, each in (("playing", found.playing), ("idle", found.idle), ("steered", found.steered)):
        lines += [
            f"  {name:<8} agent RSS {each.memory.rss:.1f} PSS {each.memory.pss:.1f} USS {each.memory.uss:.1f} MiB,"
            f" processor {each.cpu_percent:.2f} %, {each.wakeups_per_minute:.0f} wake-ups/min,"
            f" {each.disk_bytes_per_minute:.0f} bytes/min to the disk, {each.threads} threads",
            f"  {'':<8} host  RSS {each.host_memory.rss:.1f} PSS {each.host_memory.pss:.1f}"
            f" USS {each.host_memory.uss:.1f} MiB, processor {each.host_cpu_percent:.2f} %",
        ]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--lean", action="store_true", help="in an environment of requirements.lock alone, made for it")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to watch it play, and rest")
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    options = parser.parse_args(arguments)
    if options.lean:
        with lean_python() as python:
            found = run(python, "requirements.lock", seconds=options.seconds)
    else:
        found = run(Path(sys.executable), Path(sys.prefix).name, seconds=options.seconds)
    print(json.dumps(asdict(found)) if options.json else text(found))


if __name__ == "__main__":
    main(sys.argv[1:])
