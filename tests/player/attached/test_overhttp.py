"""Following a VLC over HTTP: a server that is a few lines, and the looks that a test makes by hand."""

import base64
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from agent.kernel import signals
from agent.player import wire
from agent.player.attached import overhttp
from agent.player.attached.address import user
from agent.player.attached.overhttp import LOST_S, Desk, OverHttp, Page, Unreachable
from agent.player.attached.source import Attachment
from agent.player.attached.state import Item, State, Status
from agent.player.wire import MediumFound
from tests.player.attached.test_page import PLAYLIST, STATUS
from tests.support.buses import PATIENCE_S

PASSWORD = "a secret of VLC's"


class Vlc:
    """Its HTTP interface. `answers`: the status that it gives; `asked`: the paths that it was asked for."""

    def __init__(self) -> None:
        vlc = self
        self.status = 200
        self.asked: list[str] = []
        self.shows: dict[str, Any] = dict(STATUS)

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                vlc.asked.append(self.path)
                expected = "Basic " + base64.b64encode(f":{PASSWORD}".encode()).decode()
                status = vlc.status if self.headers["Authorization"] == expected or vlc.status != 200 else 401
                shows = PLAYLIST if "playlist" in self.path else vlc.shows
                body = json.dumps(shows).encode() if status == 200 else b"no"
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def serving() -> Iterator[Vlc]:
    vlc = Vlc()
    thread = threading.Thread(target=vlc.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield vlc
    finally:
        vlc.server.shutdown()
        vlc.server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is given no time is none that is silent; a test of that has a limit of its own."""
    monkeypatch.setattr(overhttp, "ANSWER_S", PATIENCE_S)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "vlc-password"
    path.write_text(f"{PASSWORD}\n", encoding="utf-8")
    return path


def desk(url: str, password_file: Path | None) -> Desk:
    inbox: SimpleQueue[Page | Unreachable] = SimpleQueue()
    return Desk(url, password_file, put=inbox.put, now=lambda: 100.0)


def problem(looked: Page | Unreachable) -> str:
    assert isinstance(looked, Unreachable)
    assert PASSWORD not in looked.problem
    return looked.problem


def test_look_finds_the_state_and_asks_for_the_list_once_an_item(secret: Path) -> None:
    """The list may have a thousand items, and a look comes four times a second."""
    with serving() as vlc:
        at_desk = desk(vlc.url, secret)
        first, second = at_desk.look(), at_desk.look()
    assert first == second
    item = Item("4", "file:///a.mp4", "A", 30.0)
    assert Page(State(Status.PLAYING, item, 1.5, False, 0.5), 15.0, 0.0, 100.0) == first
    assert ["/requests/status.json", "/requests/playlist.json", "/requests/status.json"] == vlc.asked


def test_wrong_password_is_named_and_read_anew(secret: Path) -> None:
    """Somebody mends the file; nobody restarts us."""
    secret.write_text("another")
    with serving() as vlc:
        at_desk = desk(vlc.url, secret)
        assert str(secret) in problem(at_desk.look())
        secret.write_text(PASSWORD)
        assert isinstance(at_desk.look(), Page)


def test_password_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """It is root's, and we are the kiosk's user; or nobody has written it. Each has its remedy, after a colon."""
    found = problem(desk("http://127.0.0.1:1", tmp_path / "missing").look())
    assert f"{tmp_path / 'missing'} does not exist: write" in found
    found = problem(desk("http://127.0.0.1:1", tmp_path).look())
    assert f"{tmp_path} cannot be read by user {user(os.geteuid())}: make it" in found


def test_vlc_without_a_password_is_named(secret: Path) -> None:
    """Without --http-password VLC answers everything with 404."""
    with serving() as vlc:
        vlc.status = 404
        assert "--http-password" in problem(desk(vlc.url, secret).look())
        vlc.status = 500
        assert "500" in problem(desk(vlc.url, secret).look())


def test_no_vlc_is_named(secret: Path) -> None:
    """With how it is started."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # bound and not listening: it refuses, and nobody else gets the port
        looked = desk(f"http://127.0.0.1:{nobody.getsockname()[1]}", secret).look()
    assert "--extraintf http" in problem(looked)
    assert isinstance(looked, Unreachable)
    assert looked.gone


def test_vlc_that_answers_nothing_is_not_gone(monkeypatch: pytest.MonkeyPatch, secret: Path) -> None:
    """It is busy with the start of a film, on a slow machine."""
    monkeypatch.setattr(overhttp, "ANSWER_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        looked = desk(f"http://127.0.0.1:{silent.getsockname()[1]}", secret).look()
    assert isinstance(looked, Unreachable)
    assert not looked.gone


def test_host_that_is_no_name_is_a_problem_and_no_crash(secret: Path) -> None:
    """Somebody mistyped it."""
    assert "no VLC" in problem(desk("http://127..0.0.1:8080", secret).look())


def test_thread_looks_and_orders(secret: Path) -> None:
    """A command does not wait for the next look, nor the next look for a command."""
    inbox: SimpleQueue[Page | Unreachable] = SimpleQueue()
    over = threading.Event()

    def put(looked: Page | Unreachable) -> None:
        if over.is_set():
            raise SystemExit  # It would go on asking whoever gets the port next.
        inbox.put(looked)

    with serving() as vlc:
        at_desk = Desk(vlc.url, secret, put=put, now=lambda: 100.0)
        at_desk.order("command=pl_next")

        def run() -> None:
            with suppress(SystemExit):
                at_desk.run()

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        looks = [inbox.get(timeout=PATIENCE_S) for _ in range(3)]
        over.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert all(isinstance(look, Page) for look in looks)
    assert "/requests/status.json?command=pl_next" in vlc.asked


ITEM = Item("4", "file:///a.mp4", length=8.0)


def page(at: float, position: float, status: Status = Status.PLAYING, *, took: float = 0.02) -> Page:
    return Page(State(status, ITEM if status is not Status.STOPPED else None), position, took, at)


def test_play_over_http_is_told_like_any_other() -> None:
    """What the accuracy allows, as over the bus."""
    source = OverHttp("http://127.0.0.1:8080", lambda _: None)
    told = [each for step in range(32) for each in source.take(page(step / 4, step / 4), step / 4)]
    told += source.take(page(8.0, 0.0, Status.STOPPED), 8.0)
    kinds = [type(each) for _, each in told]
    assert MediumFound is kinds[0]
    assert signals.EndReached is kinds[-1]
    assert Attachment("http://127.0.0.1:8080") == source.attachment


def test_answer_that_took_long_counts_only_where_there_is_no_other() -> None:
    """It is of no certain time: the one after it would look like a seek."""
    source = OverHttp("http://127.0.0.1:8080", lambda _: None)
    source.take(page(10.0, 1.0), 10.0)
    assert [] == source.take(page(10.5, 1.5, took=0.5), 10.5)
    assert signals.TimeChanged(11.0, 2.0) in [each for _, each in source.take(page(11.0, 2.0, took=0.5), 11.0)]


def test_refused_request_ends_no_play_and_a_vlc_that_stays_away_does() -> None:
    """VLC takes one connection after another; a restart takes longer than a hiccup."""
    source = OverHttp("http://127.0.0.1:8080", lambda _: None)
    source.take(page(1.0, 1.0), 1.0)
    assert [] == source.take(Unreachable("away", 2.0), 2.0)
    assert "http://127.0.0.1:8080" == source.attachment.name
    told = source.take(Unreachable("away", 1.0 + LOST_S), 1.0 + LOST_S)
    assert [signals.PlayerLost] == [type(each) for _, each in told]
    assert Attachment(problem="away") == source.attachment


def test_vlc_that_is_started_again_at_once_plays_another_play() -> None:
    """Its unit takes a tenth of a second for it, and the same film begins as the same number of its list."""
    source = OverHttp("http://127.0.0.1:8080", lambda _: None)
    told = [each for step in range(9) for each in source.take(page(step / 4, step / 4), step / 4)]
    told += source.take(Unreachable("away", 2.25, gone=True), 2.25)
    told += source.take(page(2.5, 0.25), 2.5)
    kinds = [kind for _, each in told if (kind := type(each)) in (MediumFound, signals.PlayerLost)]
    assert [MediumFound, signals.PlayerLost, MediumFound] == kinds


def test_command_is_ordered_as_the_state_wants_it() -> None:
    """Full screen is toggled, so it must be known how it is."""
    ordered: list[str] = []
    source = OverHttp("http://127.0.0.1:8080", ordered.append)
    source.take(page(1.0, 1.0), 1.0)
    for command in (wire.SetFullscreen(False), wire.SetFullscreen(True), wire.Skip(), wire.Overlay(None)):
        source.obey(command)
    assert ["command=fullscreen", "command=pl_next"] == ordered


def test_clock_is_the_one_that_the_agent_has() -> None:
    """Signals are dated with it: another clock would date plays anywhere."""
    assert overhttp.boot_time() <= overhttp.boot_time()
