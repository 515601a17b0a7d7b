"""One process of simulated devices.

Contract: started by tools.simulator.crowd with a JSON text (`Task`); what happens goes to standard output, one JSON
list `[event, device, wall seconds]` a line; orders come on standard input: `blink N`, `stop`. It ends with its parent.
"""

import json
import random
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tools.simulator.crew import Crew
from tools.simulator.delivery import Deliveries
from tools.simulator.device import Device, Traits
from tools.simulator.memory import slots


@dataclass(frozen=True, slots=True)
class Task:
    """`ids`: the devices; `folder`: what they remember is below it. `collector`: None: nothing is delivered.

    `rate`: events a second of each device. `chance`: of reconnecting; None: random, as the agent's; a number: always
    that one, as a fleet without jitter would.
    """

    ids: tuple[str, ...]
    url: str
    base: str
    folder: str
    password_file: str | None
    groups: tuple[str, ...] = ()
    collector: str | None = None
    rate: float = 0.0
    chance: float | None = None

    def text(self) -> str:
        """For the command line."""
        return json.dumps(asdict(self))


def read(text: str) -> Task:
    """What `Task.text` wrote."""
    plain = json.loads(text)
    return Task(**{**plain, "ids": tuple(plain["ids"]), "groups": tuple(plain["groups"])})


def main(arguments: list[str]) -> None:
    """Run until told to stop, or until nobody is there to tell."""
    task = read(arguments[0])
    chance = random.random if task.chance is None else lambda: task.chance or 0.0
    folder = Path(task.folder)
    folder.mkdir(parents=True, exist_ok=True)
    password = None if task.password_file is None else Path(task.password_file)
    crew = Crew(
        [Traits(id, task.groups, password) for id in task.ids],
        slots(folder / "memory", len(task.ids), wall=time.time()),
        url=task.url,
        base=task.base,
        folder=folder,
        chance=chance,
        on_event=_say,
    )
    deliveries = Deliveries(crew.devices, task.collector, rate=task.rate) if task.collector else None
    crew.start()
    if deliveries is not None:
        threading.Thread(target=deliveries.run, name="deliveries", daemon=True).start()
    for line in sys.stdin:
        match line.split():
            case ["blink", number]:
                for device in random.sample(crew.devices, min(int(number), len(crew.devices))):
                    device.blink()
            case ["stop"]:
                break
    if deliveries is not None:
        deliveries.stop()
    crew.stop()


def _say(event: str, device: Device, at: float) -> None:
    sys.stdout.write(f'["{event}","{device.traits.id}",{at:.3f}]\n')
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
