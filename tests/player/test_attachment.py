"""Serving the host of a player that is not ours: hosts that follow a script dial the real socket."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from structlog.testing import capture_logs

from agent.kernel import signals
from agent.player import wire
from agent.player.attachment import SERVICE, Attachment
from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.player.link import Listener
from agent.player.reports import Heard, HostLost, HostReady, Report
from tests.support.hosts import dialled
from tests.support.players import PATIENCE_S, now, short_folder

# A scripted host has no heartbeat, and a busy machine takes its time.
RULES = RestartRules(silence=PATIENCE_S)
FOUND = wire.Attached(1.0, "mpris", "vlc", ("vlc.instance9",), None)
NOBODY = wire.Attached(2.0, "http", None, (), "http://user:secret@127.0.0.1:8080 refuses: check the password")


@contextmanager
def _served() -> Iterator[tuple[Attachment, Path, "SimpleQueue[Report]"]]:
    inbox: SimpleQueue[Report] = SimpleQueue()
    with short_folder() as folder:
        keeper = Attachment(Listener(folder / "s"), put=inbox.put, now=now, rules=RULES, service=SERVICE)
        thread = threading.Thread(target=keeper.run, name="player-link")
        thread.start()
        try:
            yield keeper, folder / "s", inbox
        finally:
            keeper.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def _wait(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until
        time.sleep(0.01)  # between two looks


def test_service_that_has_to_come_is_named() -> None:
    """Whoever reads the status must look for the right unit."""
    with capture_logs() as logs, _served() as (keeper, _, _):
        _wait(lambda: keeper.status.waits_for == "kiosk-attach.service")
    assert ["waiting for kiosk-attach.service"] == [line["event"] for line in logs if "waiting" in line["event"]]


def test_how_long_nothing_was_followed_is_known() -> None:
    """A kiosk whose kiosk-attach has not come for a minute is not fine, however long it was before."""
    with _served() as (keeper, path, inbox):
        _wait(lambda: keeper.status.unfollowed_since is not None)
        since = keeper.status.unfollowed_since
        with dialled(path) as host:
            host.hello(7)
            assert wire.Welcome(wire.PROTOCOL, 0) == host.hear()
            host.say(NOBODY)
            _wait(lambda: keeper.status.attached is not None)
            assert since == keeper.status.unfollowed_since, "still nothing"
            host.say(FOUND)
            _wait(lambda: keeper.status.unfollowed_since is None)
        _wait(lambda: keeper.status.unfollowed_since is not None)
        assert since is not None
        assert since < (keeper.status.unfollowed_since or 0.0)
        assert isinstance(inbox.get(timeout=PATIENCE_S), HostReady)


def test_what_the_host_follows_is_kept_and_told_once() -> None:
    """The newest word counts; no password is in it; with another host it is unknown until that says so."""
    with capture_logs() as logs, _served() as (keeper, path, inbox):
        with dialled(path) as host:
            host.hello(7)
            assert wire.Welcome(wire.PROTOCOL, 0) == host.hear()
            host.say(FOUND, FOUND, NOBODY, wire.Said(1, 1, signals.PlayerLost(3.0)))
            assert isinstance(inbox.get(timeout=PATIENCE_S), HostReady)
            assert isinstance(inbox.get(timeout=PATIENCE_S), Heard)
            found = keeper.status.attached
            assert found is not None
            assert ("http", None, "http://***@127.0.0.1:8080 refuses: check the password") == (
                found.source,
                found.name,
                found.problem,
            )
        assert isinstance(inbox.get(timeout=PATIENCE_S), HostLost)
        with dialled(path) as host:
            host.hello(8)
            assert isinstance(inbox.get(timeout=PATIENCE_S), HostReady)
            assert keeper.status.attached is None
    words = [line["event"] for line in logs if line["event"] in ("player followed", "no player to follow")]
    assert ["player followed", "no player to follow"] == words


def test_host_is_never_told_to_end() -> None:
    """Neither an order nor a setting tears the play that it follows."""
    with _served() as (keeper, path, inbox), dialled(path) as host:
        host.hello(7)
        assert isinstance(inbox.get(timeout=PATIENCE_S), HostReady)
        keeper.restart()
        keeper.reconfigure(HostOptions(), RULES)
        keeper.send(wire.Pause())
        assert [wire.Welcome(wire.PROTOCOL, 0), wire.Pause()] == [host.hear(), host.hear()]
