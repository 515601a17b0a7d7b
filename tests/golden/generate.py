"""All pages, as the real sink sends them over a real socket to the collector.

python -m tests.golden.generate        writes them anew; look at the difference before you commit it
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from agent.kernel.attribution import session_id
from agent.sinks.base import Message, Outgoing
from agent.sinks.kaltura.kinds import Kind
from agent.sinks.kaltura.semantics import Semantics
from agent.sinks.kaltura.sink import Style
from tests.golden.pages import Page
from tests.golden.visit import NOBODY, OWNER, visit
from tests.support.collecting import STARTED, collecting, encoded
from tests.support.playback import GENERATION, WALL
from tools.standin.server import Collector

FOLDER = Path(__file__).parent / "stats.collect"


def pages() -> dict[str, Page]:
    """Every page by its name."""
    with Collector() as collector:
        return dict(_pages(collector))


def messages(semantics: Semantics) -> Iterator[Message]:
    """What the visit becomes."""
    sink, state = collecting("http://127.0.0.1", semantics=semantics), ""
    session = 0
    for sequence, fact in enumerate(visit(), start=1):
        session = getattr(fact, "session", session)
        owner = replace(OWNER, session_id=session_id(GENERATION, session))
        found = sink.project(state, encoded(fact, sequence, attribution=owner), time=WALL + fact.at, age=0.0)
        state = found.state
        yield from found.messages


def _pages(collector: Collector) -> Iterator[tuple[str, Page]]:
    def sent(send: Callable[[], object]) -> Page:
        before = collector.total
        send()
        return Page.of(collector.requests[-1], collector.events[before:])

    for semantics in Semantics:
        sink = collecting(collector.url, semantics=semantics)
        first: dict[str, Message] = {}
        for message in messages(semantics):
            first.setdefault(message.name, message)
        for name, message in first.items():
            page = sent(lambda sink=sink, message=message: sink.send(message, attempt=0))  # type: ignore[misc]
            yield f"{semantics.value}/{Kind[name].value:02d}-{name}", page
    sink = collecting(collector.url)
    one, two, three, *_ = messages(Semantics.GUIDE)
    (plain,) = sink.project("", encoded(STARTED, 99, attribution=NOBODY), time=WALL, age=0.0).messages
    yield "nothing-configured", sent(lambda: sink.send(plain, attempt=0))
    yield "after-an-error", sent(lambda: sink.send(one, attempt=1))
    yield "batch", sent(lambda: sink.send_all([Outgoing(one, 0), Outgoing(two, 1), Outgoing(three, 0)]))
    beacon = collecting(collector.url, style=Style.BEACON)
    yield "beacon", sent(lambda: beacon.send(one, attempt=0))


def main() -> None:
    """Write all pages, and remove those that are none any more."""
    wanted = {FOLDER / f"{name}.txt": page.text() for name, page in pages().items()}
    for path in FOLDER.rglob("*.txt"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
