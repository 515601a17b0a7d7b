"""The wire through TLS and through proxies, on real sockets."""

import shutil
import socket
import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agent.kernel.instants import Instant
from agent.kernel.release import BUILD_EPOCH
from agent.kernel.verdict import Cause, Held, Later
from agent.sinks.http.answer import Answer
from agent.sinks.http.client import proxy_for
from tests.support.raw_server import RawServer, answering, certificate, proxy, read_request
from tests.support.wires import BODY, PROXY_VARIABLES, QUICK, cause, wire

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificates")


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests must not depend on where they run."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)


PAST, COMING, PRESENT = ("2020", "2021"), ("2090", "2091"), ("2020", "2091")
RIGHT = Instant("boot", 500.0, BUILD_EPOCH + 500.0, synced=True)
ADRIFT = replace(RIGHT, synced=False)
NINETEEN_SEVENTY = replace(RIGHT, wall=500.0)


@needs_openssl
@pytest.mark.parametrize(
    ("valid", "now", "expected", "says"),
    [
        (COMING, NINETEEN_SEVENTY, Cause.CLOCK, "reads 1970-01-01 00:08 UTC and is not synchronised"),
        (COMING, ADRIFT, Cause.CLOCK, "is not synchronised"),
        (COMING, None, Cause.CLOCK, "is the clock of this device right?"),
        (COMING, RIGHT, Cause.TLS, "is synchronised"),
        (PAST, ADRIFT, Cause.CLOCK, "is not synchronised"),
        (PAST, None, Cause.TLS, "is the clock of this device right?"),
        (PAST, RIGHT, Cause.TLS, "is synchronised"),
        (PRESENT, ADRIFT, Cause.TLS, "self"),
    ],
)
def test_a_certificate_that_is_not_accepted_is_told_from_a_clock_that_is_wrong(
    tmp_path: Path, valid: tuple[str, str], now: Instant | None, expected: Cause, says: str
) -> None:
    """A wrong clock makes TLS fail on a Pi; whoever reads `status` must see that, and nothing else is to blame."""
    begins, ends = (f"{year}0101000000Z" for year in valid)
    context = certificate(tmp_path, begins=begins, ends=ends)
    trusting = None if valid == PRESENT else ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    with RawServer(answering(), tls=context) as server:
        result = wire(tls=trusting, now=now).post(server.url, BODY)
    assert (Later, expected, False) == cause(result)
    assert not isinstance(result, Answer)
    assert says in result.text


@needs_openssl
def test_tls_works_directly_and_through_a_proxy(tmp_path: Path) -> None:
    """The real service is https, and shops have proxies: CONNECT."""
    context = certificate(tmp_path, begins="20200101000000Z", ends="20910101000000Z")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    with RawServer(answering(), tls=context) as server, RawServer(proxy) as between:
        for through in (None, f"http://user:pass@127.0.0.1:{between.port}"):
            line = wire(through=through, tls=trusting)
            answer = line.post(server.url, BODY)
            line.close()
            assert isinstance(answer, Answer), answer
            assert answer.body == b"true"
        assert between.connections == 1


@needs_openssl
def test_a_tls_server_that_drips_is_left_at_the_total_deadline(tmp_path: Path) -> None:
    """The deadline holds under TLS too."""
    context = certificate(tmp_path, begins="20200101000000Z", ends="20910101000000Z")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))

    def behave(connection: socket.socket) -> None:
        read_request(connection)
        for byte in b"HTTP/1.1 200 OK\r\n" * 500:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    with RawServer(behave, tls=context) as server:
        assert (Later, Cause.TIMEOUT, True) == cause(wire(QUICK, tls=trusting).post(server.url, BODY))


def test_plain_http_goes_through_a_proxy() -> None:
    """The proxy gets the whole address."""
    with RawServer(answering()) as server, RawServer(proxy) as between:
        answer = wire(through=f"http://127.0.0.1:{between.port}").post(server.url, BODY)
        assert isinstance(answer, Answer)
        assert (answer.body, between.connections) == (b"true", 1)


@pytest.mark.parametrize(
    ("expected", "status"),
    [((Held, Cause.CONFIGURATION, False), b"407 No"), ((Later, Cause.NETWORK, False), b"502 No")],
)
def test_a_proxy_that_refuses_the_tunnel_is_named(expected: tuple[type, Cause, bool], status: bytes) -> None:
    """407 needs somebody with a password; 502 passes by itself."""
    with RawServer(answering(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")) as between:
        result = wire(through=f"http://127.0.0.1:{between.port}").post("https://127.0.0.1:9/", BODY)
    assert expected == cause(result)


def test_a_proxy_that_is_away_is_a_network_cause() -> None:
    """Whoever reads `status` must see that the proxy is meant."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for url in ("http://127.0.0.1:9/", "https://127.0.0.1:9/"):
        result = wire(through=f"http://127.0.0.1:{port}").post(url, BODY)
        assert (Later, Cause.NETWORK, False) == cause(result)
        assert not isinstance(result, Answer)
        assert "proxy" in result.text


def test_a_proxy_of_an_unknown_kind_is_held() -> None:
    """SOCKS is not spoken; an environment may still name one."""
    result = wire(through="socks5://127.0.0.1:9").post("http://127.0.0.1:9/", BODY)
    assert (Held, Cause.CONFIGURATION, False) == cause(result)


@pytest.mark.parametrize(
    ("expected", "url", "setting", "environment"),
    [
        (None, "http://a.example/", None, {}),
        ("http://p:3128", "http://a.example/", None, {"http_proxy": "http://p:3128"}),
        (None, "https://a.example/", None, {"http_proxy": "http://p:3128"}),
        ("http://p:3128", "https://a.example/", None, {"HTTPS_PROXY": "p:3128"}),
        ("http://q:1", "https://a.example/", "http://q:1", {"https_proxy": "http://p:3128"}),
        (None, "https://a.example/", "http://q:1", {"no_proxy": ".example"}),
        (None, "http://127.0.0.1:8911/", "http://q:1", {"no_proxy": "127.0.0.1"}),
        (None, "http://a.example/", "", {"http_proxy": "http://p:3128"}),
        ("http://r:1", "http://a.example/", None, {"all_proxy": "r:1"}),
        (None, "http://a.example/", "", {"http_proxy": "http://p:3128"}),
    ],
)
def test_the_proxy_is_the_setting_or_the_environments(
    monkeypatch: pytest.MonkeyPatch,
    expected: str | None,
    url: str,
    setting: str | None,
    environment: dict[str, str],
) -> None:
    """As every other program on the machine does it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert expected == proxy_for(url, setting)
