"""A store made of another one's rows: the same events, by the same order, times and identities."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.kernel.records import Cursor
from agent.outbox.connection import STORE_NAME
from agent.outbox.importing import Intake, Origin, RowError
from agent.outbox.letters import Refusal
from agent.outbox.schema import COLUMNS, SCHEMA
from agent.outbox.store import Outbox
from agent.outbox.trials import Tried
from tests.outbox.test_exporting import rows
from tests.support.carrying import NOW, SINK, a_session, bodies, many
from tests.support.outbox import freeze, open_outbox

DEVICE = Origin("device-001", SCHEMA)


def taken(folder: Path, found: Sequence[Sequence[Any]], *, known: Sequence[int] = ()) -> Intake:
    """A store in `folder` of these rows."""
    intake = Intake(folder, DEVICE, COLUMNS, is_known=lambda sequence: sequence in known)
    intake.take(found)
    intake.finish()
    return intake


def opened(folder: Path) -> Outbox:
    """The imported store, as delivery opens it."""
    return open_outbox(folder, hardware_key="")


def a_life(folder: Path) -> Outbox:
    """A store with a bit of everything that can be known of an event."""
    outbox = open_outbox(folder)
    for sink in (SINK, "other"):
        outbox.register(sink)
    outbox.append([record for number in range(3) for record in a_session(f"s{number}", "a", "b")])
    refusal = Refusal(sequence=1, part=0, message="PLAY", code="X", answer="no", projection="before")
    outbox.settle(SINK, Cursor(1), projection="then", refusals=[refusal], tried={(3, 0): Tried(2, lost=True)})
    outbox.settle("other", Cursor(5, 1), projection="else", delivered=6, backlog_end=9)
    outbox.retry(SINK)
    freeze(outbox, 4, 1_700_000_999.0)
    return outbox


def test_imported_store_is_what_the_device_had(tmp_path: Path) -> None:
    """Order, identity, times, attempts and a destination's memory decide what is sent; all of them must travel."""
    outbox = a_life(tmp_path / "kiosk")
    before = {sink: outbox.peek(sink, 100) for sink in (SINK, "other")}
    positions = {sink: outbox.position(sink) for sink in (SINK, "other")}
    tried = outbox.trials(SINK, 1, 100)
    export = outbox.exports.begin(NOW)
    assert export is not None
    intake = taken(tmp_path / "office", rows(outbox, export.id))
    imported = opened(tmp_path / "office")
    assert before == {sink: imported.peek(sink, 100) for sink in (SINK, "other")}
    assert positions == {sink: imported.position(sink) for sink in (SINK, "other")}
    assert tried == imported.trials(SINK, 1, 100)
    assert (12, 0) == (intake.events, intake.skipped)
    assert (outbox.generation, 9) == (imported.generation, imported.backlog_end("other"))


def test_imported_store_has_books_of_its_own(tmp_path: Path) -> None:
    """What the device had delivered is in the device's account; here it would be counted twice."""
    outbox = a_life(tmp_path / "kiosk")
    export = outbox.exports.begin(NOW)
    assert export is not None
    taken(tmp_path / "office", rows(outbox, export.id))
    sinks = opened(tmp_path / "office").statistics().sinks
    assert [0, 0] == [sink.delivered for sink in sinks]
    assert [0, 0] == [sink.account.difference for sink in sinks]
    assert [7, 12] == sorted(sink.depth for sink in sinks)


def test_imported_store_is_sound(tmp_path: Path) -> None:
    """It is opened by the same recovery as a kiosk's own, which must find nothing."""
    outbox = open_outbox(tmp_path / "kiosk")
    outbox.register(SINK)
    outbox.append(many(7000))
    export = outbox.exports.begin(NOW)
    assert export is not None
    taken(tmp_path / "office", rows(outbox, export.id))
    imported = opened(tmp_path / "office")
    while not imported.check_slice():
        pass
    assert imported.opening.new_generation is None
    assert 7000 == len(bodies(imported))


