"""What goes over the wire, byte for byte: the pages beside this file against the real sink and the collector."""

import json

import pytest

from agent.kernel.activity import Activity, Engaged
from agent.kernel.events import Event
from agent.kernel.phases import Phase, follow
from agent.sinks.kaltura.kinds import Kind
from agent.sinks.kaltura.semantics import Semantics
from tests.golden.generate import FOLDER, pages
from tests.golden.pages import Page
from tests.golden.visit import visit
from tools.standin.server import Collector

NAMES = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.txt"))


@pytest.fixture(scope="module")
def sent() -> dict[str, Page]:
    """What the sink sends today."""
    return pages()


def golden(name: str) -> str:
    """A page as it stands."""
    return (FOLDER / f"{name}.txt").read_text(encoding="utf-8")


def test_there_is_a_page_for_each_number_in_both_semantics(sent: dict[str, Page]) -> None:
    """A number without one is a number that nobody looked at."""
    numbers = {f"{semantics.value}/{kind.value:02d}-{kind.name}" for semantics in Semantics for kind in Kind}
    assert 80 == len(numbers)
    assert {*numbers, "nothing-configured", "after-an-error", "batch", "beacon"} == set(NAMES) == set(sent)


@pytest.mark.parametrize("name", NAMES)
def test_a_request_is_what_it_was(sent: dict[str, Page], name: str) -> None:
    """A byte more or less is another key in the server's cache: what waited through an upgrade would count twice."""
    assert golden(name) == sent[name].text()


@pytest.mark.parametrize("name", NAMES)
def test_a_page_sent_again_is_logged_in_the_right_columns(name: str) -> None:
    """The page stands for itself: whoever sends these bytes gets this line in the server's log."""
    page = Page.read(golden(name))
    with Collector() as collector:
        answer = json.loads(page.send(collector.url))
        assert page == Page.of(collector.requests[0], collector.events)
    assert ([True] * len(page.logged) if name == "batch" else True) == answer


@pytest.mark.parametrize("name", [name for name in NAMES if "/" in name])
def test_a_page_logs_its_own_number(name: str) -> None:
    """The file's name is what people read; the column is what is counted."""
    (logged,) = Page.read(golden(name)).logged
    number = name.partition("/")[2].partition("-")[0]
    assert str(int(number)) == logged["eventType"]
    assert ("newPoint" in logged) == (number == "17")


def test_the_visit_is_one_that_the_tracker_could_tell() -> None:
    """A golden page of a story that cannot happen proves nothing."""
    phase: Phase | None = Phase.IDLE
    at = 0.0
    for fact in visit():
        assert at <= fact.at
        at = fact.at
        if not isinstance(fact, Engaged):
            phase = next_phase(phase, fact)
    assert Phase.IDLE is phase


def next_phase(phase: Phase | None, fact: Event | Activity) -> Phase | None:
    """The phase after a fact of the tracker's."""
    assert phase is not None
    assert isinstance(fact, Event)
    found = follow(phase, fact)
    assert found is not None, fact
    return found
