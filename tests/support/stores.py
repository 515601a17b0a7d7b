"""A real store with a real story in it, for tests of what asks about it."""

from collections.abc import Sequence
from pathlib import Path

from agent.kernel import codec
from agent.kernel.attribution import Attribution
from agent.kernel.events import Closed, Ending, Event, Opened, Playhead, Progressed, Started
from agent.kernel.instants import Instant
from agent.kernel.media import Media
from agent.kernel.records import Cursor, Record
from agent.outbox.bounds import Bounds
from agent.outbox.letters import Refusal
from agent.outbox.store import Outbox

SINK = "stats.collect"
BOOT = "6f1c8a52-0b0e-4f57-9a40-0d6c1f1f2a11"
WALL = 1_795_000_000.0
OWNER = Attribution(
    device_id="device-001",
    session_id="5f0c0a52-0b0e-4f57-9a40-0d6c1f1f2a22",
    referrer="kiosk://device-001",
    partner_id=102,
    entry_id="0_abcd1234",
    media_uri="file:///srv/media/welcome.mp4",
)

STORY: Sequence[Event] = (
    Opened(at=1.0, session=1, head=Playhead(), media=Media(key="a", uri=OWNER.media_uri, entry_id=OWNER.entry_id)),
    Started(at=2.0, session=1, head=Playhead(position=0.0, duration=60.0), join_time=0.3),
    Progressed(at=17.0, session=1, head=Playhead(position=15.0, duration=60.0), fraction=0.25),
    Closed(at=62.0, session=1, head=Playhead(position=59.9, duration=60.0), ending=Ending.COMPLETED),
)


def record(event: Event) -> Record:
    """The event as it goes into the log."""
    instant = Instant(boot_id=BOOT, boottime=event.at, wall=WALL + event.at, synced=True)
    kind, body = codec.encode(event)
    return Record(kind, body, codec.priority(event), OWNER, instant)


def open_store(folder: Path) -> Outbox:
    """Open or create the store as an agent would."""
    return Outbox.open(folder, device_id="device-001", hardware_key="board", bounds=Bounds(16 << 20))


def store_with_story(folder: Path) -> Outbox:
    """An open store whose one sink waits for the four events of `STORY`."""
    outbox = open_store(folder)
    outbox.register(SINK)
    outbox.append([record(event) for event in STORY])
    return outbox


def refuse_first(outbox: Outbox) -> None:
    """Have the sink refuse the first message for good and accept nothing else."""
    refusal = Refusal(
        sequence=1, part=0, message="WIDGET_LOADED", code="INVALID_ENUM_VALUE", answer="no such type", projection=""
    )
    outbox.settle(SINK, Cursor(1), projection="", refusals=[refusal])
