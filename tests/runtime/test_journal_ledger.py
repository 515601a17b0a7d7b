"""Each play has its line in the ledger, whatever ended it, and no play has two."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.kernel.events import Closed, Ending
from agent.outbox.errors import StoreFull
from agent.outbox.store import Outbox
from agent.player.reports import Heard, HostCaughtUp, HostReady
from agent.runtime import journal
from agent.runtime.journal import PLAY
from tests.support.loops import Rig, logged
from tests.support.outbox import NEXT_BOOT, an_instant, core_of, open_outbox
from tests.support.plays import all_plays, faults
from tests.support.script import CLIP, Script


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register("stats.collect")
    yield found
    found.close()


def in_order(outbox: Outbox) -> list[Ending]:
    """How each play ended, by the ledger; which is what the log says, in the same order, at the same events."""
    found = all_plays(outbox)
    ends = [(each.sequence, each.attribution.session_id) for each in outbox.events(limit=9999) if each.kind == "closed"]
    assert ends == [(play.facts.last, play.facts.session) for play in found]
    endings = [play.facts.ending for play in found]
    assert [event.ending for event in logged(outbox) if isinstance(event, Closed)] == endings
    assert [] == faults(outbox)
    return endings


def test_clip_played_to_its_end_is_a_line_with_what_was_played(outbox: Outbox) -> None:
    """The whole way from the player to the report."""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(10.0).end())
    assert [Ending.COMPLETED] == in_order(outbox)
    (play,) = all_plays(outbox)
    assert (CLIP.key, CLIP.entry_id, True, True) == (
        play.facts.item,
        play.facts.entry_id,
        play.facts.is_started,
        play.facts.is_complete,
    )
    assert 9.0 < play.facts.played <= play.facts.ended - play.facts.began
    assert "" != outbox.state(PLAY), "the next one is open already"


def test_play_that_a_power_cut_ended_has_its_line_at_the_next_start_and_once(outbox: Outbox) -> None:
    """The next process knows what was committed, and nothing else; it may die as well."""
    rig = Rig(outbox)
    rig.ready()
    rig.play(Script().open().play(3.0))
    for boottime in (20.0, 30.0):
        Rig(outbox, start=an_instant(boottime, boot_id=NEXT_BOOT))
    again = Rig(outbox, start=an_instant(40.0, boot_id=NEXT_BOOT))
    again.step(40.0)
    assert [Ending.INTERRUPTED] == in_order(outbox)
    (play,) = all_plays(outbox)
    assert play.facts.boot_id == an_instant().boot_id
    assert play.facts.began < play.facts.ended < 110.0
    later = Rig(outbox, start=an_instant(50.0, boot_id=NEXT_BOOT))
    later.step(50.0)
    assert [Ending.INTERRUPTED] == in_order(outbox)


def test_play_that_goes_on_without_us_is_one_line(outbox: Outbox) -> None:
    """The agent was upgraded in the middle of a film."""
    rig = Rig(outbox, unit=True)
    rig.ready()
    rig.play(Script().open().play(3.0))
    rig.loop.stopping = True
    rig.loop.run()
    assert [] == in_order(outbox)
    token = rig.token
    again = Rig(outbox, start=an_instant(110.0), unit=True)
    again.step(115.0, HostReady(115.0, 1, 4711, "3.0", ()))
    rest = Script(at=103.2)
    rest.time = 3.0
    letters = [Heard(1, 1000 + place, token, each) for place, each in enumerate(rest.play(8.0).end().signals)]
    again.step(115.0, *letters, HostCaughtUp(115.0, 1, token))
    again.step(115.1)
    assert [Ending.COMPLETED] == in_order(outbox)
    (play,) = all_plays(outbox)
    assert play.facts.began < 101.0


def test_line_costs_no_commit_of_its_own(outbox: Outbox) -> None:
    """Each commit wears the card; the line goes where the event goes."""
    rig = Rig(outbox)
    rig.ready()
    core = core_of(outbox)
    commits: list[tuple[int, int]] = []
    real = core.transactions.run

    def run(work, *, failed=None):  # type: ignore[no-untyped-def]
        before = core.database.conn.total_changes
        real(work, failed=failed)
        commits.append((before, core.database.conn.total_changes))

    core.transactions.run = run  # type: ignore[method-assign]
    events = outbox.newest
    rig.play(Script().open().play(10.0).end())
    assert len(commits) <= outbox.newest - events


def test_plays_that_memory_could_not_hold_are_counted(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report says how many plays the ledger lacks, or it is not complete."""
    monkeypatch.setattr(journal, "PENDING_AT_MOST", 2)
    rig = Rig(outbox)
    rig.ready()
    core = core_of(outbox)
    real = core.transactions.run

    def run(*_: object, **__: object) -> None:
        raise StoreFull("full", remedy="")

    core.transactions.run = run  # type: ignore[method-assign]
    core.transactions.single = run  # type: ignore[method-assign]
    rig.play(Script().open().play(10.0).end())
    rig.step(200.0)
    core.transactions.run = real  # type: ignore[method-assign]
    rig.step(300.0)
    ledger, plays = outbox.statistics().ledger, rig.tracker.sessions - rig.tracker.is_open
    assert ledger.unwritten > 0
    assert plays == ledger.unwritten + ledger.last
    assert [] == faults(outbox)
