"""The main loop, stepped by hand: order, durability, hold-ups and ends."""

import json
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from agent.intake.submission import NO_ROOM, Kept
from agent.kernel import codec
from agent.kernel.activity import Deed, Engaged, PageViewed
from agent.kernel.events import Closed, Ending
from agent.kernel.signals import Paused, Sampled, TimeChanged
from agent.outbox.errors import StoreFailed, StoreFull
from agent.outbox.store import Outbox
from agent.player import wire
from agent.player.items import Item, Plan, Screen
from agent.player.operations import Next
from agent.player.reports import HostLost
from agent.runtime.control import Request
from tests.support.loops import OTHER, Box, Rig, appends, director_state, kinds, logged
from tests.support.outbox import an_instant, open_outbox
from tests.support.script import Script


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    found = open_outbox(tmp_path / "state")
    found.register("stats.collect")
    yield found
    found.close()


def playing(outbox: Outbox, *, until: float = 3.0, length: float = 60.0) -> tuple[Rig, Script]:
    """A rig in mid-play, and the script to go on with."""
    rig = Rig(outbox)
    rig.ready()
    script = Script().open(length=length).play(until)
    rig.play(script)
    return rig, script


def test_host_is_told_only_what_is_durable(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the host forgets must be in the store: a crash before the write would lose it for good."""
    rig = Rig(outbox)
    rig.ready()
    written: list[int] = []
    append = outbox.append

    def watch(*args: Any, **options: Any) -> Any:
        ticket = append(*args, **options)
        written.append(len(rig.acknowledged))
        return ticket

    monkeypatch.setattr(outbox, "append", watch)
    for signal in Script().open().play(3.0).signals:
        before = len(written)
        known = list(rig.acknowledged)
        heard = rig.heard(signal)
        rig.step(signal.at, heard)
        assert (len(written) > before) == (rig.acknowledged != known), signal
    assert rig.acknowledged
    assert rig.acknowledged == sorted(rig.acknowledged)


def test_full_disk_holds_the_acknowledgement_back(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events that stand in memory are not durable, and what comes after them is not either."""
    rig, script = playing(outbox)

    def full(*_args: Any, **_options: Any) -> None:
        raise StoreFull("full", remedy="")

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "append", full)
        known = list(rig.acknowledged)
        rig.play(script.play(20.0))
        assert known == rig.acknowledged
    last = rig.heard(TimeChanged(script.at + 5.0, 20.1))
    rig.step(script.at + 5.0, last)
    assert (1, last.number) == rig.acknowledged[-1]


