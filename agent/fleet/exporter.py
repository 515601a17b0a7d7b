"""`kiosk-fleet exporter`: the whole fleet's metrics for Prometheus, from what devices retain at the broker.

Contract: answers on `--listen` at once and for ever, whether the broker is there or not; ends on SIGTERM or Ctrl-C with
exit 0, with 2 where an option cannot be used.
Rules: a scrape is answered from memory by a thread of its own and never waits for the broker. The broker's connection
is made anew after a pause; all that it keeps is read again then, and every `RENEW_S`, part by part, since a broker may
hold messages back (agent.fleet.roster). It listens on the loopback address unless --beyond-loopback is given.
Reasons: Prometheus asks for what is now; a device that is gone cannot be asked, so its broker is.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Final

import click

from agent.config.metrics import is_loopback, split
from agent.fleet import exporter_metrics as of
from agent.fleet.desk import Desk, DeskError
from agent.fleet.exits import Exit
from agent.fleet.exporter_inventory import Inventory, InventoryError
from agent.fleet.exporter_registry import PARTS, Registry
from agent.fleet.office import InvalidError, Office, operated
from agent.fleet.opening import opened
from agent.fleet.reading import QUIET_S, snapshot
from agent.fleet.roster import AT_ONCE
from agent.fleet.words import plain
from agent.remote.settings import BrokerSettings
from agent.remote.topics import Topics
from agent.service.exposition import Sample, exposition
from agent.service.listener import Listener

LISTEN: Final = "127.0.0.1:9480"
RENEW_S: Final = 900.0
FIRST_PAUSE_S: Final = 1.0
LONGEST_PAUSE_S: Final = 60.0
GLANCE_S: Final = 1.0

Opener = Callable[[BrokerSettings], AbstractContextManager[Desk]]


@click.command(short_help="Serve the whole fleet's metrics to Prometheus.")
@click.option(
    "--listen", metavar="ADDRESS:PORT", default=LISTEN, show_default=True, help="Where Prometheus may fetch them."
)
@click.option("--beyond-loopback", is_flag=True, help="Let --listen be an address that other machines reach.")
@click.option(
    "--inventory",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The devices that there should be, as the list of enroll (a column id). Default: all with a document.",
)
@operated
def exporter(office: Office, *, listen: str, beyond_loopback: bool, inventory: Path | None) -> Exit:
    """Serve the whole fleet's metrics to Prometheus, from what the devices keep at the broker.

    With --inventory a device that is missing differs from one that is retired. Runs until Ctrl-C.
    """
    place = split(listen)
    if place is None:
        raise InvalidError(f"--listen {plain(listen)}: allowed: an address and a port, as {LISTEN}.")
    if not is_loopback(listen) and not beyond_loopback:
        raise InvalidError(f"--listen {listen} can be reached by other machines; say --beyond-loopback if they may.")
    try:
        expected = None if inventory is None else Inventory(inventory)
    except InventoryError as error:
        raise InvalidError(str(error)) from None
    served = Exporter(office.topics, expected, wall=time.time)
    try:
        listener = Listener(*place, served.page)
    except OSError as error:
        raise InvalidError(f"--listen {listen}: {error.strerror}. Choose another port.") from None
    office.console.tell([f"The fleet's metrics are at http://{listen}/metrics until Ctrl-C."])
    thread = threading.Thread(target=listener.serve, name="exporter", daemon=True)
    thread.start()
    before = signal.signal(signal.SIGTERM, lambda *_: served.end())
    try:
        with suppress(KeyboardInterrupt):
            served.run(office.access.broker, opened, tell=lambda text: office.console.tell([plain(text)]))
    finally:
        signal.signal(signal.SIGTERM, before)
        listener.close()
        thread.join(GLANCE_S)
    return Exit.OK


class Exporter:
    """What is served. `run` is one thread's, `page` another's."""

    def __init__(self, topics: Topics, inventory: Inventory | None, *, wall: Callable[[], float]) -> None:
        self._topics = topics
        self._inventory = inventory
        self._wall = wall
        self._ended = threading.Event()
        self._is_connected = False
        self._connects = 0
        self.registry = Registry(topics)
        self.registry.expect(None if inventory is None else inventory.ids)

    def page(self) -> str:
        """All metrics, from memory."""
        return exposition([*self._own(), *of.samples(self.registry.devices(), self._wall())])

    def end(self) -> None:
        """Have `run` return soon; from any thread, and from a signal."""
        self._ended.set()

    def run(self, broker: BrokerSettings, opener: Opener, *, tell: Callable[[str], None]) -> None:
        """Listen to the broker until `end`; an outage is told once."""
        pause, is_told = FIRST_PAUSE_S, False
        while not self._ended.is_set():
            try:
                with opener(broker) as desk:
                    self._connects += 1
                    self._listen(desk)
                    pause = FIRST_PAUSE_S
            except DeskError as error:
                # Connected, and all read: the outage before is over.
                is_told, pause = (False, FIRST_PAUSE_S) if self._is_connected else (is_told, pause)
                self._is_connected = False
                if not is_told:
                    tell(f"{error} Trying again.")
                is_told = True
                self._ended.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        self._is_connected = False

    def _listen(self, desk: Desk) -> None:
        while not self._ended.is_set():
            self.registry.renew(self._retained(desk))
            self._is_connected = True
            desk.subscribe(self._filters())
            looked_at = desk.now()
            until = looked_at + RENEW_S
            while not self._ended.is_set() and desk.now() < until:
                arrived = desk.receive(GLANCE_S)
                if arrived is not None:
                    self.registry.take(arrived.topic, arrived.payload)
                if desk.now() - looked_at >= GLANCE_S:
                    looked_at = desk.now()
                    self._look()

    def _retained(self, desk: Desk) -> dict[str, bytes]:
        """All that the broker keeps, what it held back at first asked for by name."""
        found: dict[str, bytes] = {}
        for each in self._filters():
            found |= snapshot(desk, [each])
        ids = {*self.registry.ids, *(topic.rsplit("/", 2)[1] for topic in found)}
        lacking = [topic for id in sorted(ids) for topic in self._of(id) if topic not in found]
        for begin in range(0, len(lacking), AT_ONCE):
            found |= snapshot(desk, lacking[begin : begin + AT_ONCE], first=QUIET_S)
        return found

    def _look(self) -> None:
        ids = None if self._inventory is None else self._inventory.look()
        if ids is not None:
            self.registry.expect(ids)

    def _filters(self) -> list[str]:
        return self._of("+")

    def _of(self, id: str) -> list[str]:
        return [f"{self._topics.root}/device/{id}/{part}" for part in PARTS]

    def _own(self) -> Iterator[Sample]:
        yield of.BROKER.of(self._is_connected)
        yield of.CONNECTS.of(self._connects)
        yield of.MESSAGES.of(self.registry.messages)
        yield of.OVERFLOW.of(self.registry.overflow)
        if self._inventory is not None:
            yield of.INVENTORY.of(self._inventory.is_readable)
