"""The player host with real libvlc and real media."""

import os
import select
import signal
import subprocess
import sys
from itertools import pairwise

from agent.kernel import signals
from agent.player import wire
from agent.player.codec import encode
from agent.player.hostoptions import HostArguments, HostOptions, command_line, environment
from agent.player.link import Connection, Listener
from agent.player.wire import MediumSet, Said
from tests.support import media
from tests.support.players import HASTY, PATIENCE_S, load, now, ready, short_folder, watched


def test_clip_played_through_tells_the_whole_story_in_order() -> None:
    """Everything downstream believes this order; a host that mixed it up would make false plays."""
    with watched() as player:
        ready(player)
        player.supervisor.send(load(media.clip(1), medium=7))
        player.wait_for(signals.EndReached)
    kinds = [type(each) for each in player.signals]
    landmarks = [MediumSet, signals.Opening, signals.Playing, signals.TimeChanged, signals.EndReached]
    assert landmarks == sorted(landmarks, key=kinds.index)
    assert player.media == [7]
    assert any(isinstance(each, signals.LengthChanged) and each.length == 1.0 for each in player.signals)
    stamps = [each.at for each in player.signals if isinstance(each, signals.TimeChanged)]
    assert all(earlier <= later for earlier, later in pairwise(stamps))
    assert all(0 <= now() - stamp < 60 for stamp in stamps), "boot-time stamps, comparable with ours"


def test_picture_shown_tells_its_size_and_the_polled_state() -> None:
    """libvlc sends no event for rate, fullscreen or the playhead while paused: only the poll shows them."""
    with watched() as player:
        ready(player)
        player.supervisor.send(load(media.clip(12), fullscreen=True))
        size = player.wait_for(signals.VideoSizeRead)
        player.supervisor.send(wire.SetRate(2.0))
        sample = player.wait_for(signals.Sampled, lambda sampled: sampled.rate == 2.0)
    assert (size.width, size.height) == (160, 90)
    assert sample.fullscreen is True


def test_pause_and_seek_while_paused_show_at_once_in_the_samples() -> None:
    """libvlc says nothing of a seek in a pause until it resumes; an operator's screen must not wait for it."""
    with watched() as player:
        ready(player)
        player.supervisor.send(load(media.clip(12)))
        player.wait_for(signals.TimeChanged)
        player.supervisor.send(wire.Pause())
        player.wait_for(signals.Paused)
        player.supervisor.send(wire.Seek(11.0))
        sample = player.wait_for(signals.Sampled, lambda sampled: sampled.time > 10.5)
        player.supervisor.send(wire.Resume())
        player.wait_for(signals.EndReached)
    assert sample.time == 11.0


def test_missing_and_empty_files_fail_and_the_same_host_plays_on() -> None:
    """A broken item costs nothing but its own turn."""
    with watched() as player:
        first = ready(player)
        player.supervisor.send(load(media.empty().with_name("not-there.mp4"), medium=1))
        player.wait_for(signals.PlaybackFailed)
        player.supervisor.send(load(media.empty(), medium=2))
        player.wait_for(signals.PlaybackFailed)
        player.supervisor.send(load(media.silent_clip(), medium=3))
        player.wait_for(signals.EndReached)
        assert first.pid == player.supervisor.status.pid


def test_unplayable_address_fails_like_a_bad_file() -> None:
    """An address that libvlc does not even take must not leave the list waiting for a signal."""
    with watched() as player:
        ready(player)
        player.supervisor.send(wire.Load(4, "", (), None, None, 0, False))
        player.wait_for(signals.PlaybackFailed)
    assert isinstance(player.signals[0], MediumSet)


def test_item_switched_midway_keeps_late_signals_with_the_earlier_medium() -> None:
    """A late EndReached of the last item, taken for the next one's, would skip it unseen."""
    with watched() as player:
        ready(player)
        player.supervisor.send(load(media.clip(12), medium=1))
        player.wait_for(signals.TimeChanged)
        player.supervisor.send(load(media.silent_clip(), medium=2))
        player.wait_for(signals.EndReached)
    assert player.media == [1, 2]


