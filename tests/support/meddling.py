"""A reverse proxy before the collector that means well: it appends a charset to what is JSON."""

import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Meddler:
    """Passes requests on to `target`, an address without a path. `is_meddling` may be changed at any time."""

    def __init__(self, target: str) -> None:
        self.is_meddling = True
        self.paths: list[str] = []
        meddler = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                """Pass it on."""
                meddler.paths.append(self.path)
                kind = self.headers["Content-Type"]
                if meddler.is_meddling and "json" in kind:
                    kind += "; charset=utf-8"
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._pass_on(urllib.request.Request(target + self.path, body, {"Content-Type": kind}))

            def do_HEAD(self) -> None:
                """Pass it on."""
                self._pass_on(urllib.request.Request(target + self.path, method="HEAD"))

            def _pass_on(self, request: urllib.request.Request) -> None:
                with urllib.request.urlopen(request) as answer:
                    body = answer.read()
                    self.send_response_only(answer.status)
                    for name in ("Content-Type", "Date"):
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="meddler", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
