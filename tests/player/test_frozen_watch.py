"""The watch over the picture, with a real player host and media that really freeze."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from agent.config.player_watch import Frozen
from agent.kernel import signals
from agent.kernel.media import Media
from agent.kernel.rotation import Rotation
from agent.player.frozen import Cause, Step
from agent.player.frozen_watch import FrozenWatch
from agent.player.hostoptions import HostOptions
from agent.player.items import Item
from agent.player.keeper import RestartRules
from agent.player.operations import Fail
from agent.player.wire import Pictures
from tests.support import media
from tests.support.desk import Desk, kinds
from tests.support.players import Stage, item, now, short_folder, staged, watched
from tests.support.screens import HEIGHT, WIDTH, screen

QUICK = Frozen(after_s=3.0)
# A start of the host on a loaded machine takes seconds; only a hang should cost one.
CALM = RestartRules(silence=20.0, first=0.1, longest=0.5)


class Watch:
    """The watch over a stage, looking as the main loop has it look."""

    def __init__(self, stage: Stage, rules: Frozen = QUICK) -> None:
        self._stage = stage
        self.watch = FrozenWatch(stage.director, stage.keeper, lambda: rules, stage.obey)

    def until(self, done: Callable[[], bool]) -> None:
        """Step and look until `done`."""

        def looked() -> bool:
            self.watch.look(now())
            return done()

        self._stage.run_until(looked)

    def until_steps(self, step: Step, count: int = 1) -> None:
        self.until(lambda: self.watch.counters[f"frozen-{step.value}"] >= count)

    @property
    def cause(self) -> str | None:
        cause: str | None = self.watch.status(now())["cause"]
        return cause


def test_item_that_failed_is_begun_again_or_gone_on_from() -> None:
    """What is told of it is a playback that failed; nobody asked for a replay."""
    desk = Desk()
    desk.play()
    again = desk.director.obey(Fail(again=True), desk.at)
    assert ["PlaybackFailed", "PlayCommanded"] == kinds(again)
    assert "a" == desk.current
    desk.play()
    desk.director.obey(Fail(again=False), desk.at)
    assert "b" == desk.current
    assert 2 == desk.director.outcomes.passed["failed"]


def test_nothing_that_plays_cannot_fail() -> None:
    """A step that comes when the list has just finished."""
    desk = Desk(start=False)
    assert [] == desk.director.obey(Fail(again=True), desk.at)


def test_watch_that_is_off_takes_no_step() -> None:
    """An operator whose films only look frozen."""
    desk = Desk()
    desk.play()

    class Keeper:
        pictures: Pictures | None = None

        def restart(self) -> None:
            raise AssertionError

    rules = [Frozen(enabled=False, after_s=5.0)]
    watch = FrozenWatch(desk.director, Keeper(), lambda: rules[0], lambda _: desk.director.obey(Fail(again=True), 1.0))
    for at in range(60):
        watch.look(desk.at + at)
    assert not watch.counters
    rules[0] = Frozen(after_s=5.0)
    for at in range(60, 70):
        watch.look(desk.at + at)
    assert 1 == watch.counters["frozen-again"]


def test_stream_whose_list_lies_here_is_the_networks() -> None:
    """A local .m3u8 names segments that are fetched; when the network is away no step is taken."""
    desk = Desk(items=[Item(Media("a", "file:///srv/live.m3u8", adaptive=True)), Item(Media("b", "file:///b.mp4"))])
    desk.play()
    steps: list[object] = []

    class Keeper:
        pictures: Pictures | None = None

        def restart(self) -> None:
            steps.append("restart")

    watch = FrozenWatch(desk.director, Keeper(), lambda: QUICK, steps.append)
    for at in range(50):
        watch.look(desk.at + at)
    assert [] == steps


def test_film_that_plays_is_left_alone() -> None:
    """The pictures of every film and image that plays are counted."""
    with staged([item(media.clip(8)), item(media.image(), options=(":image-duration=8",))], rules=CALM) as stage:
        watch = Watch(stage, Frozen(after_s=5.0))  # a busy machine lets seconds pass, too
        watch.until(lambda: stage.keys(signals.PlayCommanded)[2:] != [])
        assert not watch.watch.counters
        assert watch.cause is None


@pytest.mark.all
def test_pictures_that_no_decoder_understands_cost_the_item_and_then_the_player() -> None:
    """The sound goes on and so does the playhead: only the frames tell that the screen is black."""
    with staged([item(media.blind_clip())], rules=CALM) as stage:
        watch = Watch(stage)
        watch.until_steps(Step.AGAIN)
        assert Cause.BLIND.value == watch.cause
        first = stage.pid
        watch.until_steps(Step.PLAYER)
        watch.until(lambda: stage.status.pid not in (None, first))
    assert {"frozen-again": 1, "frozen-player": 1} == dict(watch.watch.counters)


@pytest.mark.all
def test_broken_film_is_gone_on_from_to_one_that_shows() -> None:
    """The rest of the list goes on, and the player is left as it is."""
    with staged([item(media.blind_clip()), item(media.clip(12))], rules=CALM) as stage:
        watch = Watch(stage)
        watch.until_steps(Step.NEXT)
        pid = stage.pid
        watch.until(lambda: watch.cause is None)
        assert pid == stage.pid
        assert "frozen-player" not in watch.watch.counters


@pytest.mark.all
def test_file_that_never_comes_costs_the_item_and_then_the_player() -> None:
    """A FIFO that nobody writes to: libvlc opens it for ever."""
    with short_folder() as folder:
        os.mkfifo(folder / "film.ts")
        with staged([item(folder / "film.ts")], rules=CALM) as stage:
            watch = Watch(stage)
            watch.until_steps(Step.PLAYER)
    assert 1 == watch.watch.counters["frozen-again"]


@contextmanager
def stalling_server(content: bytes, given: int) -> Iterator[int]:
    """A web server that stops in the middle of its answers; its port."""
    stopped = threading.Event()

    def serve(line: socket.socket) -> None:
        with line:
            line.recv(65_536)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: {len(content)}\r\n\r\n"
            line.sendall(head.encode() + content[:given])
            stopped.wait(60)

    def accept(server: socket.socket) -> None:
        while not stopped.is_set():
            try:
                line, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(line,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=accept, args=(server,), daemon=True).start()
        yield server.getsockname()[1]
        stopped.set()
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.all
def test_network_that_goes_away_in_mid_play_has_no_step_taken() -> None:
    """A stream that stalls is the network's; the list goes on from it after a minute, and no restart would help."""
    film = media.truncated_clip(20).read_bytes()
    with stalling_server(film, len(film) * 3 // 4) as port:
        stream = Item(Media("stream", f"http://127.0.0.1:{port}/film.mp4"), options=(":network-caching=300",))
        with staged([stream], rules=CALM) as stage:
            watch = Watch(stage)
            turn = stage.director
            watch.until(lambda: turn.turn is not None and turn.turn.moved)
            watch.until(lambda: turn.turn is not None and now() - turn.turn.moved_at > 4 * QUICK.after_s)
            assert not watch.watch.counters
            assert watch.cause is None


@pytest.mark.all
def test_screen_that_ends_is_waited_for_and_the_player_restarted_once_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """libvlc goes on with an output that nobody sees, and finds no other by itself."""
    with screen() as shown:
        monkeypatch.setenv("DISPLAY", shown.display)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        options = HostOptions(vlc_options=("--aout=adummy",))
        with watched(options, CALM) as player:
            stage = Stage(player, [item(media.clip(20))], Rotation(()), None)
            watch = Watch(stage)
            watch.until(lambda: stage.keeper.pictures is not None and stage.keeper.pictures.displayed > 10)
            assert stage.keeper.pictures is not None
            assert stage.keeper.pictures.display is True
            os.kill(shown.pid, signal.SIGKILL)
            watch.until(lambda: watch.cause == Cause.DARK.value)
            assert not watch.watch.counters
            first = stage.pid
            with again(shown.display):
                watch.until_steps(Step.PLAYER)
                watch.until(lambda: stage.status.pid not in (None, first))
                watch.until(lambda: stage.keeper.pictures is not None and stage.keeper.pictures.displayed > 10)
                assert watch.cause is None


@contextmanager
def again(display: str) -> Iterator[None]:
    """The same screen, started anew after its server died."""
    number = display.removeprefix(":")
    Path(f"/tmp/.X{number}-lock").unlink(missing_ok=True)
    Path(f"/tmp/.X11-unix/X{number}").unlink(missing_ok=True)
    command = ["Xvfb", display, "-screen", "0", f"{WIDTH}x{HEIGHT}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)
