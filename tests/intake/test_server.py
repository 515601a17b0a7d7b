"""The local socket: applications that are right, wrong and too many at once."""

import json
import os
import resource
import socket
import threading
from pathlib import Path
from queue import SimpleQueue

import pytest

from agent.intake import conversation, server
from agent.intake.lines import MAX_LINE_BYTES
from agent.intake.listening import open_listener
from agent.intake.server import IntakeServer
from agent.intake.submission import NO_ROOM, Kept, Submission
from agent.intake.throttle import Throttle
from agent.kernel.activity import PageViewed
from tests.support.applications import Application, Loop, boottime, serving, until

PAGE = b'{"type":"page"}\n'


def test_line_is_answered_with_the_id_under_which_it_is_durable(tmp_path: Path) -> None:
    """The whole road, over the real socket."""
    loop = Loop()
    with serving(tmp_path, loop.put) as running, Application(tmp_path) as app:
        assert {"id": "a", "ok": {"id": "g-1-0"}} == app.say(type="page", page_name="main", id="a")
        assert {"ok": {"id": "g-2-0"}} == app.say(type="share-opened", entry_id="0_abcd1234")
        until(lambda: 2 == running.counters["accepted"])
    assert [PageViewed(0.0, page_name="main"), "0_abcd1234"] == [loop.told[0].what, loop.told[1].entry_id]
    assert f"uid {os.geteuid()} pid {os.getpid()}" == loop.told[0].who


def test_answers_come_in_the_order_of_the_lines(tmp_path: Path) -> None:
    """Also where the main loop answers the second before the first, and where one is wrong."""
    waiting: SimpleQueue[Submission] = SimpleQueue()
    with serving(tmp_path, waiting.put), Application(tmp_path) as app:
        app.send(b'{"type":"page","id":1}\n{"type":"pgae","id":2}\n{"type":"page","id":3}\n')
        first, third = waiting.get(timeout=30), waiting.get(timeout=30)
        third.reply.put(Kept("third"))
        first.reply.put(Kept("first"))
        assert [1, 2, 3] == [app.answer()["id"] for _ in range(3)]


def test_nothing_is_answered_before_the_main_loop_has(tmp_path: Path) -> None:
    """An answer says that it is durable."""
    waiting: SimpleQueue[Submission] = SimpleQueue()
    with serving(tmp_path, waiting.put), Application(tmp_path) as app:
        app.send(PAGE)
        told = waiting.get(timeout=30)
        app.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            app.socket.recv(1)
        app.socket.settimeout(30)
        told.reply.put(NO_ROOM)
        assert "no-room" == app.answer()["error"]["reason"]


def test_lines_without_waiting_are_all_taken(tmp_path: Path) -> None:
    """An application may send a thousand at once: the agent reads on as it answers."""
    loop = Loop()
    with serving(tmp_path, loop.put), Application(tmp_path) as app:
        sending = threading.Thread(target=app.send, args=(PAGE * 3000,), name="sending")
        sending.start()
        assert [f"g-{number}-0" for number in range(1, 3001)] == [app.answer()["ok"]["id"] for _ in range(3000)]
        sending.join(30)


def test_no_more_is_read_than_may_be_due(tmp_path: Path) -> None:
    """While the main loop is held up, what waits in the mailbox is bounded."""
    waiting: SimpleQueue[Submission] = SimpleQueue()
    with serving(tmp_path, waiting.put), Application(tmp_path) as app, Application(tmp_path) as other:
        app.send(PAGE * 500)
        until(lambda: conversation.PIPELINE == waiting.qsize())
        other.send(PAGE)
        until(lambda: conversation.PIPELINE + 1 == waiting.qsize())
        for _ in range(501):
            waiting.get(timeout=30).reply.put(Kept("x"))
        assert 500 == len([app.answer() for _ in range(500)])


