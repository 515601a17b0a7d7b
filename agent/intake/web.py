"""The loopback listener for pages in the kiosk's browser.

Contract: `WebServer` listens on 127.0.0.1 when made (OSError where the port is taken) and answers in `serve`, on a
thread of its own, until `close`. What it takes goes to `put` as a `Submission`, as the socket's does.
Rules: one thread, whatever the number of connections, none of which can hold up another; they are bounded, and who
has been there longest without being heard makes room for a newcomer. Only imported where `intake.web.enabled` is set.
Reasons: agent/intake/web.md. A thread a connection (http.server) would cost more memory under a flood than the agent
has, and a bounded pool of them could be kept busy by a few silent connections; browsers open such ones themselves.
"""

import select
import socket
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from http import HTTPStatus
from threading import Event

import structlog

from agent.intake.conversation import ACCEPTED
from agent.intake.server import DISPLACED, UNHEARD
from agent.intake.submission import Reason, Submission
from agent.intake.throttle import Throttle
from agent.intake.web_access import EVENTS, Access, Pass
from agent.intake.web_connection import Connection
from agent.intake.web_events import Events, Hearing
from agent.intake.web_http import Head, Response, refusal
from agent.kernel.release import VERSION

log = structlog.get_logger()

LOOPBACK = "127.0.0.1"
# A browser opens six at most to one host. Each may hold a body of 64 KiB, once it has shown the token.
MOST_CONNECTIONS = 16
BACKLOG = 64
# While somebody is connected: a deadline is noticed this late at most, should the clock have jumped meanwhile.
LOOK_AGAIN_S = 1.0
# After a failed accept (no file descriptor left): long enough not to spin, short enough to be there when asked again.
ACCEPT_AGAIN_S = 0.5
# Told once for each page that is refused, up to so many: a person looks for the one whose origin is spelt wrongly.
TOLD_REFUSALS = 16


class WebServer:
    """`origins` as the settings have them, `token` as agent.intake.web_access.read_token gave it.

    `throttle` is shared with the socket; `now()`: boot-time seconds.
    """

    def __init__(
        self,
        port: int,
        origins: Iterable[str],
        token: str,
        *,
        put: Callable[[Submission], None],
        throttle: Throttle,
        now: Callable[[], float],
    ) -> None:
        self._now = now
        words = (ACCEPTED, UNHEARD, DISPLACED, *(reason.value for reason in Reason))
        self._counts: Counter[str] = Counter(dict.fromkeys(words, 0))
        self._closed = Event()
        self._open: list[Connection] = []
        self._told: set[str] = set()
        self._listener = _listening(port)
        self.port: int = self._listener.getsockname()[1]
        self._access = Access(self.port, origins, token)
        self._bell, self._rope = socket.socketpair()
        self._bell.setblocking(False)
        self._rope.setblocking(False)
        self._events = Events(put=put, throttle=throttle, count=self._count, now=now, wake=self._wake)

    def serve(self) -> None:
        """Answer until `close`."""
        try:
            while not self._closed.is_set():
                self._step()
        finally:
            for each in (*(connection.link for connection in self._open), self._listener, self._bell, self._rope):
                each.close()

    def close(self) -> None:
        """Stop answering; from any thread. `serve` returns and gives the port free."""
        self._closed.set()
        self._wake()

    @property
    def counters(self) -> Mapping[str, int]:
        """For `status`, from any thread: all its keys are there from the beginning."""
        return dict(self._counts)

    @property
    def connections(self) -> int:
        """How many are open."""
        return len(self._open)

    def _count(self, reason: str) -> None:
        self._counts[reason] += 1

    def _wake(self) -> None:
        with suppress(OSError):  # it has been woken often enough, or is gone
            self._rope.send(b"!")

    def _step(self) -> None:
        """Wait for something to happen, and go on wherever it did."""
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        for connection in self._open:
            if connection.wants:
                poll.register(connection.link, connection.wants)
        ready = {descriptor for descriptor, _ in poll.poll(self._patience_ms())}
        if self._bell.fileno() in ready:
            with suppress(BlockingIOError):
                self._bell.recv(4096)
        now = self._now()
        for connection in self._open:
            connection.step(now, is_ready=connection.link.fileno() in ready)
        self._forget()
        if self._listener.fileno() in ready:
            self._accept(now)

    def _patience_ms(self) -> float | None:
        """How long nothing may happen; None, for ever, where nobody is connected: an idle kiosk is not woken."""
        if not self._open:
            return None
        now = self._now()
        soonest = min(connection.deadline - now for connection in self._open)
        return max(0.0, min(soonest, LOOK_AGAIN_S)) * 1000

    def _forget(self) -> None:
        for connection in self._open:
            if connection.is_over:
                connection.link.close()
        self._open = [connection for connection in self._open if not connection.is_over]

    def _accept(self, now: float) -> None:
        try:
            link, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return  # the other side went away before it was heard
        except OSError:
            self._closed.wait(ACCEPT_AGAIN_S)
            return
        newcomer = Connection(link, now, judge=self._judge, hear=self._hear, count=self._count)
        has_room = len(self._open) < MOST_CONNECTIONS or self._make_room()
        self._open.append(newcomer)
        if not has_room:
            self._count(Reason.BUSY.value)
            text = "too many requests wait for their answer"
            headers = ("Retry-After", "1")
            with suppress(OSError):
                newcomer.answer(refusal(HTTPStatus.SERVICE_UNAVAILABLE, Reason.BUSY.value, text, headers), now)

    def _make_room(self) -> bool:
        """End the connection that has been there longest without being heard; False where all wait for the agent."""
        for index, connection in enumerate(self._open):
            if not connection.is_heard:
                connection.link.close()
                del self._open[index]
                self._count(DISPLACED)
                return True
        return False

    def _judge(self, head: Head) -> Pass | Response:
        found = self._access.judge(head)
        if isinstance(found, Response) and found.status in (HTTPStatus.FORBIDDEN, HTTPStatus.UNAUTHORIZED):
            self._tell(head, found)
        return found

    def _tell(self, head: Head, refused: Response) -> None:
        """Once for each page, for the person who installs it; never its token."""
        page = head.headers.get("origin", "no page")[:100]
        if page not in self._told and len(self._told) < TOLD_REFUSALS:
            self._told.add(page)
            log.warning("page refused", origin=page, status=refused.status.value, reason=refused.body["error"]["text"])

    def _hear(self, admitted: Pass, body: bytes) -> Hearing | Response:
        if admitted.path == EVENTS:
            return self._events.hear(body, who=admitted.who)
        return Response(HTTPStatus.OK, {"ok": {"version": VERSION}})


def _listening(port: int) -> socket.socket:
    """A socket that listens on the loopback address. Raises OSError where another program has the port."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what a killed agent left must not keep us out
        made.bind((LOOPBACK, port))
        made.setblocking(False)
        made.listen(BACKLOG)
    except BaseException:
        made.close()
        raise
    return made
