"""One connection of a browser, moved by hand: its stages, its deadlines, and what it never does."""

import select
import socket
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from agent.intake.submission import Kept
from agent.intake.web_access import Pass
from agent.intake.web_connection import ANSWER_WITHIN_S, END_WITHIN_S, REQUEST_WITHIN_S, Connection
from agent.intake.web_events import Hearing
from agent.intake.web_http import Head, Response, refusal

REQUEST = b"POST /v1/events HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody"
BIG = Response(HTTPStatus.OK, "x" * 4_000_000)


class Browser:
    """The other side, and the connection to it."""

    def __init__(self) -> None:
        ours, self.side = socket.socketpair()
        self.side.settimeout(30.0)
        self.counts: Counter[str] = Counter()
        self.heard: list[bytes] = []
        self.answer: Hearing | Response = Hearing(1, is_list=False, count=self.count)
        self.connection = Connection(ours, 0.0, judge=self.judge, hear=self.hear, count=self.count)

    def count(self, reason: str) -> None:
        self.counts[reason] += 1

    def judge(self, head: Head) -> Pass | Response:
        if head.path != "/v1/events":
            return refusal(HTTPStatus.FORBIDDEN, "peer-refused", "no")
        return Pass(head.path, "a page", (("X-Page", "this"),))

    def hear(self, _admitted: Pass, body: bytes) -> Hearing | Response:
        self.heard.append(body)
        return self.answer

    def step(self, now: float = 0.0) -> None:
        """As the server does: with whether the socket is ready for what is wanted."""
        wants = self.connection.wants
        poll = select.poll()
        if wants:
            poll.register(self.connection.link, wants)
        self.connection.step(now, is_ready=bool(wants and poll.poll(0)))


@pytest.fixture
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.side.close()
    made.connection.link.close()


def test_request_is_read_heard_answered_and_ended(browser: Browser) -> None:
    """The four stages; an answer wakes nobody who looks at the socket, so nothing is wanted of it meanwhile."""
    browser.side.sendall(REQUEST)
    browser.step()
    assert ([b"body"], True, 0) == (browser.heard, browser.connection.is_heard, browser.connection.wants)
    browser.step()
    assert browser.connection.is_heard
    assert isinstance(browser.answer, Hearing)
    browser.answer.answer(0, Kept("7-1"))
    browser.step()
    answer = browser.side.recv(1000)
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"X-Page: this\r\n" in answer
    assert b"" == browser.side.recv(1)
    browser.side.close()
    browser.step()
    assert browser.connection.is_over


def test_answer_larger_than_the_sockets_buffer_goes_out_in_pieces(browser: Browser) -> None:
    """Nobody waits for a slow reader."""
    browser.answer = BIG
    browser.side.sendall(REQUEST)
    browser.step()
    taken = 0
    while chunk := browser.side.recv(1 << 20):
        taken += len(chunk)
        browser.step()
    assert taken > 4_000_000


def test_reader_that_takes_nothing_is_left_after_its_time(browser: Browser) -> None:
    """Its answer is thrown away; its place is needed."""
    browser.answer = BIG
    browser.side.sendall(REQUEST)
    browser.step()
    browser.step(END_WITHIN_S - 0.1)
    assert not browser.connection.is_over
    browser.step(END_WITHIN_S)
    assert browser.connection.is_over


def test_chatter_after_the_answer_is_thrown_away_until_time_is_up(browser: Browser) -> None:
    """A second request on the same connection is none: one each."""
    browser.answer = Response(HTTPStatus.OK, "fine")
    browser.side.sendall(REQUEST + REQUEST)
    browser.step()
    browser.side.sendall(REQUEST)
    browser.step()
    assert ([b"body"], False) == (browser.heard, browser.connection.is_over)
    browser.step(END_WITHIN_S)
    assert browser.connection.is_over


def test_page_that_left_before_its_answer_is_counted(browser: Browser) -> None:
    """The event is durable and nobody knows: a page that sends it again doubles it."""
    browser.side.sendall(REQUEST)
    browser.step()
    browser.side.close()
    assert isinstance(browser.answer, Hearing)
    browser.answer.answer(0, Kept("7-1"))
    browser.step()
    assert browser.connection.is_over
    assert {"accepted": 1, "unheard": 1} == browser.counts


def test_wait_for_the_main_loop_ends(browser: Browser) -> None:
    """A page is told that it is not known, rather than left."""
    browser.side.sendall(REQUEST)
    browser.step(1.0)
    browser.step(0.9 + ANSWER_WITHIN_S)
    assert browser.connection.is_heard
    browser.step(1.0 + ANSWER_WITHIN_S)
    assert browser.side.recv(1000).startswith(b"HTTP/1.1 504 ")


@pytest.mark.parametrize(("said", "expected"), [(b"", 0), (b"POST", 1), (REQUEST[:-1], 1)])
def test_request_that_is_not_whole_in_time_is_counted_if_it_was_begun(
    browser: Browser, said: bytes, expected: int
) -> None:
    """Browsers connect beforehand and say nothing for a while: that is no fault of anybody."""
    browser.side.sendall(said)
    browser.step()
    browser.step(REQUEST_WITHIN_S)
    assert expected == browser.counts["incomplete"]
    assert browser.connection.is_over is not bool(expected)
    if expected:
        assert browser.side.recv(1000).startswith(b"HTTP/1.1 408 ")


def test_readiness_that_was_none_is_passed_over(browser: Browser) -> None:
    """poll(2) may be wrong about that."""
    browser.connection.step(0.0, is_ready=True)
    assert not browser.connection.is_over
    browser.side.sendall(REQUEST)
    browser.step()
    assert [b"body"] == browser.heard
