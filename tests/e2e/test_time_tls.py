"""A clock that is wrong, seen from https: named, waited out, and nobody's credentials are to blame."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support import media
from tests.support.clocks import Clocks, needs_compiler
from tests.support.kiosks import PLAYED, Clip, kiosk, stories
from tests.support.raw_server import RawServer, certificate
from tests.support.sessions import app_token, called
from tools.standin.server import Collector

pytestmark = [
    pytest.mark.all,
    needs_compiler,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate"),
]

IN_2013 = 1_370_000_000.0
IN_2099 = 4_080_000_000.0


def copy(source: socket.socket, target: socket.socket) -> None:
    """Until either side has had enough."""
    with contextlib.suppress(OSError, ValueError):  # ValueError: an SSL socket that the other thread has closed
        while piece := source.recv(65_536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_RDWR)


@contextmanager
def behind_tls(collector: Collector, folder: Path) -> Iterator[str]:
    """The collector's address through TLS, with a certificate that is valid for some days around the present."""
    now = datetime.now(UTC)
    begins, ends = (f"{now + timedelta(days=days):%Y%m%d%H%M%SZ}" for days in (-3, 30))

    def relay(connection: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", collector.port), timeout=60) as upstream:
            there = threading.Thread(target=copy, args=(connection, upstream), daemon=True)
            there.start()
            copy(upstream, connection)

    with RawServer(relay, tls=certificate(folder, begins=begins, ends=ends)) as server:
        yield server.url.replace("/collect", "/api_v3")


def command(name: str, folder: Path, environment: Mapping[str, str], *options: str) -> str:
    """What a command of the program prints."""
    found = subprocess.run(
        [sys.executable, "-m", "agent.cli.main", name, *options, "--state-dir", str(folder / "state")],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return found.stdout


def has_waited(sink: dict[str, Any]) -> bool:
    """Whether it has tried more than once, and waits for the next time with something to send."""
    return bool((sink.get("tries") or 0) >= 2 and sink["depth"] and sink["state"] == "waiting")


@pytest.mark.parametrize("wrong", [60.0, IN_2013, IN_2099], ids=["1970", "2013", "2099"])
@pytest.mark.parametrize("has_session", [False, True], ids=["no session", "app token"])
def test_a_certificate_that_the_clock_cannot_accept_is_waited_out_and_named(
    tmp_path: Path, wrong: float, has_session: bool
) -> None:
    """A kiosk that boots in the past and is visited by its operator must not be given another password."""
    clocks = Clocks(tmp_path)
    clocks.reads(wrong)
    environment = {**clocks.environment, "SSL_CERT_FILE": str(tmp_path / "cert.pem")}
    clips = [Clip(media.silent_clip(2.0), "0_abcd1234")]
    with (
        Collector() as collector,
        behind_tls(collector, tmp_path) as url,
        kiosk(tmp_path, collector, clips, environment=environment) as agent,
    ):
        text = agent.config.read_text().replace(collector.url, url)
        if has_session:
            token, file = app_token("sha256"), tmp_path / "token"
            file.write_text(token.token)
            file.chmod(0o600)
            text += (
                f'[kaltura.session]\nmode = "app-token"\napp_token_file = "{file}"\n'
                f'app_token_id = "{token.ident}"\napp_token_hash = "{token.hash_type}"\n'
            )
        agent.config.write_text(text)
        began = clocks.true
        agent.start()
        status = agent.wait(lambda status: has_waited(status["sinks"][0]))
        sink = status["sinks"][0]
        assert "clock" == sink["cause"]
        year = time.gmtime(wrong).tm_year
        assert f"the clock of this device reads {year}-" in sink["text"]
        assert "waits for it: stats.collect" in command("status", tmp_path, environment, "--long")
        examined = command("doctor", tmp_path, environment, "--config", str(agent.config))
        (finding,) = [line for line in examined.splitlines() if line.startswith("fail  collector")]
        assert f"the clock of this device reads {year}-" in finding
        assert [] == called(collector)
        clocks.synchronise()
        status = agent.wait_idle()
        assert "refused" != status["session"]["state"]
        assert 0 == status["sinks"][0]["dead_letters"]
        assert 0 == status["queue"]["estimated_times"]
    assert [("0_abcd1234", PLAYED)] == stories(collector.events)
    assert has_session == ("startSession" in called(collector))
    told = [float(event["eventTimestamp"]) for event in collector.events]
    assert began - 2.0 <= min(told) and max(told) <= clocks.true + 2.0
