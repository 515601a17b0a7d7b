"""Handing events over: once, whole, and so that nobody else delivers them."""

from pathlib import Path

import pytest

from agent.kernel.records import Cursor
from agent.outbox.exporting import Exports, UnknownExportError
from agent.outbox.ledger import EXPORTED
from agent.outbox.letters import Refusal
from agent.outbox.owing import GROUP
from agent.outbox.schema import BESIDE_EVENTS, COLUMNS
from agent.outbox.store import Outbox
from agent.outbox.trials import Tried
from tests.support.carrying import NOW, SINK, a_click, a_session, bodies, many
from tests.support.outbox import MEGABYTE, an_instant, core_of, open_outbox


def a_store(folder: Path, *sinks: str) -> Outbox:
    """An open store with these sinks."""
    outbox = open_outbox(folder)
    for sink in sinks or (SINK,):
        outbox.register(sink)
    return outbox


def rows(outbox: Outbox, identifier: str) -> list[list[object]]:
    """All rows of an export's file."""
    found: list[list[object]] = []
    after: int | None = None
    while True:
        page = outbox.exports.page(identifier, after)
        found += page.rows
        if page.after is None:
            return found
        after = page.after


def test_what_is_handed_over_waits_for_nobody_here(tmp_path: Path) -> None:
    """A kiosk that comes online after all must not deliver what is on the stick: that would count each play twice."""
    outbox = a_store(tmp_path)
    outbox.append(a_session("s1", "a", "b"))
    export = outbox.exports.begin(NOW)
    assert export is not None
    assert ({SINK: 4}, 1, 4) == (export.waiting, export.first, export.last)
    assert [] == bodies(outbox)
    (sink,) = outbox.statistics().sinks
    assert ({EXPORTED: 4}, 0) == (sink.passed, sink.depth)


def test_books_balance_after_a_hand_over(tmp_path: Path) -> None:
    """Whoever audits a kiosk must find each event in one of the numbers."""
    outbox = a_store(tmp_path, SINK, "other")
    outbox.append(a_session("s1", "a", "b"))
    outbox.settle("other", Cursor(2), projection="", delivered=2)
    outbox.exports.begin(NOW)
    assert [0, 0] == [sink.account.difference for sink in outbox.statistics().sinks]


def test_what_is_settled_in_memory_only_travels_as_settled(tmp_path: Path) -> None:
    """The file is made from the tables: a cursor that is behind there would have the stick deliver it once more."""
    outbox = a_store(tmp_path)
    outbox.owing.allow(GROUP)
    outbox.append(a_session("s1", "a", "b"))
    outbox.settle(SINK, Cursor(2), projection="after two", delivered=2)
    assert 2 == outbox.owing.messages
    export = outbox.exports.begin(NOW)
    assert export is not None
    assert ({SINK: 2}, 3, 4) == (export.waiting, export.first, export.last)
    (row,) = export.sinks
    found = dict(zip(COLUMNS["sinks"], row, strict=True))
    assert (SINK, 2, "after two", 2) == tuple(found[name] for name in ("name", "sequence", "projection", "delivered"))
    (sink,) = outbox.statistics().sinks
    assert (0, 2, 0) == (outbox.owing.messages, sink.delivered, sink.account.difference)
    outbox.close()


def test_play_that_goes_on_stays_whole(tmp_path: Path) -> None:
    """What an event becomes depends on how its play began, so a play cut in two would lose its second half."""
    outbox = a_store(tmp_path)
    outbox.append([*a_session("s1", "a"), a_click("c"), *a_session("s2", "b", closed=False), a_click("d")])
    export = outbox.exports.begin(NOW)
    assert export is not None
    assert 4 == export.last
    assert ['"s2.open"', '"b"', '"d"'] == bodies(outbox)


def test_store_with_nothing_but_a_play_that_goes_on_hands_nothing_over(tmp_path: Path) -> None:
    """An empty file would be a riddle for whoever carries it."""
    outbox = a_store(tmp_path)
    outbox.append(a_session("s1", "a", closed=False))
    assert outbox.exports.begin(NOW) is None


def test_empty_store_hands_nothing_over(tmp_path: Path) -> None:
    """The same for a store that has delivered everything, or never had a destination."""
    assert open_outbox(tmp_path / "bare").exports.begin(NOW) is None
    outbox = a_store(tmp_path / "drained")
    outbox.append(a_session("s1", "a"))
    outbox.settle(SINK, Cursor(3), projection="", delivered=3)
    assert outbox.exports.begin(NOW) is None


def test_dead_letter_on_its_second_way_is_no_open_play(tmp_path: Path) -> None:
    """A letter that was sent again stands at the tail and belongs to a play that is long over."""
    outbox = a_store(tmp_path)
    outbox.append(a_session("s1", "a"))
    refusal = Refusal(sequence=1, part=0, message="PLAY", code="X", answer="no", projection="")
    outbox.settle(SINK, Cursor(1), projection="", refusals=[refusal])
    outbox.retry(SINK)
    export = outbox.exports.begin(NOW)
    assert export is not None
    assert (2, 4) == (export.first, export.last)


def test_begun_twice_is_begun_once(tmp_path: Path) -> None:
    """A command that was killed before its file was whole is run again, and must go on with the same events."""
    outbox = a_store(tmp_path)
    outbox.append(a_session("s1", "a"))
    first = outbox.exports.begin(NOW)
    outbox.close()
    outbox = open_outbox(tmp_path)
    outbox.append(a_session("s2", "b"))
    assert first == outbox.exports.begin(NOW)
    assert first is not None
    outbox.exports.written(first.id)
    second = outbox.exports.begin(NOW)
    assert second is not None
    assert ((1, 3), (4, 6)) == ((first.first, first.last), (second.first, second.last))
    assert first.id != second.id
    assert [True, False] == [each.is_written for each in outbox.exports.known()]


