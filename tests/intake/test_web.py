"""The listener for browsers, over real sockets: heard, refused, and unharmed by whoever connects."""

import json
import socket
import threading
import time
from collections.abc import Callable

import pytest
import structlog

from agent.intake import web
from agent.intake.submission import NO_ROOM, Kept
from agent.intake.throttle import Throttle
from agent.intake.web import MOST_CONNECTIONS, WebServer
from agent.intake.web_http import MAX_BODY_BYTES
from agent.kernel.activity import PageViewed
from tests.support.web import EVENT, PAGE, TOKEN, Listening, Said, listening

HEAD = f"POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAuthorization: Bearer {TOKEN}\r\n"


def wait_for(condition: Callable[[], bool]) -> None:
    """Until `condition` holds; the test's own time limit is the only one."""
    while not condition():
        time.sleep(0.005)


def head(found: Listening, *lines: str) -> bytes:
    return (HEAD % found.server.port + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode()


def rest(client: socket.socket) -> bytes:
    """All that is said until the other side ends."""
    with client.makefile("rb") as answer:
        return answer.read()


def test_event_comes_through_and_its_answer_goes_back() -> None:
    """The whole road, with a client that is not ours."""
    with listening() as found:
        said = found.ask({**EVENT, "id": "mine"}, Origin=PAGE)
        assert (200, {"id": "mine", "ok": {"id": "7-mine", "visit": "a-visit"}}) == (said.status, said.body)
        assert PAGE == said.headers["Access-Control-Allow-Origin"]
        told = found.kept[0]
        assert (PAGE, "mine", "main") == (told.who, told.mark, getattr(told.what, "page_name", None))
        assert isinstance(told.what, PageViewed)
        assert 1 == found.server.counters["accepted"]


def test_answer_may_come_from_another_thread_and_later() -> None:
    """The main loop's commit takes a flash card's time; meanwhile everybody else is served."""
    with listening(lambda _: None) as found:
        answers: list[Said] = []
        waiting = threading.Thread(target=lambda: answers.append(found.ask()))
        waiting.start()
        wait_for(lambda: bool(found.kept))
        assert 200 == found.ask(method="GET", path="/v1/health").status
        found.kept[0].reply.put(Kept("7-1"))
        waiting.join()
        assert [200] == [said.status for said in answers]


def test_health_says_that_name_origin_and_token_are_right() -> None:
    """What an installer looks at first."""
    with listening() as found:
        said = found.ask(method="GET", path="/v1/health", Origin=PAGE)
        assert (200, ["version"]) == (said.status, list(said.body["ok"]))
        assert 401 == found.ask(method="GET", path="/v1/health", Authorization="Bearer wrong").status


def test_full_disk_reaches_the_page() -> None:
    """An application that is told can keep the event and try again."""
    with listening(lambda _: NO_ROOM) as found:
        said = found.ask()
        assert (503, "60", "no-room") == (said.status, said.headers["Retry-After"], said.body["error"]["reason"])
        assert 1 == found.server.counters["no-room"]


def test_wild_page_is_told_to_wait() -> None:
    """It shares the socket's bound."""
    with listening(rate=0.1, burst=2) as found:
        assert [200, 200, 429] == [found.ask().status for _ in range(3)]
        assert 2 == len(found.kept)


def test_refused_page_is_logged_once_and_its_token_never() -> None:
    """The person who installs it finds the origin that is spelt wrongly; a log is read by many."""
    with structlog.testing.capture_logs() as logs, listening() as found:
        for _ in range(3):
            found.ask(Origin="https://evil.example", Authorization="Bearer my-secret-guess")
            found.ask(Authorization="Bearer my-secret-guess")
        assert 6 == found.server.counters["peer-refused"]
    assert ["https://evil.example", "no page"] == [entry["origin"] for entry in logs]
    assert "my-secret-guess" not in str(logs)
    assert TOKEN not in str(logs)


def test_body_is_not_waited_for_from_who_may_not_ask() -> None:
    """A stranger costs a head, not a body."""
    with listening() as found, found.connect() as client:
        client.sendall(b"POST /v1/events HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 60000\r\n\r\n")
        assert rest(client).startswith(b"HTTP/1.1 403 ")


def test_body_that_is_too_long_is_answered_while_it_is_still_sent() -> None:
    """Closing at once would reset the connection, and the program would never read why."""
    with listening() as found, found.connect() as client:
        client.sendall(head(found, f"Content-Length: {MAX_BODY_BYTES + 1}") + b"x" * (MAX_BODY_BYTES + 1))
        answer = rest(client)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert "oversized" == json.loads(answer.split(b"\r\n\r\n")[1])["error"]["reason"]
        assert 1 == found.server.counters["oversized"]


def test_request_may_come_in_single_bytes() -> None:
    """TCP promises no more."""
    with listening() as found, found.connect() as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in head(found, "Content-Length: 15") + b'{"type":"page"}':
            client.send(bytes((byte,)))
        assert rest(client).startswith(b"HTTP/1.1 200 ")


def test_program_that_waits_to_be_told_to_go_on_is_told() -> None:
    """curl waits a second otherwise, for each event."""
    with listening() as found, found.connect() as client:
        client.sendall(head(found, "Content-Length: 15", "Expect: 100-continue"))
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == client.recv(100)
        client.sendall(b'{"type":"page"}')
        assert rest(client).startswith(b"HTTP/1.1 200 ")


def test_half_a_request_is_counted_and_harms_nobody() -> None:
    """A page that is closed in the middle."""
    with listening() as found:
        with found.connect() as client:
            client.sendall(head(found, "Content-Length: 15") + b'{"type":')
        with found.connect() as client:
            client.sendall(b"POST /v1/ev")
        with found.connect():
            pass  # a browser that connected beforehand and said nothing: no fault
        wait_for(lambda: found.server.counters["incomplete"] == 2 and found.server.connections == 0)
        assert 200 == found.ask().status


def test_slow_client_is_told_and_left_when_its_time_is_up() -> None:
    """The whole request has one deadline: a byte now and then does not buy more time."""
    clock = [100.0]
    with listening(now=lambda: clock[0]) as found, found.connect() as client, found.connect() as silent:
        client.sendall(b"POST /v1/events HTTP/1.1\r\n")
        wait_for(lambda: found.server.connections == 2)
        clock[0] += 4.9
        client.sendall(b"Host: ")
        assert 200 == found.ask().status
        clock[0] += 0.2
        assert rest(client).startswith(b"HTTP/1.1 408 ")
        assert b"" == rest(silent)
        assert 1 == found.server.counters["incomplete"]


def test_main_loop_that_does_not_answer_is_not_covered_up() -> None:
    """Whether the event is durable is not known, and a page must not wait for ever."""
    clock = [100.0]
    with listening(lambda _: None, now=lambda: clock[0]) as found, found.connect() as client:
        client.sendall(head(found, "Content-Length: 15") + b'{"type":"page"}')
        wait_for(lambda: bool(found.kept))
        clock[0] += web.LOOK_AGAIN_S + 10.0
        assert rest(client).startswith(b"HTTP/1.1 504 ")
        assert 1 == found.server.counters["no-answer"]
        found.kept[0].reply.put(Kept("7-1"))  # later: nobody is there, nothing breaks
        found.server.close()
        found.kept[0].reply.put(Kept("7-1"))


def test_silent_connections_make_room() -> None:
    """Whoever opens connections and says nothing must not lock the application out."""
    with listening() as found:
        silent = [found.connect() for _ in range(5 * MOST_CONNECTIONS)]
        assert 200 == found.ask().status
        assert found.server.connections <= MOST_CONNECTIONS + 1
        assert 0 < found.server.counters["displaced"]
        for client in silent:
            client.close()


def test_requests_that_wait_for_the_agent_keep_their_place() -> None:
    """What they sent may be durable; the newcomer is the one who can try again."""
    with listening(lambda _: None) as found:
        clients = [found.connect() for _ in range(MOST_CONNECTIONS)]
        for client in clients:
            client.sendall(head(found, "Content-Length: 15") + b'{"type":"page"}')
        wait_for(lambda: len(found.kept) == MOST_CONNECTIONS)
        with found.connect() as newcomer:
            answer = rest(newcomer)
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 1\r\n" in answer
        for submission in found.kept:
            submission.reply.put(Kept("7-1"))
        assert [b"HTTP/1.1 200 "] * MOST_CONNECTIONS == [rest(client)[:13] for client in clients]
        for client in clients:
            client.close()


@pytest.mark.parametrize("said", [b"\x16\x03\x01\x02\x00\x01\xfc\x03\x03" * 2000, b"\r\n\r\n", b"\x00" * 100_000])
def test_garbage_is_answered_and_harms_nobody(said: bytes) -> None:
    """TLS on a plain port, a port scanner, a program that found the wrong port."""
    with listening() as found, found.connect() as client:
        client.sendall(said)
        assert rest(client)[:10] == b"HTTP/1.1 4"
        assert 200 == found.ask().status


def test_only_loopback_is_listened_on_and_the_port_is_free_afterwards() -> None:
    """Nobody on the network can even connect; an agent that starts again finds its port."""
    with listening() as found:
        assert "127.0.0.1" == found.server._listener.getsockname()[0]
        port = found.server.port
        assert 200 == found.ask().status
    again = WebServer(port, [PAGE], TOKEN, put=lambda _: None, throttle=Throttle(1.0, 1, now=0.0), now=lambda: 0.0)
    with pytest.raises(OSError, match="in use"):
        WebServer(port, [PAGE], TOKEN, put=lambda _: None, throttle=Throttle(1.0, 1, now=0.0), now=lambda: 0.0)
    again.close()
    again.serve()
