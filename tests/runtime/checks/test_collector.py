"""Is Kaltura there? Asked over the real wire of the local collector, whole and broken."""

import shutil
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.kernel.instants import Instant
from agent.runtime.checks import collector as check
from agent.runtime.checks.analytics import analytics
from agent.runtime.checks.finding import Finding, Level
from agent.runtime.checks.machine import CLOCK_REMEDY
from agent.runtime.clock import boottime
from agent.sinks.http.client import Timeouts, Wire
from tests.support.raw_server import RawServer, answering, certificate
from tests.support.wires import QUICK, wire
from tools.standin.faults import Fault, Hang, Page, Refuse, http_error, redirect
from tools.standin.server import Collector


@pytest.fixture
def service() -> Iterator[Collector]:
    with Collector() as running:
        yield running


def asked(url: str) -> Finding:
    wire = Wire(user_agent="test", monotonic=boottime, timeouts=Timeouts(2, 2, 3), proxy="")
    try:
        return check.collector(wire, url)
    finally:
        wire.close()


@pytest.mark.parametrize("form", ["http://h/api_v3", "http://h/api_v3/", "http://h", "http://h/"])
def test_ping_has_one_address_however_the_service_is_written(form: str) -> None:
    """service_url is accepted with and without /api_v3 (decision 24)."""
    assert "http://h/api_v3/service/system/action/ping" == check.ping_url(form)


def test_kaltura_is_recognised_and_nothing_is_counted(service: Collector) -> None:
    """doctor must not show up in anybody's reports."""
    assert Level.OK is asked(service.url).level
    assert [] == list(service.events)


def test_nobody_at_the_address_fails_with_the_reason() -> None:
    """Wrong port, server down, network gone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    finding = asked(f"http://127.0.0.1:{port}")
    assert Level.FAIL is finding.level
    assert "refused" in finding.text.lower()
    assert "network" in str(finding.remedy)


@pytest.mark.parametrize(
    ("level", "words", "fault"),
    [
        (Level.FAIL, "portal", Page()),
        (Level.FAIL, "HTTP 503", http_error(503)),
        (Level.FAIL, "redirected", redirect("https://portal.example/")),
        (Level.FAIL, "no whole answer", Hang()),
        (Level.WARN, "INTERNAL_DATABASE_ERROR", Refuse("INTERNAL_DATABASE_ERROR")),
        (Level.OK, "SERVICE_FORBIDDEN", Refuse("SERVICE_FORBIDDEN")),
        (Level.OK, "INVALID_ENUM_VALUE", Refuse("INVALID_ENUM_VALUE")),
    ],
)
def test_what_answers_instead_is_told_apart(service: Collector, level: Level, words: str, fault: Fault) -> None:
    """A captive portal says 200 and looks like success to everybody who only reads the status."""
    service.fault(fault)
    finding = asked(service.url)
    assert level is finding.level
    assert words in finding.text or words in str(finding.remedy)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
@pytest.mark.parametrize("ask", [check.collector, analytics])
def test_certificate_from_the_future_is_the_clocks_fault(tmp_path: Path, ask: Callable[[Wire, str], Finding]) -> None:
    """A kiosk that booted in the past: whoever looks for a better certificate looks in vain."""
    tls = certificate(tmp_path, begins="20900101000000Z", ends="20910101000000Z")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    with RawServer(answering(), tls=tls) as server:
        finding = ask(wire(QUICK, tls=trusting, now=Instant("boot", 9.0, 9.0, synced=False)), server.url)
    assert (Level.FAIL, CLOCK_REMEDY) == (finding.level, finding.remedy)
    assert "the clock of this device reads 1970-01-01 00:00 UTC" in finding.text
