"""One connection of a browser: a request, its answer, the end. Nothing here ever waits.

Contract: the server calls `step` whenever the socket is ready (`wants` says for what), an answer came, or `deadline`
passed; `is_over` says that it may be closed. Raises nothing.
Rules: who may not ask is answered before the body is read or kept. The whole request has one deadline, not each read
of it, so that a client that drips costs a place for five seconds and nothing else. After the answer our side ends,
and what the other still says is thrown away for a moment: closing at once would send a reset, which can overtake the
answer.
"""

import select
import socket
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from http import HTTPStatus
from typing import Final

from agent.intake.server import UNHEARD
from agent.intake.submission import Reason
from agent.intake.web_access import Pass
from agent.intake.web_events import Hearing
from agent.intake.web_http import CONTINUE, Head, Response, body_length, encoded, read_head, refusal

# A request over loopback is there within milliseconds; a browser may also connect beforehand and say nothing yet.
REQUEST_WITHIN_S: Final = 5.0
# The main loop steps many times a second; ten seconds without an answer means that it hangs (as agent.runtime.control).
ANSWER_WITHIN_S: Final = 10.0
# For the answer to be taken, and for the other side to end.
END_WITHIN_S: Final = 2.0
_CHUNK: Final = 16 * 1024

Judge = Callable[[Head], Pass | Response]
Hear = Callable[[Pass, bytes], Hearing | Response]


class Stage(Enum):
    """Where a connection stands."""

    READING = "reading"
    WAITING = "waiting"
    WRITING = "writing"
    ENDING = "ending"
    OVER = "over"


_WANTS = {Stage.READING: select.POLLIN, Stage.WRITING: select.POLLOUT, Stage.ENDING: select.POLLIN}


class Connection:
    """`judge` says whether a head is heard, `hear` takes what was sent, `count` counts by reason."""

    def __init__(
        self, link: socket.socket, now: float, *, judge: Judge, hear: Hear, count: Callable[[str], None]
    ) -> None:
        link.setblocking(False)
        self.link = link
        self.deadline = now + REQUEST_WITHIN_S
        self._stage = Stage.READING
        self._judge = judge
        self._hear = hear
        self._count = count
        self._said = bytearray()
        self._admitted: tuple[Pass, int] | None = None
        self._hearing: Hearing | None = None
        self._left = b""

    @property
    def wants(self) -> int:
        """What `poll` shall look for; 0: nothing, an answer comes from elsewhere."""
        return _WANTS.get(self._stage, 0)

    @property
    def is_over(self) -> bool:
        return self._stage is Stage.OVER

    @property
    def is_heard(self) -> bool:
        """Whether it waits for the main loop: what it sent may be durable by now, so it keeps its place."""
        return self._stage is Stage.WAITING

    def step(self, now: float, *, is_ready: bool) -> None:
        """Go on as far as is possible at `now`."""
        try:
            if is_ready:
                self._go_on(now)
            if self._hearing is not None and self._stage is Stage.WAITING:
                response = self._hearing.late() if now >= self.deadline else self._hearing.response()
                if response is not None:
                    self.answer(response, now)
            elif now >= self.deadline:
                self._run_out(now)
        except BlockingIOError:
            pass  # not ready after all
        except OSError:  # the other side went away
            if self._hearing is not None:
                self._count(UNHEARD)
            self._stage = Stage.OVER

    def answer(self, response: Response, now: float) -> None:
        """Answer and end, whatever else was to come. Raises OSError where nobody is there any more."""
        headers = self._admitted[0].headers if self._admitted is not None else ()
        self._said.clear()
        self._left = encoded(Response(response.status, response.body, (*headers, *response.headers)))
        self._stage, self.deadline = Stage.WRITING, now + END_WITHIN_S
        self._write()

    def _go_on(self, now: float) -> None:
        match self._stage:
            case Stage.READING:
                self._read(now)
            case Stage.WRITING:
                self._write()
            case Stage.ENDING if not self.link.recv(_CHUNK):
                self._stage = Stage.OVER

    def _read(self, now: float) -> None:
        data = self.link.recv(_CHUNK)
        if not data:
            self._lost()
            return
        self._said += data
        if self._admitted is None and not self._open(now):
            return
        assert self._admitted is not None
        admitted, end = self._admitted
        if len(self._said) >= end:
            body = bytes(self._said[:end])
            self._said.clear()
            self._take(admitted, body, now)

    def _open(self, now: float) -> bool:
        """Judge the head, once it is there; True when the body may come."""
        head = read_head(self._said)
        if head is None:
            return False
        found = head if isinstance(head, Response) else self._judge(head)
        if isinstance(head, Head) and isinstance(found, Pass):
            length = body_length(head)
            self._admitted = found, 0 if isinstance(length, Response) else length
            if isinstance(length, int):
                del self._said[: head.size]
                if head.headers.get("expect", "").lower() == "100-continue" and len(self._said) < length:
                    with suppress(BlockingIOError):  # it then sends its body after a while by itself
                        self.link.send(CONTINUE)
                return True
            found = length
        assert isinstance(found, Response)
        self._refuse(found, now)
        return False

    def _take(self, admitted: Pass, body: bytes, now: float) -> None:
        found = self._hear(admitted, body)
        if isinstance(found, Response):
            self.answer(found, now)
        else:
            self._hearing, self._stage, self.deadline = found, Stage.WAITING, now + ANSWER_WITHIN_S

    def _refuse(self, response: Response, now: float) -> None:
        if response.body is not None:
            self._count(response.body["error"]["reason"])
        self.answer(response, now)

    def _run_out(self, now: float) -> None:
        """Time is up: say so to who has begun to say something."""
        if self._stage is Stage.READING and (self._said or self._admitted is not None):
            text = f"no whole request within {REQUEST_WITHIN_S:.0f} s"
            self._refuse(refusal(HTTPStatus.REQUEST_TIMEOUT, Reason.INCOMPLETE.value, text), now)
        else:
            self._stage = Stage.OVER

    def _lost(self) -> None:
        if self._said or self._admitted is not None:
            self._count(Reason.INCOMPLETE.value)
        self._stage = Stage.OVER

    def _write(self) -> None:
        sent = self.link.send(self._left)
        self._left = self._left[sent:]
        if not self._left:
            self._stage = Stage.ENDING
            self.link.shutdown(socket.SHUT_WR)
