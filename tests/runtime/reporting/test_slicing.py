"""A part of the ledger, a few lines at a time."""

import itertools
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.kernel.periods import ALWAYS, Period
from agent.kernel.plays import ChainHead, Play
from agent.kernel.totals import OF_A_DEVICE, By, Grouped, Totals, key_of
from agent.remote.slices import Slice, slice_of
from agent.runtime.reporting.lines import reach
from agent.runtime.reporting.slicing import (
    LARGEST_BYTES,
    LINES_A_SLICE,
    LINES_A_STEP,
    Question,
    Slicing,
    question,
)
from agent.runtime.reporting.zone import begin_of, day_of
from tests.support.ledgers import MemoryLedger, a_play, numbered, plays
from tests.support.outbox import WALL
from tests.support.zones import in_zone


def one(ledger: MemoryLedger, asked: Question, lines: int = LINES_A_SLICE) -> Slice:
    """One slice, as it arrives elsewhere."""
    slicing = Slicing(ledger, asked, lines=lines)
    while (found := slicing.step()) is None:
        pass
    return slice_of(json.loads(json.dumps(found.plain())))


def every(ledger: MemoryLedger, by: tuple[By, ...], period: Period = ALWAYS, lines: int = 3) -> list[Slice]:
    """All slices of a period."""
    found = [one(ledger, Question(by, period), lines)]
    while not found[-1].done:
        found.append(one(ledger, Question(by, period, after=found[-1].to), lines))
    return found


def gathered(slices: list[Slice]) -> dict[Any, Totals]:
    made = Grouped(slices[0].grouped.by)
    for each in slices:
        for key, totals in each.grouped.rows.items():
            made.add(key, totals)
    return made.rows


@settings(deadline=None)
@given(
    st.lists(plays, max_size=25),
    st.integers(1, 50),
    st.sampled_from([(), (By.ENTRY,), (By.DAY, By.ITEM), OF_A_DEVICE]),
    st.integers(1, 7),
    st.none() | st.integers(-1, 8),
    st.none() | st.integers(-1, 8),
)
def test_slices_of_a_period_add_up_to_its_plays_and_cover_each_line_once(
    found: list[Play], first: int, by: tuple[By, ...], lines: int, since: int | None, until: int | None
) -> None:
    """Whatever the period and wherever the slices are cut."""
    ledger = MemoryLedger(numbered(found, first))
    begin, end = (None if day is None else WALL + day * 86_400.0 for day in (since, until))
    period = Period(begin, end) if begin is None or end is None or begin <= end else Period(end, begin)
    slices = every(ledger, by, period, lines)
    wanted = Grouped(by)
    for play in ledger.lines:
        if reach(period).holds(play.began):
            wanted.add_play(key_of(play, by, day_of(play.began)), play)
    assert wanted.rows == gathered(slices)
    for before, behind in itertools.pairwise(slices):
        assert before.to == behind.after
    span = slices[0].span
    covered = sum(each.to - each.after for each in slices)
    assert covered == sum(each.read for each in slices) == (0 if span is None else span[1] - span[0] + 1)


@pytest.mark.parametrize(
    ("name", "change", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/Sao_Paulo", date(2017, 10, 15), 23),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Asia/Kathmandu", date(2026, 10, 25), 24),
    ],
)
def test_days_on_which_clocks_change_have_each_play_once(name: str, change: date, hours: float) -> None:
    """The night hour that comes twice is not counted twice, the one that is left out is no hole, midnight no edge."""
    with in_zone(name):
        begin, clip = begin_of(change - timedelta(days=1)), 420.0
        ledger = MemoryLedger([a_play(number, begin - 200 + number * clip) for number in range(1, 3 * 206 + 1)])
        days = [change + timedelta(days=number) for number in range(-2, 4)]
        parts = [gathered(every(ledger, (By.DAY,), Period(day, day), 50)) for day in days]
        whole = gathered(every(ledger, (By.DAY,), ALWAYS, 50))
    assert hours * 3600 / clip - 1 < whole[(str(change),)].plays < hours * 3600 / clip + 1
    assert whole == {key: totals for part in parts for key, totals in part.items()}
    assert len(ledger.lines) == sum(totals.plays for part in parts for totals in part.values())


