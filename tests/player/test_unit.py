"""Serving a host that is a service of its own: hosts that follow a script dial the real socket."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from structlog.testing import capture_logs

from agent.kernel import signals
from agent.player import wire
from agent.player.hostoptions import HostOptions
from agent.player.keeper import RestartRules
from agent.player.link import Listener
from agent.player.reports import Heard, HostCaughtUp, HostLost, HostReady, Report
from agent.player.unit import SERVICE, Unit
from tests.support.hosts import HASTY, RULES, Actor, dialled
from tests.support.players import PATIENCE_S, now, short_folder


class Served:
    """A unit's keeper at work, and the socket that hosts dial."""

    def __init__(self, keeper: Unit, socket: Path, inbox: "SimpleQueue[Report]") -> None:
        self.keeper = keeper
        self.socket = socket
        self._inbox = inbox

    def next(self) -> Report:
        return self._inbox.get(timeout=PATIENCE_S)

    def wait(self, waits_for: str | None) -> None:
        until = time.monotonic() + PATIENCE_S
        while self.keeper.status.waits_for != waits_for:
            assert time.monotonic() < until
            time.sleep(0.01)  # between two looks


@contextmanager
def _served(taken: tuple[int, int] = (0, 0), rules: RestartRules = RULES) -> Iterator[Served]:
    inbox: SimpleQueue[Report] = SimpleQueue()
    with short_folder() as folder:
        keeper = Unit(Listener(folder / "s"), put=inbox.put, now=now, rules=rules, taken=taken)
        thread = threading.Thread(target=keeper.run, name="player-link")
        thread.start()
        try:
            yield Served(keeper, folder / "s", inbox)
        finally:
            keeper.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive()


def test_host_is_waited_for_and_that_is_no_loss() -> None:
    """A unit that is not installed, or that starts after us, must not fill the log of a week."""
    with capture_logs() as logs, _served() as found:
        found.wait(SERVICE)
        found.keeper.restart()
        found.keeper.send(wire.Pause())
        with dialled(found.socket) as host:
            host.hello(7)
            assert isinstance(found.next(), HostReady)
            assert None is found.keeper.status.waits_for
            # While this one is there: its own end is a loss, and has another waited for.
            assert 0 == found.keeper.status.losses
            assert ["waiting for kiosk-player.service"] == [
                line["event"] for line in logs if "waiting" in line["event"]
            ]


def test_run_that_is_known_goes_on_behind_what_was_taken_in() -> None:
    """What an earlier process of ours has committed must not be counted again, and what it has not, must be."""
    with _served(taken=(7, 2)) as found, dialled(found.socket) as host:
        host.hello(7)
        assert wire.Welcome(wire.PROTOCOL, 2) == host.hear()
        assert isinstance(found.next(), HostReady)
        host.say(*(wire.Said(number, 5, signals.Playing(float(number))) for number in (1, 2, 3)))
        host.say(wire.Beat(4.0, 5, None), wire.Beat(4.5, 5, None), wire.Said(4, 5, signals.Paused(5.0)))
        assert Heard(7, 3, 5, signals.Playing(3.0)) == found.next()
        caught_up = found.next()
        assert isinstance(caught_up, HostCaughtUp)
        assert (7, 5) == (caught_up.run, caught_up.medium)
        assert Heard(7, 4, 5, signals.Paused(5.0)) == found.next()


def test_another_run_begins_with_nothing() -> None:
    """Its numbers are its own: the first one is news."""
    with _served(taken=(7, 2)) as found, dialled(found.socket) as host:
        host.hello(8)
        assert wire.Welcome(wire.PROTOCOL, 0) == host.hear()
        host.say(wire.Said(1, 5, signals.Playing(1.0)))
        assert isinstance(found.next(), HostReady)
        assert Heard(8, 1, 5, signals.Playing(1.0)) == found.next()


def test_host_that_ends_is_a_loss_and_the_next_one_is_served_at_once() -> None:
    """Its unit brings another; the pauses between them are systemd's, not ours."""
    with _served() as found:
        for run in (1, 2):
            with dialled(found.socket) as host:
                host.hello(run)
                ready = found.next()
            lost = found.next()
            assert isinstance(ready, HostReady)
            assert isinstance(lost, HostLost)
            assert (run, run, False) == (ready.run, lost.run, lost.commanded)
        assert 2 == found.keeper.status.losses
        assert "closed its line" == found.keeper.status.last_loss


def test_host_that_hangs_is_left_to_its_watchdog() -> None:
    """We cannot end it, and it may come back: it is then served like any other."""
    with _served(rules=HASTY) as found, dialled(found.socket) as host:
        host.hello(1)
        assert isinstance(found.next(), HostReady)
        lost = found.next()
        assert isinstance(lost, HostLost)
        assert f"silent for {HASTY.silence:g} s" == lost.reason
        with dialled(found.socket) as again:
            again.hello(1)
            assert isinstance(found.next(), HostReady)


def test_order_asks_the_host_to_end_and_is_no_loss() -> None:
    """The agent never restarts units: systemd sees an end, and starts another."""
    with _served() as found:
        for order in (found.keeper.restart, lambda: found.keeper.reconfigure(HostOptions(), RULES)):
            with dialled(found.socket) as host:
                host.hello(1)
                assert isinstance(host.hear(), wire.Welcome)
                assert isinstance(found.next(), HostReady)
                order()
                assert wire.Quit() == host.hear()
            lost = found.next()
            assert isinstance(lost, HostLost)
            assert lost.commanded
        assert (0, None) == (found.keeper.status.losses, found.keeper.status.last_loss)


def test_host_of_another_version_is_told_ours_and_named_once() -> None:
    """An old one ends by that and comes back new; one that is newer than us dials each second until we are upgraded."""
    with capture_logs() as logs, _served() as found:
        for _ in range(3):
            with dialled(found.socket) as host:
                host.hello(1, protocol=99)
                assert wire.Welcome(wire.PROTOCOL, 0) == host.hear()
                assert None is host.hear()
        with dialled(found.socket) as host:
            host.hello(1)
            assert isinstance(found.next(), HostReady)
            assert 0 == found.keeper.status.losses  # while this one is there: its own end is one
    refused = [line for line in logs if line["event"] == "player host refused"]
    assert ["speaks protocol 99, not 1"] == [line["reason"] for line in refused]


def test_stranger_costs_nothing() -> None:
    """Whoever says something else is hung up on."""
    with _served() as found:
        with dialled(found.socket) as stranger:
            stranger.say(wire.Beat(1.0, 1, None))
            assert None is stranger.hear()
        with dialled(found.socket) as host:
            host.hello(1)
            assert isinstance(found.next(), HostReady)


def test_signals_that_a_host_gave_up_are_counted_once() -> None:
    """A host that was alone for too long tells how many are missing, each time that it says hello."""

    def hello(host: Actor, run: int, lost: int) -> None:
        host.say(wire.Hello(wire.PROTOCOL, 4711, run, "3.0 test", 0, (), lost))

    with _served() as found:
        for run, lost, sum_of_all in ((1, 3, 3), (1, 5, 5), (2, 1, 6)):
            with dialled(found.socket) as host:
                hello(host, run, lost)
                assert isinstance(found.next(), HostReady)
                assert sum_of_all == found.keeper.status.unheard
            assert isinstance(found.next(), HostLost)
