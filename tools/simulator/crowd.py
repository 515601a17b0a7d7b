"""Simulated devices in several processes, and what happens to them.

Contract: a context manager; `start` starts the processes, `kill` ends one by SIGKILL and `start_again` brings it back
with what its devices remember, `blink` has some devices lose their connection. `events` is what they told, `online` who
is connected, `settled` how many events each has delivered.
Rules: what the devices remember lies below `folder`: on a memory file system a thousand of them cost no disk.
"""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.simulator.memory import slots
from tools.simulator.worker import Task

ROOT = Path(__file__).parents[2]
_START_S = 120.0


@dataclass(frozen=True, slots=True)
class Event:
    """What a device did: "try" (it dialled the broker and greets), "online", "offline", "report"; wall seconds."""

    what: str
    id: str
    at: float


class Crowd:
    """`task`: with all ids, which are divided among so many `processes`."""

    def __init__(self, task: Task, *, processes: int) -> None:
        self._tasks = [
            replace(task, ids=task.ids[number::processes], folder=f"{task.folder}/{number}")
            for number in range(processes)
        ]
        self._processes: list[subprocess.Popen[str] | None] = [None] * processes
        self._lock = threading.Lock()
        self.events: list[Event] = []
        self.online: set[str] = set()

    def __enter__(self) -> Self:
        for number in range(len(self._tasks)):
            self.start_again(number)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            if process is not None:
                process.kill()
                process.wait()

    def start_again(self, number: int) -> None:
        """Start a process that is not running."""
        command = [sys.executable, "-m", "tools.simulator.worker", self._tasks[number].text()]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._processes[number] = process
        threading.Thread(target=self._listen, args=(process,), daemon=True).start()

    def kill(self, number: int) -> None:
        """End a process as a power cut ends devices."""
        process = self._processes[number]
        assert process is not None
        process.kill()
        process.wait()
        self._processes[number] = None
        with self._lock:
            self.online -= set(self._tasks[number].ids)

    def stop(self) -> None:
        """End all of them in order, so that what is settled is settled."""
        for process in self._processes:
            if process is not None and process.stdin is not None:
                process.stdin.write("stop\n")
                process.stdin.close()
        for number, process in enumerate(self._processes):
            if process is not None:
                process.wait(60)
                self._processes[number] = None

    def blink(self, devices: int) -> None:
        """Have so many devices lose their connection."""
        for process in self._processes:
            if process is not None and process.stdin is not None:
                process.stdin.write(f"blink {devices // len(self._processes)}\n")
                process.stdin.flush()

    def wait_online(self, seconds: float = _START_S) -> None:
        """Until all are connected."""
        wanted = sum(len(task.ids) for task in self._tasks)
        until = time.monotonic() + seconds
        while len(self.online) < wanted:
            dead = [process for process in self._processes if process is not None and process.poll() is not None]
            if dead or time.monotonic() >= until:
                raise TimeoutError(f"{len(self.online)} of {wanted} devices are online, {len(dead)} processes ended")
            time.sleep(0.02)

    @property
    def settled(self) -> dict[str, int]:
        """Events that the devices have delivered, by device."""
        return {
            id: slot.delivered
            for task in self._tasks
            for id, slot in zip(task.ids, slots(Path(task.folder, "memory"), len(task.ids), wall=1.0), strict=True)
        }

    def busiest_second(self, since: float, what: str = "try") -> int:
        """The most `what` within one second of the wall clock, from `since` on."""
        with self._lock:
            seconds = Counter(int(each.at) for each in self.events if each.what == what and each.at >= since)
        return max(seconds.values(), default=0)

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            what, id, at = json.loads(line)
            with self._lock:
                self.events.append(Event(what, id, at))
                if what == "online":
                    self.online.add(id)
                elif what == "offline":
                    self.online.discard(id)
