"""What the programs that set the clock think of it, for a person whom the kernel's no does not help.

Contract: `opinions` gives a sentence for each of them that is here; it raises nothing and changes nothing.
Rules: the kernel's word alone decides (agent.runtime.clock); it takes it back some nine hours after the last answer of
a time server, and then these say why. systemd-timesyncd leaves a file in /run at each correction; chronyd is asked by
its own command, which needs no privilege.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from agent.runtime.clock import TIMESYNC_SIGN

ANSWER_WITHIN_S: Final = 3.0
_TRACKED: Final = ("Reference ID", "Ref time (UTC)", "Leap status")


def opinions(sign: Path = TIMESYNC_SIGN) -> Iterator[str]:
    """A sentence each."""
    try:
        if sign.exists():
            hours = max(0.0, time.time() - sign.stat().st_mtime) / 3600
            yield f"systemd-timesyncd has set the clock in this boot, last {hours:.1f} hours ago by this clock"
        elif sign.parent.is_dir():
            yield "systemd-timesyncd has had no answer of a time server in this boot"
    except OSError:
        pass
    yield from _chronyd()


def _chronyd() -> Iterator[str]:
    command = shutil.which("chronyc")
    if command is None:
        return
    try:
        done = subprocess.run(
            [command, "-n", "tracking"], capture_output=True, text=True, errors="replace", timeout=ANSWER_WITHIN_S
        )
    except (OSError, subprocess.TimeoutExpired):
        yield "chronyd does not answer"
        return
    if done.returncode:
        yield "chronyd does not answer"
        return
    told = dict(_row(line) for line in done.stdout.splitlines())
    says = ", ".join(f"{key} {told[key]}" for key in _TRACKED if told.get(key))
    yield f"chronyd says: {says or 'nothing of its sources'}"


def _row(line: str) -> tuple[str, str]:
    key, _, value = line.partition(":")
    return key.strip(), " ".join(value.split())[:100]