def test_end_of_what_is_said_is_not_the_end_of_what_is_heard(tmp_path: Path) -> None:
    """`printf '{...}' | socat` ends its side at once, and without a line end."""
    loop = Loop()
    with serving(tmp_path, loop.put), Application(tmp_path) as app:
        app.send(PAGE + PAGE.strip())
        app.ends()
        assert ["g-1-0", "g-2-0"] == [app.answer()["ok"]["id"] for _ in range(2)]
        assert app.hung_up()


def test_half_line_at_the_end_is_told(tmp_path: Path) -> None:
    """An application that was killed in the middle of a line."""
    loop = Loop()
    with serving(tmp_path, loop.put), Application(tmp_path) as app:
        app.send(b'{"type":"page","page_na')
        app.ends()
        assert "malformed" == app.answer()["error"]["reason"]
        assert app.hung_up()
    assert [] == loop.told


def test_garbage_is_answered_and_then_left(tmp_path: Path) -> None:
    """A browser or a port scanner that got here is not talked to for ever; one good line is a new beginning."""
    with serving(tmp_path, Loop().put) as running, Application(tmp_path) as app:
        for _ in range(conversation.BAD_LINES - 1):
            app.send(b"GET / HTTP/1.1\r\n")
            assert "malformed" == app.answer()["error"]["reason"]
        assert "ok" in app.say(type="page")
        app.send(b"garbage\n" * (conversation.BAD_LINES + 5))
        assert ["malformed"] * conversation.BAD_LINES == [
            app.answer()["error"]["reason"] for _ in range(conversation.BAD_LINES)
        ]
        assert app.hung_up()
        assert 2 * conversation.BAD_LINES - 1 == running.counters["malformed"]


def test_ten_megabytes_in_a_line_are_told_once_and_the_next_line_is_taken(tmp_path: Path) -> None:
    """The agent holds no more than its bound of it."""
    loop = Loop()
    with serving(tmp_path, loop.put) as running, Application(tmp_path) as app:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        def send() -> None:
            for _ in range(10 * 64):
                app.send(b"x" * 16_384)
            app.send(b"\n" + PAGE)

        sending = threading.Thread(target=send, name="sending")
        sending.start()
        assert "oversized" == app.answer()["error"]["reason"]
        assert "ok" in app.answer()
        sending.join(30)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 5 * 1024  # KiB
        assert 1 == running.counters["oversized"]


def test_half_line_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it drips: a time that starts anew with each byte is none. Silence between lines is allowed."""
    monkeypatch.setattr(conversation, "LINE_WITHIN_S", 0.2)
    with serving(tmp_path, Loop().put), Application(tmp_path) as silent, Application(tmp_path) as app:
        assert "ok" in silent.say(type="page")
        stop = threading.Event()

        def drip() -> None:
            try:
                while not stop.wait(0.01):
                    app.send(b"x")
            except OSError:
                stop.set()  # the agent hung up, as it should

        dripping = threading.Thread(target=drip, name="drip")
        dripping.start()
        assert "incomplete" == app.answer()["error"]["reason"]
        assert app.hung_up()
        dripping.join(30)
        assert "ok" in silent.say(type="page")


def test_too_much_is_refused_with_the_time_to_try_again(tmp_path: Path) -> None:
    """The bound is over all connections together; what is refused is not kept, and not charged."""
    loop, clock = Loop(), [100.0]
    with (
        serving(tmp_path, loop.put, rate=0.5, burst=2, now=lambda: clock[0]) as running,
        Application(tmp_path) as app,
        Application(tmp_path) as other,
    ):
        assert ["ok", "ok"] == [next(iter(each.say(type="page"))) for each in (app, other)]
        error = app.say(type="page", id=3)
        assert (3, "throttled", 2.0) == (error["id"], error["error"]["reason"], error["error"]["retry_after_s"])
        clock[0] += 2.0
        assert "ok" in other.say(type="page")
        assert 1 == running.counters["throttled"]
    assert 3 == len(loop.told)


def test_who_was_told_to_wait_is_not_heard_until_then(tmp_path: Path) -> None:
    """Refusals are work, too: an application that runs wild gets no more of them than events it may tell."""
    loop = Loop()
    with serving(tmp_path, loop.put, rate=20.0, burst=1) as running, Application(tmp_path) as app:
        app.send(PAGE * 12)
        answers = [next(iter(app.answer())) for _ in range(12)]
        assert 5 <= answers.count("ok") <= 12
        assert 12 == running.counters["accepted"] + running.counters["throttled"]


def test_hung_main_loop_is_an_answer_and_not_a_wait_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The application learns that nobody knows; a late answer is nobody's."""
    monkeypatch.setattr(conversation, "ANSWER_WITHIN_S", 0.1)
    waiting: SimpleQueue[Submission] = SimpleQueue()
    with serving(tmp_path, waiting.put) as running, Application(tmp_path) as app:
        app.send(PAGE)
        assert "no-answer" == app.answer()["error"]["reason"]
        waiting.get(timeout=30).reply.put(Kept("late"))
        monkeypatch.setattr(conversation, "ANSWER_WITHIN_S", 60.0)
        app.send(PAGE)
        waiting.get(timeout=30).reply.put(Kept("in time"))
        assert {"ok": {"id": "in time"}} == app.answer()
        assert 1 == running.counters["no-answer"]


