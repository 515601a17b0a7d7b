"""The ledger against a list, whatever happens to the store."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agent.kernel.boots import Boot, Boots
from agent.kernel.instants import Instant
from agent.kernel.plays import PlayFacts
from agent.kernel.records import Cursor
from agent.outbox.core import BOOTS
from agent.outbox.play_pruning import make_room
from agent.outbox.transaction import mark_damage
from tests.support.outbox import a_record, core_of
from tests.support.plays import SINK, a_play, a_store, all_plays, faults, its_end

WALL = 1_790_000_000.0


class Ledger(RuleBasedStateMachine):
    """What is appended is there, once, in order, and verifies; only a prefix may go, and only when it is asked to."""

    @initialize()
    def begin(self) -> None:
        """A new store."""
        self.folder = Path(tempfile.mkdtemp())
        self.outbox = a_store(self.folder)
        self.outbox.register(SINK)
        self.plays: list[tuple[int, PlayFacts]] = []
        self.number = self.boot = 0
        self.boots: list[Boot] = []

    @rule(count=st.sampled_from([1, 1, 1, 2, 70]), others=st.integers(0, 3))
    def play(self, count: int, others: int) -> None:
        """Some plays end, with other events between them, in one transaction."""
        records = []
        for _ in range(count):
            records += [a_record()] * others
            self.number += 1
            facts = a_play(self.number, boot_id=f"boot-{self.boot}")
            records.append(its_end(facts))
            self.plays.append((self.number, replace(facts, last=self.outbox.newest + len(records))))
        self.outbox.append(records)

    @rule()
    def reboot(self) -> None:
        """The device begins anew."""
        self.boot += 1

    @rule()
    def see_the_time(self) -> None:
        """A time server answers."""
        self.boots.append(Boot(f"boot-{self.boot}", WALL + 86_400.0 * self.boot + len(self.boots), 3000.0))
        self.outbox.append(
            [], states={BOOTS: Boots(tuple({each.boot_id: each for each in self.boots}.values())).text()}
        )

    @rule(at=st.floats(0, 5000))
    def settle(self, at: float) -> None:
        """The destination has everything."""
        boot = f"boot-{self.boot}"
        self.outbox.tell_time(Instant(boot, at, WALL + 86_400.0 * self.boot + at, synced=True))
        self.outbox.settle(SINK, Cursor(self.outbox.newest), projection="")

    @rule()
    def reopen(self) -> None:
        """The process ends, in good order or not."""
        self.outbox.close()
        self.outbox = a_store(self.folder)

    @rule()
    def salvage(self) -> None:
        """Damage that hit nothing of the ledger."""
        self.outbox.close()
        mark_damage(self.folder, "a test")
        self.outbox = a_store(self.folder)

    @rule()
    def prune(self) -> None:
        """There is no room."""
        make_room(core_of(self.outbox))
        first = self.outbox.play_chain().first
        self.plays = [each for each in self.plays if each[0] >= first]

    @invariant()
    def is_what_was_appended(self) -> None:
        """No line is lost, doubled, changed or out of order."""
        found = all_plays(self.outbox)
        assert self.plays == [(each.number, each.facts) for each in found]
        assert [] == faults(self.outbox)
        assert self.number == self.outbox.play_chain().number
        known = {boot.boot_id: boot.began for boot in self.boots}
        for each in found:
            assert each.is_estimated is (known.get(each.facts.boot_id) is None)
            assert each.is_estimated or each.began == (known[each.facts.boot_id] or 0.0) + each.facts.began

    def teardown(self) -> None:
        """Nothing stays behind."""
        self.outbox.close()
        shutil.rmtree(self.folder)


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=8, stateful_step_count=10, deadline=None)
