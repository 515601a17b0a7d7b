"""Which messages travel together, and on which road."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from agent.delivery.dating import Undated
from agent.delivery.detour import STRAIGHT, Detour
from agent.delivery.pace import Pace, Window
from agent.delivery.road import (
    BACKLOG,
    BacklogBegins,
    Carried,
    Conditions,
    Gathering,
    Parcel,
    carried,
    choose,
    is_batched,
)
from agent.delivery.walk import walk
from agent.kernel.events import Loaded, Playhead
from agent.kernel.records import Cursor
from agent.outbox.trials import Tried
from agent.sinks.capture import Capture
from tests.support.playback import NOW, stored

LOST_ALONE = Tried(lost=True)
LOST_IN_A_BATCH = Tried(lost=True, batched=True)
AHEAD = Tried(accepted=True)
AWAY = Detour(run=2, left=1)
TRIAL = Detour(run=2)


def messages(number: int, tried: dict[int, Tried] | None = None) -> Sequence[Carried]:
    """So many messages of one event each, from sequence 1 on."""
    log = [stored(Loaded(float(sequence), 1, Playhead()), sequence) for sequence in range(1, number + 1)]
    due = walk(Capture(), Cursor(0), "", log, now=NOW, wanted=number).due
    return carried(due, {(sequence, 0): each for sequence, each in (tried or {}).items()})


def conditions(
    *,
    backlog_end: int = 0,
    size: int = 4,
    limit: int = 4,
    doubtful: int = 0,
    coalesce_s: float = 0.0,
    suspects: int = 0,
    detour: Detour = STRAIGHT,
) -> Conditions:
    """Those of an ordinary moment."""
    window = Window(limit, size, suspects)
    return Conditions(window, detour, Pace(coalesce_s=coalesce_s), backlog_end, (doubtful, 0), NOW)


ONE, MANY = 1, BACKLOG


@pytest.mark.parametrize(
    ("expected", "number", "tried", "by"),
    [
        pytest.param(([1], False), ONE, {}, conditions(), id="live"),
        pytest.param(([1], False), MANY - 1, {}, conditions(), id="a few"),
        pytest.param(None, MANY, {}, conditions(), id="a backlog begins"),
        pytest.param(([1, 2, 3, 4], True), 9, {}, conditions(backlog_end=9), id="a backlog"),
        pytest.param(([1, 2], True), 9, {}, conditions(backlog_end=2), id="the end of a backlog"),
        pytest.param(([1], True), ONE, {}, conditions(backlog_end=1), id="the last of a backlog alone"),
        pytest.param(([1], False), MANY, {1: LOST_ALONE}, conditions(backlog_end=9), id="lost alone"),
        pytest.param(([1, 2], True), 9, {3: LOST_ALONE}, conditions(backlog_end=9), id="before one lost alone"),
        pytest.param(([1], True), ONE, {1: LOST_IN_A_BATCH}, conditions(), id="lost in a batch"),
        pytest.param(([1], True), ONE, {1: LOST_IN_A_BATCH}, conditions(limit=1, size=1), id="lost, now one by one"),
        pytest.param(([1, 2], False), 9, {1: AHEAD, 2: AHEAD}, conditions(backlog_end=9), id="accepted ahead"),
        pytest.param(([1, 2, 3, 4, 5], True), 9, {2: AHEAD}, conditions(backlog_end=9), id="accepted in between"),
        pytest.param(([1], False), MANY, {}, conditions(doubtful=1), id="the first of a process"),
        pytest.param(([1, 2, 3, 4], True), 9, {}, conditions(doubtful=3, backlog_end=9), id="the first batch"),
        pytest.param(([1], False), MANY, {}, conditions(limit=1, size=1), id="a service without batches"),
        pytest.param(([1, 2], True), 9, {}, conditions(backlog_end=9, size=2), id="a light one"),
        pytest.param(([1, 2], True), 9, {}, conditions(backlog_end=9, suspects=3), id="half of the suspects"),
        pytest.param(([1], False), 9, {}, conditions(backlog_end=9, suspects=1), id="the culprit"),
        pytest.param(([1], False), 9, {1: LOST_IN_A_BATCH}, conditions(backlog_end=9, detour=AWAY), id="no batches"),
        pytest.param(([1], True), 9, {}, conditions(backlog_end=9, detour=TRIAL), id="a batch on trial"),
    ],
)
def test_a_message_goes_the_road_of_its_last_try_else_that_of_its_place(
    expected: tuple[list[int], bool] | None, number: int, tried: dict[int, Tried], by: Conditions
) -> None:
    """A message that changes its road is another request to the service's cache, and counted twice."""
    found = choose(messages(number, tried), by)
    if expected is None:
        assert BacklogBegins() == found
    else:
        assert isinstance(found, Parcel)
        assert expected == ([item.due.event.sequence for item in found.items], found.batched)


def test_a_live_event_waits_for_company_since_it_happened() -> None:
    """Not since it was first seen: a restart must not make it wait anew."""
    found = messages(2)
    happened = found[0].due.event.instant.boottime
    by = replace(conditions(coalesce_s=10.0), now=NOW.at(happened + 9.0))
    assert Gathering(happened + 10.0) == choose(found, by)
    assert BacklogBegins() == choose(found, replace(by, now=NOW.at(happened + 10.0)))
    assert BacklogBegins() == choose(found, replace(by, now=replace(by.now, boot_id="another boot")))
    alone = choose(messages(1), replace(by, now=NOW.at(happened + 10.0)))
    assert isinstance(alone, Parcel) and not alone.batched


def test_a_batch_ends_before_what_cannot_be_dated() -> None:
    """Its time is frozen before it leaves; the others need not wait for that."""
    found = list(messages(4))
    found[2] = replace(found[2], due=replace(found[2].due, moment=Undated(None)))
    parcel = choose(found, conditions(backlog_end=9))
    assert isinstance(parcel, Parcel)
    assert found[:2] == list(parcel.items)


def test_what_was_accepted_is_carried_along_but_not_sent() -> None:
    """The settlement passes over it."""
    found = messages(3, {2: AHEAD})
    assert [found[0], found[2]] == list(Parcel(found, batched=True).sent)
    assert not is_batched(messages(1, {1: LOST_ALONE})[0], 9)