def test_event_that_came_before_is_skipped_and_leaves_no_gap_in_the_books(tmp_path: Path) -> None:
    """After a card was restored from an image, the same events are exported twice under different files."""
    outbox = open_outbox(tmp_path / "kiosk")
    outbox.register(SINK)
    outbox.append([*a_session("s1", "a"), *a_session("s2", "b")])
    export = outbox.exports.begin(NOW)
    assert export is not None
    intake = taken(tmp_path / "office", rows(outbox, export.id), known=(1, 2, 3))
    imported = opened(tmp_path / "office")
    assert (3, 3) == (intake.events, intake.skipped)
    assert ['"s2.open"', '"b"', '"s2.end"'] == bodies(imported)
    (sink,) = imported.statistics().sinks
    assert (3, 0) == (sink.depth, sink.account.difference)


@pytest.mark.parametrize(
    "row",
    [
        ["events", "one", 1, 2, 0, 1, 1.0, 1.0, 1, "{}"],
        ["events", 1, 1, 2],
        ["events", 1, 1, 2, 0, 1, 1.0, 1.0, 1, ["a list"]],
        ["events", 2**70, 1, 2, 0, 1, 1.0, 1.0, 1, "{}"],
        ["nothing", 1],
        [["events"], 1],
        [],
    ],
)
def test_row_that_is_none_is_refused(tmp_path: Path, row: list[Any]) -> None:
    """A file comes from a stick that anybody may have written; it must not become a store that nobody can read."""
    intake = Intake(tmp_path / "office", DEVICE, COLUMNS, is_known=lambda _: False)
    with pytest.raises(RowError):
        intake.take([row])
    intake.close()


def test_event_without_its_owner_is_refused(tmp_path: Path) -> None:
    """An attribution that is missing would stop delivery in the middle."""
    outbox = open_outbox(tmp_path / "kiosk")
    outbox.register(SINK)
    outbox.append(a_session("s1", "a"))
    export = outbox.exports.begin(NOW)
    assert export is not None
    found = [row for row in rows(outbox, export.id) if row[0] != "attributions"]
    with pytest.raises(RowError, match="owner"):
        taken(tmp_path / "office", found)


@pytest.mark.parametrize("columns", [{"events": ["sequence", "secret"]}, {"sqlite_master": ["name"]}, {"x; --": ["a"]}])
def test_tables_of_no_schema_are_refused(tmp_path: Path, columns: dict[str, list[str]]) -> None:
    """Names from a file go into SQL, so only those that the schema has are taken."""
    with pytest.raises(RowError):
        Intake(tmp_path / "office", DEVICE, columns, is_known=lambda _: False).take([["sqlite_master", "x"]])


def test_schema_that_is_not_known_is_refused(tmp_path: Path) -> None:
    """A newer device's rows would be read by rules that they do not follow."""
    for schema in (0, SCHEMA + 1):
        with pytest.raises(RowError, match="schema"):
            Intake(tmp_path / "office", Origin("d", schema), {}, is_known=lambda _: False)


def test_rows_of_an_earlier_schema_are_migrated(tmp_path: Path) -> None:
    """Kiosks are updated last; the office must be able to read what they wrote before."""
    outbox = open_outbox(tmp_path / "kiosk")
    outbox.register(SINK)
    outbox.append(a_session("s1", "a"))
    export = outbox.exports.begin(NOW)
    assert export is not None
    dropped = {"sinks": ("settled", "origin"), "tombstones": ("reason", "since", "until")}
    columns = {name: [each for each in names if each not in dropped.get(name, ())] for name, names in COLUMNS.items()}
    found = [row[: 1 + len(columns[str(row[0])])] for row in rows(outbox, export.id)]
    intake = Intake(tmp_path / "office", Origin("device-001", 3), columns, is_known=lambda _: False)
    intake.take(found)
    intake.finish()
    imported = opened(tmp_path / "office")
    assert (SCHEMA, 3) == (imported.statistics().schema, len(bodies(imported)))
    assert (tmp_path / "office" / STORE_NAME).stat().st_mode & 0o777 == 0o600
