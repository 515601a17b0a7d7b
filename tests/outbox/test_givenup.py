"""What was given up, by reason and kind, and from when to when it happened."""

from pathlib import Path

import pytest

from agent.kernel.records import Priority
from agent.outbox import givenup, retention
from agent.outbox.bounds import Bounds
from agent.outbox.core import Core
from agent.outbox.ledger import Drop
from agent.outbox.retention import drop, victims
from agent.outbox.store import Outbox
from tests.support.outbox import WALL, a_record, an_instant, core_of, open_outbox

SINK = "stats.collect"
BEAT, DETAIL, PLAY = Priority.TELEMETRY, Priority.DETAIL, Priority.PLAY


def filled(folder: Path, *, newest_first: bool, number: int = 300) -> Outbox:
    """A store in which each third event is a heartbeat, each third a detail, each third a play."""
    bounds = Bounds(4 * 1024 * 1024, newest_first=newest_first)
    outbox = Outbox.open(folder, device_id="device-001", hardware_key="board-1", bounds=bounds)
    outbox.register(SINK)
    for place in range(number):
        priority = (BEAT, DETAIL, PLAY)[place % 3]
        outbox.append([a_record(kind=priority.name.lower(), priority=priority, instant=an_instant(100.0 + place))])
    return outbox


def dropped_all(core: Core) -> list[int]:
    """Every sequence in the order in which it makes way."""
    order: list[int] = []
    while found := victims(core, core.used_up):
        drop(core, found, Drop.BYTES)
        order += found
    return order


@pytest.mark.parametrize("newest_first", [False, True])
def test_heartbeats_go_first_then_details_then_plays_from_the_end_that_is_set(
    tmp_path: Path, newest_first: bool
) -> None:
    """Whoever wants to know how an outage began keeps the oldest; whoever wants the present keeps the newest."""
    outbox = filled(tmp_path, newest_first=newest_first)
    order = dropped_all(core_of(outbox))
    beats, details, plays = (list(range(first, 301, 3)) for first in (1, 2, 3))
    plays.remove(300)  # the newest row always stays
    wanted = [sorted(each, reverse=newest_first) for each in (beats, details, plays)]
    assert [sequence for each in wanted for sequence in each] == order
    outbox.close()


def test_events_that_come_while_the_newest_make_way_are_found(tmp_path: Path) -> None:
    """Else a heartbeat that comes later would outlive the plays before it."""
    outbox = filled(tmp_path, newest_first=True, number=30)
    core = core_of(outbox)
    drop(core, victims(core, core.used_up), Drop.BYTES)
    outbox.append([a_record(kind="telemetry", priority=BEAT), a_record(kind="play")])
    assert [31] == victims(core, core.used_up)
    outbox.close()


def test_operator_is_told_what_was_given_up_and_from_when_to_when(tmp_path: Path) -> None:
    """A hole in a report must be explained by somebody."""
    outbox = filled(tmp_path / "state", newest_first=False)
    core = core_of(outbox)
    drop(core, victims(core, core.used_up), Drop.BYTES)
    drop(core, [2], Drop.AGE)
    outbox.close()
    again = open_outbox(tmp_path / "state")
    beats, detail = again.statistics().given_up
    assert ("bytes", "telemetry", 50, WALL + 100.0, WALL + 247.0) == (
        beats.reason,
        beats.kind,
        beats.number,
        beats.first,
        beats.last,
    )
    assert ("age", "detail", 1) == (detail.reason, detail.kind, detail.number)
    again.close()


def test_account_that_cannot_be_read_counts_as_none() -> None:
    """A later version's text must not keep the store from opening."""
    for text in ("", "{}x", "[[1]]", "null", "[[1,2,3,4,5,6]]"):
        assert {} == givenup.read(text)


def test_account_is_read_as_it_was_written() -> None:
    """It outlives every restart."""
    known = givenup.added({}, "bytes", [("heartbeat", an_instant(1.0)), ("heartbeat", an_instant(5.0))])
    assert known == givenup.read(givenup.text(known))


@pytest.mark.parametrize("newest_first", [False, True])
def test_look_in_small_steps_finds_the_same_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    """To spare the main loop must not have a play make way before a heartbeat."""
    thorough = filled(tmp_path / "thorough", newest_first=newest_first)
    wanted = dropped_all(core_of(thorough))
    thorough.close()
    monkeypatch.setattr(retention, "LOOK", 7)
    outbox = filled(tmp_path / "patient", newest_first=newest_first)
    core, order = core_of(outbox), []
    for _ in range(1_000):
        if found := victims(core, core.used_up, is_thorough=False):
            drop(core, found, Drop.BYTES)
            order += found
    assert wanted == order
    outbox.close()
