"""Is the analytics server there? Asked over the real wire of the stand-in, whole and broken."""

from collections.abc import Iterator

import pytest

from agent.runtime.checks.analytics import analytics as check
from agent.runtime.checks.finding import Finding, Level
from agent.runtime.clock import boottime
from agent.sinks.http.client import Timeouts, Wire
from tools.standin.analytics import Analytics
from tools.standin.faults import Fault, Page, http_error, redirect
from tools.standin.server import Collector


@pytest.fixture
def server() -> Iterator[Analytics]:
    with Analytics() as running:
        yield running


def asked(url: str) -> Finding:
    wire = Wire(user_agent="test", monotonic=boottime, timeouts=Timeouts(2, 2, 3), proxy="")
    try:
        return check(wire, url)
    finally:
        wire.close()


def test_server_is_recognised_and_nothing_is_counted(server: Analytics) -> None:
    """doctor must not show up in anybody's reports."""
    assert Level.OK is asked(server.url).level
    assert [] == list(server.events)


def test_api_host_in_its_place_is_the_mistake_that_it_is() -> None:
    """It answers everything with HTTP 200, and takes no event."""
    with Collector() as api:
        finding = asked(api.url)
    assert Level.FAIL is finding.level
    assert "another host" in str(finding.remedy)


@pytest.mark.parametrize(
    ("level", "fault"),
    [
        (Level.FAIL, Page()),
        (Level.FAIL, http_error(503)),
        (Level.FAIL, http_error(404)),
        (Level.FAIL, redirect("https://portal.example/")),
    ],
)
def test_what_is_in_the_way_is_told(server: Analytics, level: Level, fault: Fault) -> None:
    """A portal, a gateway, a wrong address."""
    server.fault(fault)
    assert level is asked(server.url).level
