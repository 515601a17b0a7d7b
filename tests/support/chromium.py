"""A real headless Chromium, moved over chromedriver's plain HTTP, and the pages that it shows.

Needs Debian's packages chromium, chromium-driver and openssl; where they are missing, `missing()` says so.
"""

import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

MANAGED = Path("/etc/chromium/policies/managed")
# A page's script that takes longer hangs.
SCRIPT_WITHIN_S = 60
_SIOCGIFADDR = 0x8915
_ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-proxy-server"),
)


def missing() -> str | None:
    """What keeps a browser from being tested here, or None."""
    absent = [name for name in ("chromium", "chromedriver", "openssl") if shutil.which(name) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


@contextmanager
def managed_policy(policy: dict[str, list[str]]) -> Iterator[None]:
    """The policy of this machine's Chromium, in a file of our own; to be written by root only."""
    MANAGED.mkdir(parents=True, exist_ok=True)
    path = MANAGED / f"kiosk-agent-test-{os.getpid()}.json"
    path.write_text(json.dumps(policy))
    try:
        yield
    finally:
        path.unlink()


@dataclass
class Browser:
    """One session of one browser."""

    driver: "Driver"
    session: str

    def go(self, url: str) -> None:
        """Load a page."""
        self.driver.call("POST", f"/session/{self.session}/url", {"url": url})

    def address(self) -> Any:
        """Of the page that is shown; waits for one that is on its way."""
        return self.driver.call("GET", f"/session/{self.session}/url")

    def run(self, script: str) -> Any:
        """What the body of an async function answers in the page; what it throws is answered as its text."""
        wrapped = f"const done = arguments[0]; (async () => {{ {script} }})().then(done, (e) => done(String(e)))"
        return self.driver.call("POST", f"/session/{self.session}/execute/async", {"script": wrapped, "args": []})

    def embed(self, url: str, *, allow: str) -> None:
        """Put a frame into the page, and go on in it."""
        made = f"const frame = document.createElement('iframe'); frame.allow = {json.dumps(allow)};"
        loaded = "await new Promise((loaded) => { frame.onload = loaded; document.body.append(frame); }); return 0;"
        self.run(f"{made} frame.src = {json.dumps(url)}; {loaded}")
        self.driver.call("POST", f"/session/{self.session}/frame", {"id": 0})

    def console(self) -> str:
        """What the browser wrote for developers since the last look."""
        found = self.driver.call("POST", f"/session/{self.session}/se/log", {"type": "browser"})
        return "\n".join(entry["message"] for entry in found)

    def wait_console(self, phrase: str) -> None:
        """Wait until it wrote that; the page may hear of a failure before the console does."""
        until, said = time.monotonic() + SCRIPT_WITHIN_S, self.console()
        while phrase not in said:
            assert time.monotonic() < until, said
            time.sleep(0.05)  # between two looks
            said += self.console()


class Driver:
    """A chromedriver process."""

    def __init__(self) -> None:
        command = ["chromedriver", "--port=0"]
        # A group of its own, so that it can be ended together with the browsers that it started.
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self._process.stdout is not None
        said = next(line for line in self._process.stdout if "started successfully on port" in line)
        self._port = int(said.rstrip().rstrip(".").rpartition(" ")[2])

    def call(self, method: str, path: str, body: object = None) -> Any:
        """WebDriver's answer. Raises AssertionError with its words where it is an error."""
        client = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2 * SCRIPT_WITHIN_S)
        client.request(method, path, None if body is None else json.dumps(body))
        found = json.loads(client.getresponse().read())["value"]
        assert not (isinstance(found, dict) and "error" in found and "stacktrace" in found), found
        return found

    @contextmanager
    def browser(self, profile: Path, *arguments: str) -> Iterator[Browser]:
        """A new browser with an empty profile."""
        wanted = {
            "acceptInsecureCerts": True,
            "timeouts": {"script": SCRIPT_WITHIN_S * 1000},
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": [*_ARGUMENTS, f"--user-data-dir={profile}", *arguments]},
        }
        made = self.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        try:
            yield Browser(self, made["sessionId"])
        finally:
            self.call("DELETE", f"/session/{made['sessionId']}")

    def close(self) -> None:
        """End it and all that it started."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>kiosk</title>")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def pages(address: str, certificate: Path | None = None) -> Iterator[int]:
    """A server of empty pages, over TLS with a certificate; its port."""
    server = ThreadingHTTPServer((address, 0), _Page)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        # A browser opens connections to have them: their handshakes must not keep others waiting.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def certificate(folder: Path) -> Path:
    """A key and a certificate that nobody trusts, in one file; the browser is told to take it."""
    path = folder / "page.pem"
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=test")
    command: Sequence[str] = ("openssl", "req", "-x509", *kind, "-keyout", str(path), "-out", str(folder / "only.pem"))
    subprocess.run(command, check=True, capture_output=True)
    path.write_text(path.read_text() + (folder / "only.pem").read_text())
    return path


def own_address() -> str | None:
    """An address of this machine that is not loopback; None where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in socket.if_nameindex():
            try:
                found = fcntl.ioctl(asking, _SIOCGIFADDR, struct.pack("256s", name.encode()))[20:24]
            except OSError:
                continue
            if found[0] != 127:
                return socket.inet_ntoa(found)
    return None
