"""The collector: a server on a port that answers as Kaltura does, or misbehaves as it was told to.

Contract, for tests:

    with Collector() as collector:
        collector.fault(http_error(503), times=2)
        ...                                            # something sends to collector.url
        assert collector.wait_for(lambda events: len(events) == 3, timeout_s=10)

Rules
- What is a fault of the wire happens here, what is an answer of the API happens behind the cache in `api`.
- `take_away` really closes the listening socket and ends open connections; `bring_back` listens on the same port.
- With a clock of its own a test moves the server's time: the cache, the sessions and the Date header follow it.
"""

import contextlib
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, assert_never

from tools.standin import fixtures as fixture_files
from tools.standin import site
from tools.standin.api import ROOT, Api, calls
from tools.standin.event import Event
from tools.standin.faults import Drip, Fault, FaultTable, Half, Hang, Lost, Page, Reset, Wire
from tools.standin.journal import Journal
from tools.standin.listener import Listener
from tools.standin.php import Params, Value
from tools.standin.report import Reports
from tools.standin.wire import Answer, BadRequest, Reader, Request

REQUESTS_MAX = 2_000  # the newest raw requests that are kept for a test to look at
MAX_INPUT_VARS = 10_000  # the configuration that Kaltura ships; PHP's own default is 1000
_LINGER_OFF = struct.pack("ii", 1, 0)  # close with RST instead of FIN


class Collector:
    """A running stand-in. Thread-safe."""

    def __init__(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        fixtures: fixture_files.Fixtures | None = None,
        record: Path | None = None,
        log: Path | None = None,
        tell: Callable[[Event], None] | None = None,
        clock: Callable[[], float] = time.time,
        max_input_vars: int = MAX_INPUT_VARS,
        behind_apache: bool = False,
    ) -> None:
        """Listen at once; port 0 takes a free one. Raises OSError.

        `record` takes one JSON object a line for each logged event, `log` the server's own unescaped log lines, `tell`
        is called with each event. `behind_apache` emulates a stock Apache, which never hands index.php's collect on.
        """
        self._clock = clock
        self._behind_apache = behind_apache
        self._journal = Journal(record, log, tell)
        self._faults = FaultTable()
        known = fixtures or fixture_files.load()
        self.reports = Reports(self._journal.events, clock)
        self._api = Api(known, self._journal, self._faults, clock, reports=self.reports, max_input_vars=max_input_vars)
        self._requests: deque[Request] = deque(maxlen=REQUESTS_MAX)
        self._hanging: set[socket.socket] = set()
        self._hanging_lock = threading.Lock()
        self._closing = threading.Event()
        self._listener = Listener(host, port, self._serve, "collector")
        self.port = self._listener.port
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{self.port}{ROOT}"

    @property
    def events(self) -> list[Event]:
        """The logged events, oldest first."""
        return self._journal.events()

    @property
    def requests(self) -> list[Request]:
        """The newest requests as they came, oldest first, whatever became of them."""
        return list(self._requests)

    @property
    def sessions(self) -> list[str]:
        """The newest sessions that were started, oldest first: none of them may show up anywhere."""
        return self._api.handed_out()

    @property
    def connections(self) -> int:
        """How many connections were accepted so far: one, if the client keeps its connection."""
        return self._listener.accepted()

    @property
    def total(self) -> int:
        """How many events were logged, those forgotten in `events` included."""
        return self._journal.total()

    @property
    def is_away(self) -> bool:
        """Whether connections are refused at present."""
        return self._listener.is_away()

    def armed(self) -> list[str]:
        """The armed faults, for a person."""
        return self._faults.armed()

    def now(self) -> float:
        """The server's time, epoch seconds."""
        return self._clock()

    def log_page(self, path: str) -> Answer | None:
        """The log as `/_/log` or `/_/log.csv` shows it."""
        return site.log(path, self._journal)

    def wait_for(self, predicate: Callable[[Sequence[Event]], bool], timeout_s: float) -> bool:
        """Wait until the predicate holds for the logged events; whether it did within the time."""
        return self._journal.wait_for(predicate, timeout_s)

    def fault(self, fault: Fault, *, times: int | None = None, where: Mapping[str, Value] | None = None) -> None:
        """Let `fault` happen to the next `times` requests that match `where`, or to all until `clear`."""
        self._faults.arm(fault, times=times, where=where or {})

    def clear(self) -> None:
        """Disarm every fault and drop the connections that hang."""
        self._faults.clear()
        with self._hanging_lock:
            for connection in self._hanging:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def take_away(self) -> None:
        """Close the listening socket and every connection: from now on connections are refused."""
        self._listener.leave()

    def bring_back(self) -> None:
        """Listen again on the same port."""
        self._listener.back()

    def close(self) -> None:
        """Stop. Raises what broke the stand-in, if something did."""
        self._closing.set()
        try:
            self._listener.close()
        finally:
            self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self, connection: socket.socket, address: str) -> None:
        reader = Reader(connection)
        try:
            while (request := reader.request()) is not None:
                if not self._respond(connection, reader, request, address) or request.wants_close():
                    return
        except BadRequest as bad:
            head, body = site.failed(bad.status).encode(self._clock(), close=True)
            connection.sendall(head + body)

    def _respond(self, connection: socket.socket, reader: Reader, request: Request, address: str) -> bool:
        """Answer one request; whether the connection goes on."""
        self._requests.append(request)
        page = site.page(request, self._journal, behind_apache=self._behind_apache)
        if page is not None:
            connection.sendall(b"".join(self._encoded(page, request)))
            return True
        params = self._api.read(request)
        wire, delay_s = self._faults.for_request(lambda: calls(params))
        if isinstance(wire, Hang):
            self._hang(connection, reader)
            return False
        if isinstance(wire, Page):
            answer = Answer(wire.status, wire.content_type, wire.body.encode(), wire.headers)
        elif isinstance(wire, Reset | Half) and not wire.logs:
            answer = Answer(200, "application/json", b"true")
        else:
            answer = self._answer(params, address, request.target)
        if delay_s:
            self._closing.wait(delay_s)
        return self._send(connection, *self._encoded(answer, request), wire)

    def _answer(self, params: Params, address: str, target: str) -> Answer:
        """What the API answers; another host of Kaltura's answers otherwise."""
        return self._api.answer(params, address, target)

    def _encoded(self, answer: Answer, request: Request) -> tuple[bytes, bytes]:
        return answer.encode(self._clock(), close=request.wants_close(), head_only=request.method == "HEAD")

    def _send(self, connection: socket.socket, head: bytes, body: bytes, wire: Wire | None) -> bool:
        whole = head + body
        half = head + body[: len(body) // 2]
        match wire:
            case None | Page():
                connection.sendall(whole)
                return True
            case Drip(gap_ms):
                for at in range(len(whole)):
                    connection.sendall(whole[at : at + 1])
                    if self._closing.wait(gap_ms / 1000):
                        return False
                return True
            case Half():
                connection.sendall(half)
            case Reset():
                connection.sendall(half)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_OFF)
            case Hang() | Lost():
                pass
            case _:
                assert_never(wire)
        return False

    def _hang(self, connection: socket.socket, reader: Reader) -> None:
        """Say nothing until the client gives up, the faults are cleared or the collector goes."""
        with self._hanging_lock:
            self._hanging.add(connection)
        try:
            reader.discard()
        finally:
            with self._hanging_lock:
                self._hanging.discard(connection)