def test_rows_stay_until_they_are_forgotten(tmp_path: Path) -> None:
    """A stick that gets lost on the way must not take a month of plays with it."""
    outbox = a_store(tmp_path)
    outbox.append([record for number in range(30) for record in a_session(f"s{number}", "a")])
    export = outbox.exports.begin(NOW)
    assert export is not None
    outbox.exports.written(export.id)
    before = rows(outbox, export.id)
    for number in range(40):
        outbox.append(a_session(f"t{number}", "b"))
        outbox.settle(SINK, Cursor(outbox.newest), projection="", delivered=3)
    outbox.close()
    outbox = open_outbox(tmp_path)
    assert before == rows(outbox, export.id)
    outbox.exports.forget(export.id)
    for number in range(40):
        outbox.append(a_session(f"u{number}", "b"))
        outbox.settle(SINK, Cursor(outbox.newest), projection="", delivered=3)
    with pytest.raises(UnknownExportError):
        outbox.exports.page(export.id, None)
    assert 50 > len(outbox.events(limit=1000))


def test_kept_rows_make_way_before_anything_is_dropped(tmp_path: Path) -> None:
    """A copy of what is on the stick must not cost a play that is nowhere else."""
    outbox = open_outbox(tmp_path, total_bytes=MEGABYTE)
    outbox.register(SINK)
    outbox.append(many(7000))
    export = outbox.exports.begin(NOW)
    assert export is not None
    outbox.exports.written(export.id)
    for _ in range(6):
        outbox.append(many(500))
        outbox.enforce(an_instant())
        assert outbox.statistics().bytes_used < MEGABYTE
    assert {} == outbox.statistics().dropped
    assert () == outbox.exports.known()
    with pytest.raises(UnknownExportError, match="not in the queue any more"):
        outbox.exports.page(export.id, None)


def test_kept_rows_do_not_age_out(tmp_path: Path) -> None:
    """They are counted as handed over; a second end would make the books lie."""
    outbox = open_outbox(tmp_path, age=100.0)
    outbox.register(SINK)
    outbox.append(a_session("s1", "a"))
    export = outbox.exports.begin(NOW)
    assert export is not None
    assert {} == outbox.enforce(an_instant(1_000_000.0))
    assert rows(outbox, export.id)


def test_pages_tell_each_row_once_in_any_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages exist so that a million events need no more memory than five hundred."""
    outbox = a_store(tmp_path, SINK, "other")
    outbox.append([record for number in range(9) for record in [*a_session(f"s{number}", "a"), a_click("c")]])
    outbox.settle(SINK, Cursor(0), projection="p", tried={(2, 0): Tried(1), (3, 0): Tried(2, lost=True)})
    outbox.settle("other", Cursor(4), projection="q", delivered=4)
    export = outbox.exports.begin(NOW)
    assert export is not None
    whole = rows(outbox, export.id)
    monkeypatch.setattr("agent.outbox.exporting.PAGE_ROWS", 5)
    assert sorted(map(str, whole)) == sorted(map(str, rows(outbox, export.id)))
    tables = [row[0] for row in whole]
    assert (36, 18, 2, 2) == tuple(map(tables.count, ("events", "attributions", "trials", "sinks")))


def test_page_of_an_export_that_never_was_says_so(tmp_path: Path) -> None:
    """An operator's slip must not read as an empty file."""
    outbox = a_store(tmp_path)
    for ask in (outbox.exports.written, outbox.exports.forget, lambda name: outbox.exports.page(name, None)):
        with pytest.raises(UnknownExportError, match="no export 77"):
            ask("77")


def test_exports_are_remembered_by_the_next_process(tmp_path: Path) -> None:
    """A kiosk is switched off every night."""
    outbox = a_store(tmp_path)
    outbox.append(a_session("s1", "a"))
    outbox.exports.begin(NOW)
    known = outbox.exports.known()
    outbox.close()
    outbox = open_outbox(tmp_path)
    assert known == outbox.exports.known()
    assert (1, 3) == (core_of(outbox).kept_from, core_of(outbox).kept_to)


def test_every_table_travels_unless_it_is_named(tmp_path: Path) -> None:
    """A table that a later schema brings must not stay behind because nobody thought of it."""
    outbox = a_store(tmp_path)
    outbox.append(a_session("s1", "a"))
    export = outbox.exports.begin(NOW)
    assert export is not None
    travelled = {row[0] for row in rows(outbox, export.id)}
    assert {"sinks", "generations", "kinds", "attributions", "events"} <= travelled
    assert not {"properties", "counters", "dead_letters"} & travelled
    assert travelled <= set(COLUMNS)
    assert set(BESIDE_EVENTS) < set(COLUMNS)


def test_disabled_destination_is_not_carried(tmp_path: Path) -> None:
    """It is passed over where it is, and must not wake up elsewhere."""
    outbox = a_store(tmp_path, SINK, "off")
    outbox.register("off", enabled=False)
    outbox.append(a_session("s1", "a"))
    export = outbox.exports.begin(NOW)
    assert export is not None
    assert {SINK: 3} == export.waiting
    assert isinstance(outbox.exports, Exports)