def test_step_reads_few_lines_and_a_slice_has_an_end() -> None:
    """The main loop goes on between two steps."""
    ledger = MemoryLedger([a_play(number) for number in range(1, LINES_A_SLICE + 50)])
    slicing = Slicing(ledger, Question())
    steps = 1
    while (found := slicing.step()) is None:
        steps += 1
    assert LINES_A_STEP == max(ledger.asked)
    assert (LINES_A_SLICE, False) == (found.read, found.done)
    assert LINES_A_SLICE // LINES_A_STEP == steps


def test_slice_fits_a_broker_however_long_the_names_are() -> None:
    """A list of addresses, each with a long query."""
    lines = [a_play(number, item=f"http://media/{number}/{'ü' * 900}") for number in range(1, 200)]
    slices = every(MemoryLedger(lines), (By.ITEM,), lines=LINES_A_SLICE)
    assert 1 < len(slices)
    assert all(len(json.dumps(each.plain())) <= LARGEST_BYTES + 4096 for each in slices)
    assert 199 == sum(each.grouped.whole.plays for each in slices)


def test_slice_says_where_it_comes_from() -> None:
    """Which ledger, how far it is sound, in which zone its days are."""
    found = one(MemoryLedger([a_play(4), a_play(5)]), Question())
    assert (MemoryLedger.generation, ChainHead(5, f"{5:064x}", 4)) == (found.ledger, found.chain)
    assert found.zone
    assert ((4, 5), 3, 5, True) == (found.span, found.after, found.to, found.done)


def test_ledger_that_forgot_goes_on_with_what_it_has() -> None:
    """A collection may take days, and the oldest lines age out meanwhile."""
    ledger = MemoryLedger([a_play(number) for number in (8, 9)])
    found = one(ledger, Question(after=3))
    assert (7, 9, 2, True) == (found.after, found.to, found.read, found.done)


def test_line_that_was_taken_out_is_covered_and_not_read() -> None:
    """So the part that has come is less than all."""
    found = one(MemoryLedger([a_play(number) for number in (1, 2, 5)]), Question())
    assert ((1, 5), 5, 3) == (found.span, found.to, found.read)


def test_nothing_new_is_a_slice_too() -> None:
    """Whoever asks behind the end hears that it is the end."""
    ledger = MemoryLedger([a_play(1)])
    found = one(ledger, Question(after=1))
    assert (1, 1, 0, True) == (found.after, found.to, found.read, found.done)
    assert (0, True) == (one(MemoryLedger(), Question()).read, one(MemoryLedger(), Question()).done)


def test_known_span_is_not_looked_for_again() -> None:
    """A hundred lines at a time, and forty looks for each, would be mostly looks."""
    ledger = MemoryLedger([a_play(number, WALL + number) for number in range(1, 300)])
    found = one(ledger, Question(period=Period(0.0, 1e10), after=100, through=250), lines=100)
    assert ([100], 200, False) == (ledger.asked, found.to, found.done)
    assert one(ledger, Question(after=250, through=250)).done


@pytest.mark.parametrize(
    "arguments",
    [
        {"by": 5},
        {"by": ["site"]},
        {"by": ["entry", "entry"]},
        {"by": "entry,sometimes"},
        {"from": "yesterday"},
        {"from": 20, "to": 10},
        {"after": -1},
        {"after": True},
        {"through": "5"},
        {"after": 1 << 60},
    ],
)
def test_question_that_makes_no_sense_is_refused(arguments: dict[str, Any]) -> None:
    """Over a socket anything comes."""
    with pytest.raises(ValueError, match=r"."):
        question(arguments)


def test_question_is_read() -> None:
    """With and without everything."""
    assert Question() == question({})
    asked = question({"by": "day,entry", "from": 1, "to": 2, "after": 3, "through": 4})
    assert Question((By.DAY, By.ENTRY), Period(1.0, 2.0), 3, 4) == asked
