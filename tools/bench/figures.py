"""Runs all benchmarks and keeps what they found.

Contract: writes tools/bench/figures.json: the machine, the versions, the date, and each benchmark's figures as its
`--json` gives them; then README.md's table (tools.bench.readme).
Rules: the benchmarks run one after the other in processes of their own, so that none warms up another.

Run: tools/bench/run [--seconds N]
"""

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from agent.kernel.release import VERSION
from tools.bench import readme

ROOT = Path(__file__).parents[2]
LIBRARIES = ("attrs", "cattrs", "click", "paho-mqtt", "python-vlc", "sqlite-utils", "structlog", "urllib3")


def measured(module: str, *arguments: str) -> dict[str, Any]:
    """The figures of one benchmark. Raises CalledProcessError."""
    print(f"{module} {' '.join(arguments)} …", file=sys.stderr)
    command = [sys.executable, "-m", f"tools.bench.{module}", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "architecture": platform.machine(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "kernel": platform.release(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    """The name that the kernel gives the processor; ARM has one only on some boards."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model"))]
    return names[0] if names else platform.machine()


def versions() -> dict[str, str]:
    """What the figures were measured with."""
    libraries = {name: version(name) for name in LIBRARIES}
    return {"kiosk-agent": VERSION, "Python": platform.python_version(), "SQLite": sqlite3.sqlite_version, **libraries}


def main(arguments: list[str]) -> None:
    """Measure everything and write it down."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", default="60", help="how long to watch the agent play, and rest")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    figures = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "append": measured("append"),
        "drain": measured("drain"),
        "flash": measured("flash"),
        "load": measured("load"),
        "fleet": measured("fleet"),
        "footprint": measured("footprint", "--lean", "--seconds", options.seconds),
        "footprint_development": measured("footprint", "--seconds", "10"),
    }
    readme.FIGURES.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    readme.main()
    print(f"{time.monotonic() - began:.0f} s; see {readme.FIGURES.relative_to(ROOT)} and README.md", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
