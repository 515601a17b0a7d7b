"""A real HTTP server of files, which can break off, change, redirect and refuse."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class MediaServer:
    """`files`: by path. `requests`: (path, headers) as they came. The rest is what goes wrong.

    `breaks_after`: bytes of a body after which the connection is cut. `redirects`: path to address. `status`: what is
    answered to everything, where it is not 0. `html`: a page is answered, as a hotel's network does. `stalls_after`:
    bytes of a body after which nothing more comes, on a line that stays; `stalled` is set then. `unversioned`: no ETag.
    """

    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    redirects: dict[str, str] = field(default_factory=dict)
    breaks_after: int | None = None
    status: int = 0
    html: bool = False
    lengthless: bool = False
    unversioned: bool = False
    stalls_after: int | None = None
    stalled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ranges(self) -> list[str | None]:
        """The Range of each request."""
        return [headers.get("range") for _, headers in self.requests]


@contextmanager
def media_server(port: int = 0) -> Iterator[MediaServer]:
    """A server that runs until the end."""
    found = MediaServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            found.requests.append((self.path, headers))
            if self.path in found.redirects:
                self._head(302, 0, Location=found.redirects[self.path])
            elif found.status or self.path not in found.files:
                self._head(found.status or 404, 0)
            elif found.html:
                self._head(200, 5, content="text/html")
                self.wfile.write(b"login")
            else:
                self._file(found.files[self.path], headers)

        def _file(self, body: bytes, headers: dict[str, str]) -> None:
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if headers.get("if-none-match") == etag:
                self._head(304, 0, ETag=etag)
                return
            first = 0
            if "range" in headers and headers.get("if-range") == etag:
                first = int(headers["range"].removeprefix("bytes=").rstrip("-"))
            sent = body[first:]
            if first:
                self._head(206, len(sent), ETag=etag, Content_Range=f"bytes {first}-{len(body) - 1}/{len(body)}")
            else:
                self._head(200, len(sent), ETag=etag)
            if found.stalls_after is not None and len(sent) > found.stalls_after:
                self.wfile.write(sent[: found.stalls_after])
                found.stalled.set()
                found.ended.wait()
                self.close_connection = True
            elif found.breaks_after is not None and len(sent) > found.breaks_after:
                self.wfile.write(sent[: found.breaks_after])
                self.close_connection = True
            else:
                self.wfile.write(sent)
            if found.lengthless:
                self.close_connection = True

        def _head(self, status: int, length: int, *, content: str = "video/mp4", **headers: str) -> None:
            self.send_response(status)
            if not found.lengthless:
                self.send_header("Content-Length", str(length))
            self.send_header("Content-Type", content)
            for name, value in headers.items():
                if found.unversioned and name == "ETag":
                    continue
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
