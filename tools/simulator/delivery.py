"""The deliveries of simulated devices: real events, encoded and sent by the real sink, in order, each until it is in.

Contract: `Deliveries.run` is a thread's body; each device makes `rate` events a second from the moment it began, and
what is delivered is remembered in its slot. `account` compares what a collector has with what devices settled. Pure.
Rules: an event is a function of its device and number, so a process that was killed makes the same ones again. What
was sent and not yet remembered is sent again with the same identity: the service's own cache drops it, as it does for
the real agent. Devices of a process share one connection pool and one thread.
"""

import threading
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from agent.kernel import codec
from agent.kernel.attribution import Attribution, Identity, session_id
from agent.kernel.events import Playhead, Started
from agent.kernel.instants import Instant
from agent.kernel.records import Origin, StoredEvent
from agent.kernel.verdict import Delivered
from agent.sinks.base import Outgoing
from agent.sinks.http.client import Timeouts, Wire
from agent.sinks.kaltura.sessions import NoSession
from agent.sinks.kaltura.sink import CollectSettings, StatsCollect
from tools.simulator.device import Device

_BATCH = 60
_EVERY_S = 0.2
_REFERRER = "kiosk://"
_BOOT = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Account:
    """Events: those that devices settled, and of these what the collector misses, has twice, or got too late."""

    settled: int
    lost: int
    doubled: int
    out_of_order: int


class Deliveries:
    """See the module."""

    def __init__(self, devices: Sequence[Device], url: str, *, rate: float) -> None:
        wire = Wire(user_agent="simulator", monotonic=time.monotonic, timeouts=Timeouts(5.0, 30.0, 60.0), proxy="")
        self._sink = StatsCollect(CollectSettings(url, "simulator", batch=_BATCH), wire, session=NoSession())
        self._devices = devices
        self._rate = rate
        self._stopping = threading.Event()

    def run(self) -> None:
        """Deliver until `stop`."""
        while not self._stopping.wait(_EVERY_S):
            for device in self._devices:
                if self._stopping.is_set():
                    break
                self._deliver(device)
        self._sink.close()

    def stop(self) -> None:
        """End soon."""
        self._stopping.set()

    def _deliver(self, device: Device) -> None:
        slot = device.slot
        # Devices that were switched on together do not count their viewers in step.
        due = int((time.time() - slot.began) * self._rate + zlib.crc32(device.traits.id.encode()) / 2**32)
        numbers = range(slot.delivered, min(due, slot.delivered + _BATCH))
        if not numbers:
            return
        messages = [self._message(device, number) for number in numbers]
        verdicts = (
            self._sink.send_all(messages) if len(messages) > 1 else [self._sink.send(messages[0].message, attempt=0)]
        )
        for verdict in verdicts if isinstance(verdicts, Sequence) else ():
            if not isinstance(verdict, Delivered):
                break  # strictly in order: it is sent again, and what stands behind it
            slot.delivered += 1

    def _message(self, device: Device, number: int) -> Outgoing:
        id = device.traits.id
        generation = str(uuid5(NAMESPACE_URL, id))
        wall = device.slot.began + number / self._rate
        owner = Attribution(
            device_id=id,
            session_id=session_id(generation, number + 1),
            referrer=f"{_REFERRER}{id}",
            partner_id=102,
            entry_id="0_abcd1234",
            media_uri="file:///srv/media/welcome.mp4",
        )
        fact = Started(0.0, 1, Playhead(position=float(number), duration=86_400.0), join_time=0.3)
        kind, body = codec.encode(fact)
        instant = Instant(_BOOT, 0.0, wall, synced=True)
        identity = Identity(generation, number + 1)
        stored = StoredEvent(number + 1, identity, kind, body, codec.priority(fact), owner, instant, wall, Origin.LOCAL)
        (message,) = self._sink.project("", stored, time=wall, age=None).messages
        return Outgoing(message, attempt=0)


def account(logged: Iterable[Mapping[str, Any]], settled: Mapping[str, int]) -> Account:
    """The account of `logged`, a collector's events in the order of their arrival; `settled`: events by device."""
    seen: dict[str, list[int]] = {id: [] for id in settled}
    for event in logged:
        id = str(event.get("referrer", "")).removeprefix(_REFERRER)
        if id in seen:
            seen[id].append(int(event.get("currentPoint", -1)))
    lost = doubled = out_of_order = 0
    for id, numbers in seen.items():
        there = set(numbers)
        lost += settled[id] - sum(number < settled[id] for number in there)
        doubled += len(numbers) - len(there)
        highest = -1
        for number in numbers:
            out_of_order += number < highest
            highest = max(highest, number)
    return Account(sum(settled.values()), lost, doubled, out_of_order)
