"""Any order of exports, imports, losses, restarts and deliveries against a list that cannot be wrong.

Each event must reach each destination that waited for it exactly once, in the order of its kiosk, whoever delivers it.
"""

import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from agent.kernel.records import Cursor
from agent.outbox.store import Outbox
from agent.runtime.portable.delivering import open_imported
from agent.runtime.portable.taking import TakenError, finish, take
from agent.runtime.portable.writing import file_name
from tests.support.carrying import NOW, a_click, a_session, file_of
from tests.support.outbox import open_outbox

SINKS = ("stats.collect", "trackEvent")
KIOSKS = ("one", "two")
OFFICES = ("office", "laptop", "one")
"""A kiosk may import, too, also its own file."""


class Carrying(RuleBasedStateMachine):
    """Two kiosks, a stick, and machines that import."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.stick = self.folder / "stick"
        self.stick.mkdir()
        self.kiosks = {name: self.opened(name) for name in KIOSKS}
        self.made: dict[str, list[str]] = {name: [] for name in KIOSKS}
        self.arrived: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.number = 0

    def opened(self, name: str) -> Outbox:
        """A kiosk's store, with its destinations."""
        outbox = open_outbox(self.folder / name, device_id=f"device-{name}")
        for sink in SINKS:
            outbox.register(sink)
        return outbox

    @rule(kiosk=st.sampled_from(KIOSKS), events=st.integers(0, 3), closed=st.booleans(), click=st.booleans())
    def play(self, kiosk: str, events: int, closed: bool, click: bool) -> None:
        """A play, whole or cut off, and perhaps a click behind it."""
        self.number += 1
        name = f"{kiosk}.{self.number}"
        records = a_session(name, *(f"{name}.{part}" for part in range(events)), closed=closed)
        records += [a_click(f"{name}.click")] if click else []
        self.kiosks[kiosk].append(records)
        self.made[kiosk] += [record.body for record in records]

    @rule(kiosk=st.sampled_from(KIOSKS), sink=st.sampled_from(SINKS), number=st.integers(1, 5))
    def online(self, kiosk: str, sink: str, number: int) -> None:
        """The kiosk itself delivers some."""
        self.delivered(self.kiosks[kiosk], kiosk, sink, number)

    def delivered(self, outbox: Outbox, kiosk: str, sink: str, number: int) -> None:
        """Some events reach a destination."""
        for event in outbox.peek(sink, number):
            self.arrived[kiosk, sink].append(event.body)
            outbox.settle(sink, Cursor(event.sequence), projection=event.body, delivered=1)

    @rule(kiosk=st.sampled_from(KIOSKS), is_cut=st.booleans())
    def export(self, kiosk: str, is_cut: bool) -> None:
        """Hand over; perhaps the process dies before the file is written."""
        outbox = self.kiosks[kiosk]
        export = outbox.exports.begin(NOW)
        if export is not None and not is_cut:
            file_of(outbox, export, self.stick)

    @rule(kiosk=st.sampled_from(KIOSKS))
    def lose_a_file(self, kiosk: str) -> None:
        """A stick is lost with a file; the kiosk writes it again, under the same name. Its receipt is lost, too."""
        outbox = self.kiosks[kiosk]
        for export in outbox.exports.known():
            (self.stick / file_name(export)).unlink(missing_ok=True)
            file_of(outbox, export, self.stick)

    @precondition(lambda self: any(self.stick.glob("*.kioskqueue")))
    @rule(data=st.data(), office=st.sampled_from(OFFICES), number=st.integers(0, 6), is_whole=st.booleans())
    def bring(self, data: st.DataObject, office: str, number: int, is_whole: bool) -> None:
        """Import a file, again or for the first time, and deliver some of it or all."""
        path = data.draw(st.sampled_from(sorted(self.stick.glob("*.kioskqueue"))))
        try:
            taken = take(path, self.folder / office, key=None, now=1.0)
        except TakenError:
            return
        if taken.receipt.delivered is not None:
            return
        kiosk = taken.receipt.device.removeprefix("device-")
        outbox = open_imported(taken.folder, taken.receipt.device)
        for sink in (each.name for each in outbox.statistics().sinks):
            self.delivered(outbox, kiosk, sink, 1000 if is_whole else number)
        is_done = not any(sink.depth for sink in outbox.statistics().sinks)
        outbox.close()
        if is_done:
            finish(taken, path, {}, now=2.0, is_empty=True)

    @rule(kiosk=st.sampled_from(KIOSKS))
    def restart(self, kiosk: str) -> None:
        """A kiosk is switched off every night."""
        self.kiosks[kiosk].close()
        self.kiosks[kiosk] = self.opened(kiosk)

    @rule(kiosk=st.sampled_from(KIOSKS))
    def collect_receipts(self, kiosk: str) -> None:
        """Somebody confirms by hand all that was delivered."""
        outbox = self.kiosks[kiosk]
        for export in outbox.exports.known():
            if export.is_written and set(self.bodies_of(kiosk, export.first, export.last)) <= self.everywhere(kiosk):
                outbox.exports.forget(export.id)

    def bodies_of(self, kiosk: str, first: int, last: int) -> list[str]:
        """What a range of sequences holds."""
        return self.made[kiosk][first - 1 : last]

    def everywhere(self, kiosk: str) -> set[str]:
        """What reached all destinations."""
        return set(self.arrived[kiosk, SINKS[0]]) & set(self.arrived[kiosk, SINKS[1]])

    @invariant()
    def nothing_is_doubled(self) -> None:
        """Whoever delivered it."""
        for found in self.arrived.values():
            assert len(set(found)) == len(found)

    @invariant()
    def books_balance(self) -> None:
        """On the kiosks."""
        for outbox in self.kiosks.values():
            assert [0, 0] == [sink.account.difference for sink in outbox.statistics().sinks]

    def teardown(self) -> None:
        """At last all files are brought in and all kiosks come online: everything has arrived, once."""
        for kiosk, outbox in self.kiosks.items():
            while (export := outbox.exports.begin(NOW)) is not None:
                file_of(outbox, export, self.stick)
            for sink in SINKS:
                self.delivered(outbox, kiosk, sink, 1000)
        for path in sorted(self.stick.glob("*.kioskqueue")):
            for office in OFFICES:
                self.bring_all(path, office)
        for kiosk in KIOSKS:
            for sink in SINKS:
                assert sorted(self.made[kiosk]) == sorted(self.arrived[kiosk, sink])
            self.kiosks[kiosk].close()
        shutil.rmtree(self.folder)

    def bring_all(self, path: Path, office: str) -> None:
        """Deliver what is left of a file at the office that has taken it."""
        try:
            taken = take(path, self.folder / office, key=None, now=1.0)
        except TakenError:
            return
        if taken.receipt.delivered is not None:
            return
        outbox = open_imported(taken.folder, taken.receipt.device)
        for sink in (each.name for each in outbox.statistics().sinks):
            before = len(self.arrived[taken.receipt.device.removeprefix("device-"), sink])
            self.delivered(outbox, taken.receipt.device.removeprefix("device-"), sink, 1000)
            fresh = self.arrived[taken.receipt.device.removeprefix("device-"), sink][before:]
            places = [self.made[taken.receipt.device.removeprefix("device-")].index(body) for body in fresh]
            assert sorted(places) == places, "a file is delivered in its kiosk's order"
        outbox.close()
        finish(taken, path, {}, now=2.0, is_empty=True)


LIFE = settings(stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


def test_any_way_of_carrying_delivers_each_event_once() -> None:
    """Sticks go astray, people try twice, and kiosks come online after all."""
    run_state_machine_as_test(Carrying, settings=settings(LIFE, max_examples=15))


@pytest.mark.all
@pytest.mark.timeout(1800)
def test_any_of_many_ways_of_carrying_delivers_each_event_once() -> None:
    """The rare orders of things that a fleet meets."""
    run_state_machine_as_test(Carrying, settings=settings(LIFE, max_examples=200))
