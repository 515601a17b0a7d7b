"""The control port: faults, absence and the log, over HTTP, reachable while the collector itself refuses connections.

Contract: `Control(collector, host, port)` listens; every path stands under `/_/`:

    GET  /_/state   what is going on, as JSON
    GET  /_/log     the logged events as JSON lines;  GET /_/log.csv  the server's own log lines
    POST /_/fault   a fault as JSON: {"kind": "status", "status": 503, "times": 2, "where": {"eventType": 3}}
    POST /_/clear   disarm all faults;   POST /_/away, /_/back   refuse connections, listen again

Rules: `KINDS` lists the kinds and what each takes; a body that is not understood is answered with 400 and the reason.
It is meant for the loopback interface: whoever reaches it can break the collector.
"""

import json
import socket
from collections.abc import Callable
from typing import Any

from tools.standin import faults, site
from tools.standin.faults import Fault
from tools.standin.listener import Listener
from tools.standin.server import Collector
from tools.standin.wire import Answer, BadRequest, Reader, Request

KINDS: dict[str, Callable[..., Fault]] = {
    "hang": faults.Hang,
    "lost": faults.Lost,
    "reset": faults.Reset,  # logs
    "half": faults.Half,  # logs
    "drip": faults.Drip,  # gap_ms
    "late": faults.Late,  # delay_ms
    "html": faults.Page,
    "status": faults.http_error,  # status, retry_after_s
    "redirect": faults.redirect,  # location, status
    "page": lambda **given: faults.Page(**given | {"headers": tuple(given.get("headers", {}).items())}),
    "error": lambda code, **details: faults.Refuse(code, tuple(details.items())),  # code, and its arguments
    "ignore": faults.Ignore,
}


class Control:
    """The control port of one collector."""

    def __init__(self, collector: Collector, host: str, port: int) -> None:
        """Listen; port 0 takes a free one. Raises OSError."""
        self._collector = collector
        self._listener = Listener(host, port, self._serve, "control")
        self.url = f"http://{host}:{self._listener.port}/_"

    def close(self) -> None:
        """Stop."""
        self._listener.close()

    def _serve(self, connection: socket.socket, address: str) -> None:
        reader = Reader(connection)
        try:
            while (request := reader.request()) is not None:
                answer = self._answer(request)
                connection.sendall(b"".join(answer.encode(self._collector.now(), close=request.wants_close())))
                if request.wants_close():
                    return
        except BadRequest as bad:
            connection.sendall(b"".join(site.failed(bad.status).encode(self._collector.now(), close=True)))

    def _answer(self, request: Request) -> Answer:
        match request.method, request.target:
            case "GET", "/_/log" | "/_/log.csv":
                return self._collector.log_page(request.target) or site.failed(404)
            case "GET", "/_/state":
                pass
            case "POST", "/_/fault":
                try:
                    arm(self._collector, json.loads(request.body))
                except (ValueError, TypeError, KeyError) as problem:
                    return _json(400, {"problem": f"{type(problem).__name__}: {problem}", "kinds": sorted(KINDS)})
            case "POST", "/_/clear":
                self._collector.clear()
            case "POST", "/_/away":
                self._collector.take_away()
            case "POST", "/_/back":
                self._collector.bring_back()
            case _:
                return site.failed(404)
        return _json(200, self._state())

    def _state(self) -> dict[str, Any]:
        collector = self._collector
        return {
            "url": collector.url,
            "away": collector.is_away,
            "events": collector.total,
            "connections": collector.connections,
            "faults": collector.armed(),
        }


def arm(collector: Collector, wanted: dict[str, Any]) -> None:
    """Arm the fault that a JSON object describes. Raises KeyError, TypeError or ValueError if it describes none."""
    given = dict(wanted)
    kind, times, where = given.pop("kind"), given.pop("times", None), given.pop("where", {})
    if kind not in KINDS:
        raise ValueError(f"there is no fault {kind!r}")
    if not (times is None or (isinstance(times, int) and times > 0)) or not isinstance(where, dict):
        raise ValueError("times is a number from 1, where an object of parameters")
    collector.fault(KINDS[kind](**given), times=times, where=where)


def _json(status: int, value: object) -> Answer:
    return Answer(status, "application/json", json.dumps(value).encode() + b"\n")