def test_store_that_failed_is_waited_for_and_nothing_is_acknowledged_meanwhile(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A card that fails must not end the picture: what was not written is kept, and written when the disk is back."""
    rig, script = playing(outbox)

    def failed(*_args: Any, **_options: Any) -> None:
        raise StoreFailed("I/O error", remedy="")

    known = list(rig.acknowledged)
    reply: SimpleQueue[dict[str, Any]] = SimpleQueue()
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "append", failed)
        rig.step(script.at, Request("player.next", {}, reply), HostLost(script.at, 1, "test"))
        assert known == rig.acknowledged
        assert rig.journal.pending > 0
    rig.step(script.at + 60.0)
    assert 0 == rig.journal.pending


def test_suspended_process_declares_no_false_stall(outbox: Outbox) -> None:
    """The picture ran on while we were stopped for ten seconds; the host's words arrive in pieces afterwards."""
    rig, script = playing(outbox)
    known = kinds(outbox)
    script.play(13.0)
    late = [rig.heard(signal) for signal in script.signals]
    rig.box.later = [[], list(late[:1]), list(late[1:5]), list(late[5:])]
    rig.step(script.at + 0.1)
    assert known == kinds(outbox)
    assert [] == rig.box.later


def test_process_suspended_while_it_writes_declares_no_false_stall(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow card holds the loop inside a step; its next round must look round as after any other hold-up."""
    rig, script = playing(outbox, until=14.5)
    append = outbox.append

    def slow(*args: Any, **options: Any) -> Any:
        rig.at(rig.clock.now().boottime + 6.0)
        return append(*args, **options)

    script.play(15.5)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "append", slow)
        rig.play(script)
    known = kinds(outbox)
    assert "progressed" == known[-1]
    script.play(21.4)
    late = [rig.heard(signal) for signal in script.signals]
    rig.box.later = [list(late[:2]), list(late[2:])]
    rig.step()
    assert known == kinds(outbox)


def test_real_silence_is_a_stall_after_a_hold_up_too(outbox: Outbox) -> None:
    """Looking once more must not hide a picture that stands still: the host goes on to say so."""
    rig, script = playing(outbox)
    frozen = [rig.heard(Sampled(script.at + 0.25 * n, 3.0, 1.0, True)) for n in range(1, 21)]
    rig.box.later = [[], list(frozen)]
    rig.step(script.at + 5.1)
    assert "stalled" == kinds(outbox)[-1]


def test_host_whose_clock_stands_still_does_not_hold_the_loop(outbox: Outbox) -> None:
    """Catching up is bounded: a host that for ever says old times costs seconds, once."""
    rig, script = playing(outbox)

    class Flood(Box):
        def take(self, timeout: float | None) -> list[Any]:
            rig.at(rig.clock.now().boottime + 0.1)
            return [rig.heard(TimeChanged(script.at, 3.0))]

    rig.loop._mailbox = Flood()
    rig.at(script.at + 10.0)
    rig.loop.step()
    assert script.at + 20.0 > rig.clock.now().boottime


def test_operator_is_answered_after_the_deed_is_durable(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was told "ok" to a stop must find the kiosk stopped after a power cut, even with nothing playing."""
    rig = Rig(outbox)
    assert {"ok": None} == rig.ask("player.stop")
    assert json.loads(director_state(outbox))["stopped"] is True
    seen = appends(outbox, monkeypatch)
    assert {"ok": None} == rig.ask("player.stop")
    assert [] == seen, "nothing has changed, nothing is written"


def test_end_in_good_order_closes_the_play_as_stopped(outbox: Outbox) -> None:
    """SIGTERM is no crash: the play ends as stopped, and the item is not blamed for it."""
    rig, _ = playing(outbox)
    rig.loop.stopping = True
    rig.loop.run()
    closed = logged(outbox)[-1]
    assert isinstance(closed, Closed)
    assert Ending.STOPPED is closed.ending
    assert "" == json.loads(director_state(outbox))["boot"]
    assert 0 == Rig(outbox, start=an_instant(200.0)).journal.pending


def test_signal_in_mid_step_still_ends_in_good_order(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGTERM may come between any two bytecodes, so also after a step has looked whether it has come."""
    rig, script = playing(outbox)
    append = outbox.append

    def interrupted(*args: Any, **options: Any) -> Any:
        rig.loop.stopping = True
        return append(*args, **options)

    monkeypatch.setattr(outbox, "append", interrupted)
    rig.at(script.at + 40.0)
    rig.loop.run()
    closed = logged(outbox)[-1]
    assert isinstance(closed, Closed)
    assert Ending.STOPPED is closed.ending


def test_crash_of_a_thread_counts_as_one_for_the_item(outbox: Outbox) -> None:
    """An item whose signals crash a thread must be given up after some tries, and not begin for ever in good order."""
    rig, _ = playing(outbox)
    known = kinds(outbox)
    rig.loop.abandon()
    rig.loop.run()
    assert known == kinds(outbox)
    assert "" != json.loads(director_state(outbox))["boot"]


def test_lost_host_closes_the_play_and_the_list_goes_on(outbox: Outbox) -> None:
    """The order in the log: the end of what was cut, then the beginning of the next."""
    rig, script = playing(outbox)
    rig.step(script.at, HostLost(script.at, 1, "killed by signal 9"))
    assert "closed" == kinds(outbox)[-1]
    rig.ready()
    assert ["closed", "opened"] == kinds(outbox)[-2:]
    assert isinstance(rig.line.sent[-1], wire.Load)


def test_share_in_mid_play_stands_in_the_log_at_the_plays_own_place(outbox: Outbox) -> None:
    """After what the player said before it, in the play's session, with the playhead as it is."""
    rig, _ = playing(outbox)
    answer = rig.tell(Engaged(0.0, Deed.SHARE_OPENED))
    assert isinstance(answer, Kept)
    *_, event = outbox.events(limit=100)
    opened, *_ = outbox.events(limit=1)
    assert (event.identity.token(0), opened.attribution) == (answer.id, event.attribution)
    shared = codec.decode(event.kind, event.body)
    assert isinstance(shared, Engaged)
    assert shared.head == rig.tracker.head(shared.at)
    assert shared.head.position is not None
    assert answer.session == opened.attribution.session_id


def test_play_that_opens_in_a_visit_has_its_context(outbox: Outbox) -> None:
    """The guide's 12.2: page and film of one visitor stand together; what ran before is nobody's."""
    rig = Rig(outbox, visits=True)
    rig.ready()
    rig.play(Script().open(length=60.0).play(3.0))
    visit = rig.tell(PageViewed(0.0, page_name="welcome"))
    rig.ask("player.next")
    assert isinstance(visit, Kept)
    contexts = {event.attribution.session_id: event.attribution.context_id for event in outbox.events(limit=100)}
    assert [None, visit.visit] == [contexts[opened] for opened in contexts if opened]


def test_activity_is_declined_while_the_disk_is_full(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A play is kept in memory until there is room; an application can be told, and try again."""
    rig, script = playing(outbox)

    def full(*_: object, **__: object) -> None:
        raise StoreFull("The disk is full.", remedy="Free some space.")

    monkeypatch.setattr(outbox, "append", full)
    assert NO_ROOM == rig.tell(PageViewed(0.0))
    rig.play(script.say(Paused))
    assert NO_ROOM == rig.tell(PageViewed(0.0))
    monkeypatch.undo()
    rig.step(rig.clock.now().boottime + 10.0)
    assert isinstance(rig.tell(PageViewed(0.0)), Kept)
    assert ["paused", "page"] == [event.kind for event in outbox.events(limit=100)][-2:]


def test_what_is_injected_is_durable_with_the_place_in_the_list(outbox: Outbox) -> None:
    """A list that came from far away: a crash behind the answer must find the same list, and a play that it closed."""
    rig, _ = playing(outbox)
    plan = Plan((Item(OTHER),), loop=True, shuffle=False, screen=Screen())
    before = director_state(outbox)
    rig.loop.inject(rig.director.replan(plan, rig.clock.now().boottime))
    assert before != director_state(outbox)
    rig.loop.inject(rig.director.obey(Next(), rig.clock.now().boottime))
    (closed,) = [event for event in logged(outbox) if isinstance(event, Closed)]
    assert Ending.SKIPPED is closed.ending
    assert json.dumps(rig.director.state()) == director_state(outbox)
