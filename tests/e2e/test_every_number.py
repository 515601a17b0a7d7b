"""All forty numbers from a real agent, each caused in the way that a user has of causing it."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent.kernel.activity import Deed
from agent.sinks.kaltura.kinds import Kind
from tests.e2e.test_spots import ENTRY, everything
from tests.support import media
from tests.support.kiosks import PATIENCE_S, Clip, Kiosk, kiosk
from tools.standin.server import Collector

STREAM = "0_abcd1235"


@contextmanager
def halting(path: Path, goes_on: threading.Event) -> Iterator[str]:
    """The address of a film whose server pauses after a quarter, the first time, until it `goes_on`."""
    content = path.read_bytes()
    halts = [len(content) // 4]

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """From wherever the player asks on."""
            start = int((self.headers["Range"] or "bytes=0-").partition("=")[2].partition("-")[0])
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            try:
                if halts and start < halts[0]:
                    pause = halts.pop()
                    self.wfile.write(content[start:pause])
                    start = pause
                    goes_on.wait(PATIENCE_S)
                self.wfile.write(content[start:])
            except OSError:
                """The player has gone elsewhere."""

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/film.mp4"
    finally:
        server.shutdown()
        server.server_close()


def command(*arguments: str, stdin: str = "") -> None:
    """A command of the program's that must succeed."""
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli.main", *arguments],
        input=stdin.encode(),
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert 0 == done.returncode, done.stderr


def entry_on(status: dict[str, Any]) -> str | None:
    return (status["player"]["item"] or {}).get("entry_id")


def cause_all(agent: Kiosk, collector: Collector, goes_on: threading.Event) -> None:
    """Everything that a visitor, a network and a remote control can do."""

    def arrived(number: int, entry: str) -> bool:
        """Of that medium: on a busy machine any may stall."""
        return collector.wait_for(
            lambda events: (number, entry) in {(each["eventType"], each["entryId"]) for each in events}, PATIENCE_S
        )

    agent.start()
    assert arrived(3, ENTRY), "the film is on"
    # All by one command: the network stands still meanwhile, and nothing waits for it for ever.
    deeds = "".join(f'{{"type": "{deed.value}"}}\n' for deed in Deed)
    command("emit", "--stdin", "--state-dir", str(agent.state), stdin=deeds)
    agent.wait(lambda status: entry_on(status) == STREAM)
    assert arrived(12, STREAM), "the network stands still"
    goes_on.set()
    assert arrived(13, STREAM)
    command("player", "seek", "1", "--state-dir", str(agent.state))
    assert arrived(17, STREAM)
    command("player", "replay", "--state-dir", str(agent.state))
    assert arrived(16, STREAM)
    agent.wait_idle()
    assert 0 == agent.end()


@pytest.mark.all
@pytest.mark.parametrize("semantics", ["guide", "player"])
def test_every_number_can_be_caused_and_arrives(tmp_path: Path, semantics: str) -> None:
    """A number that no user can cause is a number that is not there, whatever the encoder can do."""
    film, goes_on = media.clip(20.0), threading.Event()
    with Collector() as collector, halting(film, goes_on) as address:
        with kiosk(tmp_path, collector, [*everything(), Clip(film, STREAM)], hang_after_s=60.0) as agent:
            text = agent.config.read_text().replace(film.as_uri(), address)
            agent.config.write_text(text.replace("[kaltura]\n", f'[kaltura]\nevent_semantics = "{semantics}"\n'))
            cause_all(agent, collector, goes_on)
        events = collector.events
    assert [] == [kind for kind in Kind if kind.value not in {event["eventType"] for event in events}]
    assert {ENTRY, STREAM} == {event["entryId"] for event in events}
    assert len(events) == len({event["_request"]["eventId"] for event in events})
