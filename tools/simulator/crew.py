"""Some simulated devices in one process.

Contract: `start` connects them all, each on a thread of its own; one thread more does what their main loops would do.
`stop` ends them. `on_event` is told what happens, to whom and when (wall s), from any thread: "try" (it greets the
broker), "online", "offline", "plan" (when it means to try again), "report".
Rules: a letter that raises ends the process, as a bug of the agent would end the agent.
"""

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import SimpleQueue

from agent.remote.letters import Letter, Offline, Online
from agent.remote.topics import Topics
from tools.simulator.device import Device, Traits
from tools.simulator.memory import Slot

OnEvent = Callable[[str, Device, float], None]


class Crew:
    """See the module. `folder`: below it each device has one of its own."""

    def __init__(
        self,
        traits: Sequence[Traits],
        slots: Sequence[Slot],
        *,
        url: str,
        base: str,
        folder: Path,
        chance: Callable[[], float],
        on_event: OnEvent = lambda event, device, at: None,
    ) -> None:
        self._letters: SimpleQueue[tuple[Device, Letter] | None] = SimpleQueue()
        self._on_event = on_event
        self.devices: list[Device] = []
        for each, slot in zip(traits, slots, strict=True):
            device = Device(each, url, Topics(base), folder / each.id, slot=slot, put=self._put, chance=chance)
            device.on_try = partial(self._tell, "try", device)
            self.devices.append(device)
        self._threads = [threading.Thread(target=self._run, args=(each.line.run,)) for each in self.devices]
        self._loop = threading.Thread(target=self._run, args=(self._work,), name="loops")

    def start(self) -> None:
        """Connect."""
        for thread in (self._loop, *self._threads):
            thread.daemon = True
            thread.start()

    def stop(self) -> None:
        """End all connections without a farewell, as a crash does, and wait for the threads."""
        for device in self.devices:
            device.line.stop()
        for thread in self._threads:
            thread.join(10)
        self._letters.put(None)
        self._loop.join(10)

    def _put(self, device: Device, letter: Letter) -> None:
        self._letters.put((device, letter))

    def _work(self) -> None:
        while (found := self._letters.get()) is not None:
            device, letter = found
            has_reported = device.take(letter)
            match letter:
                case Online():
                    self._tell("online", device)
                case Offline(retry_in=wait):
                    self._tell("offline", device)
                    self._on_event("plan", device, time.time() + wait)
            if has_reported:
                self._tell("report", device)

    def _tell(self, event: str, device: Device) -> None:
        self._on_event(event, device, time.time())

    @staticmethod
    def _run(body: Callable[[], None]) -> None:
        try:
            body()
        except BaseException:  # noqa: BLE001  whatever it is, it must not end one thread and leave the others
            traceback.print_exc(file=sys.stderr)
            sys.stderr.flush()
            os._exit(1)