def test_end_gives_the_last_answers_and_takes_the_socket_away(tmp_path: Path) -> None:
    """SIGTERM: what is durable is told; the next start finds no stale socket."""
    waiting: SimpleQueue[Submission] = SimpleQueue()
    with serving(tmp_path, waiting.put), Application(tmp_path) as app:
        app.send(PAGE * 2)
        waiting.get(timeout=30).reply.put(Kept("x"))
        assert {"ok": {"id": "x"}} == app.answer()
    assert not (tmp_path / "intake.sock").exists()


def test_server_that_never_served_leaves_nothing_behind(tmp_path: Path) -> None:
    """An agent whose start failed at the next part."""
    made = IntakeServer(
        open_listener(None, None, tmp_path, {}), put=Loop().put, throttle=Throttle(1, 1, now=0), now=boottime
    )
    made.close()
    assert [] == list(tmp_path.iterdir())


def test_answer_after_the_end_is_nobodys_fault(tmp_path: Path) -> None:
    """The main loop's last step may answer a connection that is no more."""
    waiting: SimpleQueue[Submission] = SimpleQueue()
    with serving(tmp_path, waiting.put), Application(tmp_path) as app:
        app.send(PAGE)
        told = waiting.get(timeout=30)
    told.reply.put(Kept("late"))


def test_no_descriptor_left_is_no_spin_and_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that runs out of descriptors must not burn the machine, and serves again when there are some."""
    monkeypatch.setattr(server, "ACCEPT_AGAIN_S", 0.05)
    loop = Loop()
    with serving(tmp_path, loop.put), Application(tmp_path) as app:
        assert "ok" in app.say(type="page")
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        late = socket.socket(socket.AF_UNIX)
        late.settimeout(30)
        resource.setrlimit(resource.RLIMIT_NOFILE, (late.fileno() + 1, hard))
        try:
            held = []
            try:
                while True:
                    held.append(os.dup(0))
            except OSError:
                pass
            late.connect(str(tmp_path / "intake.sock"))
            assert "ok" in app.say(type="page")
        finally:
            for each in held:
                os.close(each)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        late.sendall(PAGE)
        assert "ok" in json.loads(late.makefile("rb").readline())
        late.close()


def test_longest_line_that_is_allowed_is_taken(tmp_path: Path) -> None:
    """The bound that the page names, over the real socket and in small pieces."""
    fields = {f"k{number}": "x" * 480 for number in range(32)}
    line = json.dumps({"type": "custom", "name": "a", "fields": fields}).encode() + b"\n"
    assert len(line) < MAX_LINE_BYTES
    loop = Loop()
    with serving(tmp_path, loop.put), Application(tmp_path) as app:
        for at in range(0, len(line), 1000):
            app.send(line[at : at + 1000])
        assert "ok" in app.answer()
