"""Two machines and a stick: stores that hand over, files between them, and a collector that takes what is sent."""

from collections.abc import Sequence
from pathlib import Path

from agent.kernel import codec
from agent.kernel.attribution import Attribution
from agent.kernel.events import Closed, Ending, Event, Opened, Playhead, Progressed
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.records import Priority, Record
from agent.outbox.exporting import Export
from agent.outbox.store import Outbox
from agent.runtime.portable.writing import write_file
from tests.support.outbox import a_record, an_instant, an_owner

NOW = an_instant(5000.0)
SINK = "stats.collect"


def a_session(name: str, *bodies: str, closed: bool = True) -> list[Record]:
    """The records of one play: an opening, what is in between, and its end unless it goes on."""
    owner = an_owner(name)
    kinds = ["opened", *("progressed" for _ in bodies), *(["closed"] if closed else [])]
    texts = [f"{name}.open", *bodies, *([f"{name}.end"] if closed else [])]
    return [
        a_record(f'"{body}"', kind=kind, owner=owner, instant=an_instant(float(number)))
        for number, (kind, body) in enumerate(zip(kinds, texts, strict=True), start=1)
    ]


def a_click(body: str) -> Record:
    """What the application tells while nothing plays."""
    return a_record(f'"{body}"', kind="button", owner=an_owner(""))


def handed_over(outbox: Outbox, folder: Path, *, recipient: Path | None = None, now: Instant = NOW) -> Path | None:
    """Export as the command does; the file, None where nothing was to be exported."""
    export = outbox.exports.begin(now)
    return None if export is None else file_of(outbox, export, folder, recipient=recipient)


def file_of(outbox: Outbox, export: Export, folder: Path, *, recipient: Path | None = None) -> Path:
    """The file of an export that was begun."""
    path = write_file(export, lambda after: outbox.exports.page(export.id, after), folder, recipient=recipient)
    outbox.exports.written(export.id)
    return path


def bodies(outbox: Outbox, sink: str = SINK) -> list[str]:
    """What waits for a sink."""
    return [event.body for event in outbox.peek(sink, 100_000)]


def many(number: int, *, session: int = 50) -> Sequence[Record]:
    """So many events of plays with so many each; all but a play's last are messages of stats.collect."""
    shapes = [codec.encode(_event(place, session)) for place in range(session)]
    records: list[Record] = []
    while len(records) < number:
        name = f"5f0c0a52-0b0e-4f57-9a40-{len(records):012d}"
        owner = Attribution("device-001", name, "kiosk://device-001", 102, "0_abcd1234", "file:///srv/media/film.mp4")
        for kind, body in shapes:
            records.append(Record(kind, body, Priority.PLAY, owner, an_instant(float(len(records)))))
    return records[:number]


def _event(place: int, last: int) -> Event:
    head = Playhead(position=float(place), duration=60.0)
    if place == 0:
        media = Media(key="a", uri="file:///srv/media/film.mp4", entry_id="0_abcd1234")
        return Opened(at=1.0, session=1, head=head, media=media)
    if place == last - 1:
        return Closed(at=60.0, session=1, head=head, ending=Ending.COMPLETED)
    return Progressed(at=float(place), session=1, head=head, fraction=0.25)
