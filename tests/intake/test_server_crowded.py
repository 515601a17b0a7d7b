"""The local socket in a crowd: applications that are slow, silent, many and gone."""

import socket
from pathlib import Path
from queue import SimpleQueue

import pytest

from agent.intake import conversation
from agent.intake.server import CONNECTIONS
from agent.intake.submission import Kept, Submission
from tests.support.applications import Application, Loop, serving, until

PAGE = b'{"type":"page"}\n'


def test_slow_applications_keep_nobody_waiting(tmp_path: Path) -> None:
    """Forty half lines and forty that do not read their answers; the forty-first is served as if alone."""
    loop = Loop()
    with serving(tmp_path, loop.put):
        slow = [Application(tmp_path) for _ in range(CONNECTIONS - 2)]
        for app in slow[::2]:
            app.send(b'{"type":')
        for app in slow[1::2]:
            app.socket.setblocking(False)
            try:
                while True:
                    app.socket.send(PAGE * 100)
            except BlockingIOError:
                pass
        with Application(tmp_path) as quick:
            assert ["ok"] * 50 == [next(iter(quick.say(type="page"))) for _ in range(50)]
        for app in slow:
            app.close()


def test_application_that_never_reads_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its answers would be held for ever."""
    monkeypatch.setattr(conversation, "HEARD_WITHIN_S", 0.2)
    with serving(tmp_path, Loop().put) as running, Application(tmp_path) as app:
        app.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        try:
            while True:
                app.send(PAGE * 100)
        except OSError:
            pass
        until(lambda: 0 == running.connections)


def test_application_that_vanishes_is_counted_and_harms_nobody(tmp_path: Path) -> None:
    """What it told is kept or not; nobody is there to hear it."""
    waiting: SimpleQueue[Submission] = SimpleQueue()
    with serving(tmp_path, waiting.put) as running, Application(tmp_path) as other:
        app = Application(tmp_path)
        app.send(PAGE)
        told = waiting.get(timeout=30)
        app.close()
        told.reply.put(Kept("x"))
        until(lambda: 1 == running.counters["unheard"] + running.counters["accepted"])
        until(lambda: 1 == running.connections)
        other.send(PAGE)
        waiting.get(timeout=30).reply.put(Kept("y"))
        assert {"ok": {"id": "y"}} == other.answer()


def test_two_hundred_connections_lock_nobody_out(tmp_path: Path) -> None:
    """An application that forgets to close its connections; the one that was silent longest makes room."""
    loop = Loop()
    with serving(tmp_path, loop.put) as running:
        many = []
        for _ in range(200):
            many.append(Application(tmp_path))
            assert "ok" in many[-1].say(type="page")
        assert CONNECTIONS == running.connections
        assert 200 - CONNECTIONS == running.counters["displaced"]
        assert many[0].hung_up()
        assert "ok" in many[-CONNECTIONS].say(type="page")
        with Application(tmp_path) as late:
            assert "ok" in late.say(type="page")
        for app in many:
            app.close()


def test_flood_of_newcomers_costs_nobody_an_answer(tmp_path: Path) -> None:
    """Many short-lived scripts at once, each with one line: who has spoken is answered before anybody makes room."""
    loop = Loop()
    with serving(tmp_path, loop.put):
        many = []
        for _ in range(300):
            many.append(Application(tmp_path))
            many[-1].send(PAGE)
        assert ["ok"] * 300 == [next(iter(app.answer())) for app in many]
        for app in many:
            app.close()


def test_who_waits_for_an_answer_is_never_displaced(tmp_path: Path) -> None:
    """When all wait, the newcomer is told to come again."""
    waiting: SimpleQueue[Submission] = SimpleQueue()
    with serving(tmp_path, waiting.put) as running:
        many = [Application(tmp_path) for _ in range(CONNECTIONS)]
        for app in many:
            app.send(PAGE)
        told = [waiting.get(timeout=30) for _ in many]
        with Application(tmp_path) as late:
            error = late.answer()["error"]
            assert ("busy", 1.0) == (error["reason"], error["retry_after_s"])
        for each in told:
            each.reply.put(Kept("x"))
        assert ["ok"] * CONNECTIONS == [next(iter(app.answer())) for app in many]
        assert 1 == running.counters["busy"]
        for app in many:
            app.close()
