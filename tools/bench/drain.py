"""How fast a backlog drains.

Contract: pairs of measurements, each pair in one run against one collector in a process of its own; what is compared
takes turns, and medians are kept.
- latency: every answer 50 ms late; batches against one request an event, the latter sampled (decision 38).
- official: no latency; the drain against Kaltura's own client (PyPI's KalturaApiClient), one by one and by its
  multirequest. It is installed into a temporary environment that is thrown away; without network these are left out.
- size: a backlog of 200,000 against one of 2,000: rate, our own processor time a message, and memory.
Rules: pacing is off, batches are as large as configured by default. Each drain has a process and a store of its own;
filling the store does not count. Ours settles durably with each batch, the official client keeps nothing.

Run: python -m tools.bench.drain [--quick] [--only latency|official|size]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.delivery.pace import Pace

ROOT = Path(__file__).parents[2]
LATENCY_MS = 50
SAMPLE = 500
ROUNDS = 5
BATCH = Pace().batch_size
CLIENT = ("KalturaApiClient", "lxml")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Messages: of a drain, of a small and of a large backlog."""

    drain: int = 10_000
    small: int = 2_000
    large: int = 200_000


@dataclass(frozen=True, slots=True)
class Service:
    """A running collector."""

    url: str
    control: str

    @property
    def host(self) -> str:
        """The address without /api_v3."""
        return self.url.removesuffix("/api_v3")

    def late(self, milliseconds: float) -> None:
        """Answer so much later from now on."""
        body = json.dumps({"kind": "late", "delay_ms": milliseconds, "times": None}).encode()
        with urllib.request.urlopen(f"{self.control}/fault", body):
            pass


@contextmanager
def collector() -> Iterator[Service]:
    """A collector in a process of its own, which reads forms of any length for the official client's sake."""
    command = [sys.executable, "tools/collector", "--port", "0", "--quiet", "--max-input-vars", "100000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        url, control = (process.stdout.readline().split()[-1] for _ in range(2))
        yield Service(url, control)
    finally:
        process.terminate()
        process.wait(30)


class Bench:
    """The drains of one run; each has a folder of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    def drain(self, service: Service, messages: int, *, batch: int = BATCH, steps: int | None = None) -> dict[str, Any]:
        """Fill a store and drain it."""
        self._number += 1
        store = self._folder / f"store-{self._number}"
        module = [sys.executable, "-m", "tools.bench.drainer", str(store)]
        subprocess.run([*module, "--fill", str(messages)], cwd=ROOT, check=True)
        more = [] if steps is None else ["--steps", str(steps)]
        found = _answer([*module, "--url", service.url, "--batch", str(batch), *more])
        assert found["resent"] == 0 and found["messages"] == (steps or messages), found
        return found

    def official(self, python: Path, service: Service, events: int, *, batch: int) -> float:
        """Events a second of the official client."""
        self._number += 1
        command = [str(python), "tools/bench/official.py", "--url", service.host, "--events", str(events)]
        found = _answer([*command, "--batch", str(batch), "--first", str(self._number * 1_000_000)])
        return float(found["messages"] / found["seconds"])


def _answer(command: Sequence[str]) -> dict[str, Any]:
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def latency(bench: Bench, sizes: Sizes) -> dict[str, Any]:
    """Batches against one request an event, every answer late."""
    with collector() as service:
        service.late(LATENCY_MS)
        single = bench.drain(service, SAMPLE + 100, batch=1, steps=min(SAMPLE, sizes.drain))["per_second"]
        batched = bench.drain(service, sizes.drain)["per_second"]
    ratio = round(batched / single, 1)
    return {"latency_ms": LATENCY_MS, "messages": sizes.drain, "single": single, "batched": batched, "ratio": ratio}


def official(bench: Bench, sizes: Sizes, folder: Path) -> dict[str, Any] | None:
    """The drain against Kaltura's own client; None where that cannot be installed."""
    python = installed(folder)
    if python is None:
        return None
    ours, single, multi = [], [], []
    for _ in range(ROUNDS):
        with collector() as service:
            ours.append(bench.drain(service, sizes.drain)["per_second"])
            multi.append(bench.official(python, service, sizes.drain, batch=BATCH))
            single.append(bench.official(python, service, min(SAMPLE, sizes.drain), batch=1))
    return {
        "messages": sizes.drain,
        "ours": round(statistics.median(ours), 1),
        "official_single": round(statistics.median(single), 1),
        "official_multirequest": round(statistics.median(multi), 1),
        "ratio_to_single": round(statistics.median(a / b for a, b in zip(ours, single, strict=True)), 1),
        "ratio_to_multirequest": round(statistics.median(a / b for a, b in zip(ours, multi, strict=True)), 2),
    }


def size(bench: Bench, sizes: Sizes) -> dict[str, Any]:
    """A large backlog against a small one, the small one before and after."""
    with collector() as service:
        before = [bench.drain(service, sizes.small) for _ in range(ROUNDS)]
        large = bench.drain(service, sizes.large)
        small = [*before, *(bench.drain(service, sizes.small) for _ in range(ROUNDS))]
    rate = statistics.median(one["per_second"] for one in small)
    return {
        "small": sizes.small,
        "large": sizes.large,
        "small_per_second": rate,
        "large_per_second": large["per_second"],
        "ratio": round(large["per_second"] / rate, 2),
        "small_cpu_us": round(statistics.median(one["cpu_us"] for one in small), 1),
        "large_cpu_us": large["cpu_us"],
        "small_rss": statistics.median(one["peak_rss"] for one in small),
        "large_rss": large["peak_rss"],
    }


def installed(folder: Path) -> Path | None:
    """The Python of a temporary environment with the official client."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    command = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *CLIENT]
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        print(f"without the official client: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return None
    return folder / "bin" / "python"


def main(arguments: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small backlogs, to see that it works")
    parser.add_argument("--only", choices=("latency", "official", "size"), help="one pair alone")
    parser.add_argument("--json", action="store_true", help="figures for a machine")
    options = parser.parse_args(arguments)
    sizes = Sizes(1_000, 500, 5_000) if options.quick else Sizes()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bench = Bench(folder)
        pairs: dict[str, Callable[[], dict[str, Any] | None]] = {
            "latency": lambda: latency(bench, sizes),
            "official": lambda: official(bench, sizes, folder / "official"),
            "size": lambda: size(bench, sizes),
        }
        figures: dict[str, Any] = {"batch": BATCH, "load_before": round(os.getloadavg()[0], 2)}
        figures |= {name: pair() for name, pair in pairs.items() if options.only in (None, name)}
    print(json.dumps(figures, indent=None if options.json else 2))


if __name__ == "__main__":
    main(sys.argv[1:])
