"""The file becomes small again after a long outage, and only then."""

from pathlib import Path

from agent.kernel.records import Cursor
from agent.outbox.connection import STORE_NAME, page_counts
from agent.outbox.store import Outbox
from tests.support.outbox import MEGABYTE, a_record, an_instant, core_of, open_outbox

SINK = "stats.collect"
BODY = "x" * 3000


def after_an_outage(folder: Path, megabytes: int) -> Outbox:
    """A store that so much waited in, and that has drained."""
    outbox = open_outbox(folder, total_bytes=64 * MEGABYTE)
    outbox.register(SINK)
    number = megabytes * MEGABYTE // 3100
    for _ in range(0, number, 500):
        outbox.append([a_record(BODY, instant=an_instant()) for _ in range(500)])
    for _ in range(0, number + 500, 100):
        outbox.settle(SINK, Cursor(outbox.newest), projection="after")
    return outbox


def test_file_shrinks_once_a_long_outage_has_drained(tmp_path: Path) -> None:
    """A month of events must not take a quarter of a gigabyte of a small card for ever."""
    outbox = after_an_outage(tmp_path, 12)
    newest, identity = outbox.newest, outbox.events(limit=1)[0].identity
    path = tmp_path / STORE_NAME
    assert path.stat().st_size > 10 * MEGABYTE
    outbox.enforce(an_instant())
    assert path.stat().st_size < MEGABYTE
    assert (newest, Cursor(newest)) == (outbox.newest, outbox.position(SINK)[0])
    assert identity == outbox.events(limit=1)[0].identity
    assert newest + 1 == outbox.append([a_record()]).first
    outbox.close()
    again = open_outbox(tmp_path)
    assert newest + 1 == again.newest
    again.close()


def test_file_of_an_ordinary_day_is_left_as_it_is(tmp_path: Path) -> None:
    """To shrink and grow each night would write for nothing."""
    outbox = after_an_outage(tmp_path, 5)
    pages = page_counts(core_of(outbox).database.conn)
    outbox.enforce(an_instant())
    assert pages == page_counts(core_of(outbox).database.conn)
    outbox.close()


def test_file_that_still_holds_much_is_left_alone(tmp_path: Path) -> None:
    """To rewrite what waits would cost as much flash as it took to write it."""
    outbox = after_an_outage(tmp_path, 12)
    outbox.append([a_record(BODY) for _ in range(500)])
    size = (tmp_path / STORE_NAME).stat().st_size
    outbox.enforce(an_instant())
    assert size == (tmp_path / STORE_NAME).stat().st_size
    outbox.close()