def test_rotated_item_plays_in_the_same_process() -> None:
    """libvlc's video filters belong to its Instance: turning the picture makes another one, and no crash."""
    with watched() as player:
        first = ready(player)
        player.supervisor.send(load(media.silent_clip(), medium=1))
        player.wait_for(signals.EndReached)
        player.supervisor.send(load(media.silent_clip(), medium=2, rotation=90))
        player.wait_for(signals.EndReached)
        player.supervisor.send(load(media.silent_clip(), medium=3, rotation=0, volume=40, audio_device="none"))
        player.wait_for(signals.EndReached)
        assert first.pid == player.supervisor.status.pid


def test_image_and_sound_play_like_clips() -> None:
    """Signage shows pictures and plays music, too."""
    with watched() as player:
        ready(player)
        player.supervisor.send(load(media.image(), medium=1, options=(":image-duration=2",)))
        player.wait_for(signals.EndReached)
        player.supervisor.send(load(media.tone(2), medium=2))
        player.wait_for(signals.EndReached)
    moved = {report.medium for report in player.heard if isinstance(report.signal, signals.TimeChanged)}
    assert moved == {1, 2}


def test_option_that_libvlc_does_not_know_is_dropped_and_named() -> None:
    """One unknown option makes libvlc refuse to start: a typing error must not leave the screen dark."""
    options = HostOptions(headless=True, vlc_options=("--no-such-option", "--network-caching=2000"))
    with watched(options) as player:
        first = ready(player)
        player.supervisor.send(load(media.silent_clip()))
        player.wait_for(signals.EndReached)
    assert first.refused == ("--no-such-option",)


def test_dead_agent_takes_its_host_along() -> None:
    """A host without its agent would go on playing unreported, and hold the screen against the next one."""
    program = (
        "import time; from tests.support.players import watched, ready\n"
        "with watched() as player:\n    print('pid', ready(player).pid, flush=True)\n    time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        host = next(int(line.split()[1]) for line in parent.stdout if line.startswith("pid "))
        handle = os.pidfd_open(host)
        parent.kill()
        try:
            assert _ends(handle)
        finally:
            os.close(handle)


def _ends(handle: int) -> bool:
    return bool(select.select([handle], [], [], PATIENCE_S)[0])


def test_agent_that_comes_back_hears_what_it_missed() -> None:
    """In unit mode the host plays on while the agent is upgraded: nothing it said meanwhile may be lost."""
    with short_folder() as folder:
        path = folder / "player.sock"
        listener = Listener(path)
        arguments = HostArguments(path, 41, None, False, HostOptions(headless=True))
        command = [sys.executable, "-m", "agent.player.host", *command_line(arguments)]
        with subprocess.Popen(command, env=environment()) as host:
            try:
                first = _accepted(listener)
                hello = _messages(first, 1)[0]
                assert isinstance(hello, wire.Hello)
                first.send(wire.Welcome(wire.PROTOCOL, 0))
                first.send(load(media.silent_clip()))
                heard = [each for each in _messages(first, 6) if isinstance(each, Said)]
                first.send(wire.Acknowledge(2))
                first.close()
                second = _accepted(listener)
                again = _messages(second, 1)[0]
                second.send(wire.Welcome(wire.PROTOCOL, 2))
                missed = _until_end(second)
            finally:
                host.kill()
                listener.close()
    assert isinstance(again, wire.Hello)
    assert (hello.run, hello.pid) == (again.run, again.pid)
    assert [3, *range(4, len(missed) + 3)] == [said.number for said in missed]
    assert [encode(said) for said in heard if said.number > 2] == [encode(said) for said in missed][: len(heard) - 2]


def _accepted(listener: Listener) -> Connection:
    connection = listener.accept(PATIENCE_S)
    assert connection is not None
    return connection


def _messages(connection: Connection, count: int) -> list[wire.Message]:
    found: list[wire.Message] = []
    while len(found) < count:
        got = connection.receive(PATIENCE_S)
        assert isinstance(got, list)
        found += got
    return found


def _until_end(connection: Connection) -> list[Said]:
    found: list[Said] = []
    while not any(isinstance(said.signal, signals.EndReached) for said in found):
        found += [each for each in _messages(connection, 1) if isinstance(each, Said)]
    return found


def test_stopped_host_process_is_found_by_its_silence() -> None:
    """A hang gives no end of file: only the missing heartbeat shows it, and only a kill ends it."""
    with watched(rules=HASTY) as player:
        first = ready(player)
        os.kill(first.pid, signal.SIGSTOP)
        second = ready(player)
        assert first.pid != second.pid
        assert player.supervisor.status.last_loss == "silent for 4 s"
