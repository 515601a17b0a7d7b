"""Keeping a host alive: with hosts that follow a script, over the real socket."""

import threading
from contextlib import suppress
from queue import Empty, SimpleQueue

from agent.kernel import signals
from agent.player import wire
from agent.player.codec import encode
from agent.player.keeper import RestartRules
from agent.player.reports import Heard, HostLost, HostReady, Report
from agent.player.supervisor import Supervisor
from tests.support.hosts import (
    HASTY,
    RULES,
    Actor,
    Scripted,
    dies_early,
    dies_late,
    future,
    hangs,
    obedient,
    scene,
    stammers,
)
from tests.support.players import PATIENCE_S, now, short_folder


def test_what_the_host_says_arrives_in_order_with_its_token() -> None:
    """The main loop believes this order."""
    with scene(obedient) as found:
        ready = found.next()
        assert isinstance(ready, HostReady)
        assert found.next() == Heard(ready.run, 1, 7, wire.MediumSet(1.0))
        assert found.next() == Heard(ready.run, 2, 7, signals.Playing(2.0))
        assert (found.supervisor.status.ready, found.supervisor.status.pid) == (True, 4711)


def test_signal_said_twice_is_reported_once() -> None:
    """A resend after a reconnection must not pause a film twice."""
    with scene(stammers) as found:
        found.next()
        numbers = [report.number for report in (found.next() for _ in range(3)) if isinstance(report, Heard)]
    assert numbers == [1, 2, 3]


def test_dead_host_is_reported_once_and_replaced() -> None:
    """The screen comes back by itself; options found refused are not tried again."""
    with scene(dies_late, obedient) as found:
        assert isinstance(found.next(), HostReady)
        lost = found.next()
        assert isinstance(lost, HostLost)
        assert lost.reason == "script over"
        assert isinstance(found.next(), HostReady)
        assert found.lifecycle.starts == [(1, False, ()), (2, False, ("--odd",))]


def test_host_that_dies_before_its_hello_is_started_with_care() -> None:
    """An option may crash libvlc instead of being refused: then each is tried alone."""
    with scene(dies_early, obedient) as found:
        assert isinstance(found.next(), HostLost)
        assert isinstance(found.next(), HostReady)
        assert [careful for _, careful, _ in found.lifecycle.starts] == [False, True]


def test_host_is_taken_whoever_dialled_before_it() -> None:
    """A stranger's connection was taken for the host, which was killed, and so left a dead one before the next."""
    with scene(dies_late, obedient, stranger=b"garbage\n" + encode(wire.Beat(1.0, 1, 1.0))) as found:
        assert [HostReady, HostLost, HostReady] == [type(found.next()) for _ in range(3)]
        assert 2 == len(found.lifecycle.starts)


def test_hello_of_a_dead_host_is_not_taken_for_the_next_ones() -> None:
    """A host that was killed while it dialled leaves its hello in the socket's queue."""
    with scene(obedient, dead=encode(wire.Hello(wire.PROTOCOL, 4711, 77, "3.0 test", 0, (), 0))) as found:
        ready = found.next()
        assert isinstance(ready, HostReady)
        assert 1 == ready.run


def test_silent_host_is_killed() -> None:
    """A hang inside libvlc shows as nothing at all."""
    with scene(hangs, obedient, rules=HASTY) as found:
        assert isinstance(found.next(), HostReady)
        lost = found.next()
        assert isinstance(lost, HostLost)
        assert lost.reason == f"silent for {HASTY.silence:g} s"


def test_host_of_another_protocol_is_refused_in_words() -> None:
    """After half an upgrade the reason must stand in the log."""
    with scene(future, obedient) as found:
        lost = found.next()
        assert isinstance(lost, HostLost)
        assert "protocol 99" in lost.reason


def test_acknowledgement_goes_to_the_run_that_it_is_of() -> None:
    """A number of the last run would make the new host forget what nobody has."""
    heard: SimpleQueue[wire.Message | None] = SimpleQueue()

    def listens(actor: Actor, run: int) -> None:
        actor.hello(run)
        actor.hear()
        actor.say(wire.Said(1, 1, signals.Playing(1.0)))
        while (message := actor.hear()) is not None:
            heard.put(message)

    with scene(listens) as found:
        ready = found.next()
        assert isinstance(ready, HostReady)
        found.next()
        found.supervisor.acknowledge(ready.run + 1, 1)
        found.supervisor.acknowledge(ready.run, 1)
        found.supervisor.acknowledge(ready.run, 1)
        assert found.supervisor.send(wire.Pause())
        assert heard.get(timeout=PATIENCE_S) == wire.Acknowledge(1)
        assert heard.get(timeout=PATIENCE_S) == wire.Pause()


def test_full_mailbox_is_no_hang_of_the_host() -> None:
    """When the main loop is held up by a slow card, a healthy player must not be killed for it."""
    gate = threading.Event()
    inbox: SimpleQueue[Report] = SimpleQueue()

    def reluctant(report: Report) -> None:
        if isinstance(report, Heard):
            gate.wait(PATIENCE_S)
        inbox.put(report)

    with scene(_beating, put=reluctant, rules=RestartRules(silence=4.0)) as found:
        assert isinstance(inbox.get(timeout=PATIENCE_S), HostReady)
        with suppress(Empty):
            inbox.get(timeout=6.0)
        gate.set()
        assert isinstance(inbox.get(timeout=PATIENCE_S), Heard)
        assert found.supervisor.status.losses == 0


def _beating(actor: Actor, run: int) -> None:
    actor.hello(run)
    actor.hear()
    actor.say(wire.Said(1, 1, signals.Playing(1.0)))
    rest = threading.Event()
    while not rest.wait(0.1):
        actor.say(wire.Beat(1.0, 1, None))


def test_pauses_between_restarts_double_up_to_a_ceiling() -> None:
    """A player that cannot start must not keep a Pi's processor busy for a week."""
    rules = RestartRules(silence=3.0, first=1.0, longest=60.0)
    assert [rules.pause(losses) for losses in (0, 1, 2, 3, 7, 10_000)] == [0.0, 1.0, 2.0, 4.0, 60.0, 60.0]


def test_commands_without_a_host_are_refused_at_once() -> None:
    """The director asks and goes on; it is told of the next host."""
    with short_folder() as folder:
        lifecycle = Scripted(folder / "s", [])
        supervisor = Supervisor(lifecycle, folder / "s", put=lambda _: None, now=now, rules=RULES)
        assert supervisor.send(wire.Stop()) is False
        supervisor.stop()
        supervisor.run()
        assert lifecycle.starts == []
