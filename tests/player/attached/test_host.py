"""The attached host on a real line, over a source that a test moves by hand."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest

from agent.kernel import signals
from agent.player import wire
from agent.player.attached.attachline import AttachArguments
from agent.player.attached.host import Host, source_of
from agent.player.attached.observer import Observer, Told
from agent.player.attached.source import Attachment
from agent.player.attached.state import Item, State, Status
from tests.support.attach_site import Line
from tests.support.buses import PATIENCE_S, wait_until
from tests.support.players import short_folder

PLAYS = State(Status.PLAYING, Item("/4", "file:///a.mp4", length=8.0))


class Hand:
    """A source that sees what it is given: States, Attachments."""

    kind = "mpris"

    def __init__(self) -> None:
        self.attachment = Attachment(problem="nothing yet")
        self.obeyed: list[wire.Command] = []
        self._observer = Observer()

    @property
    def token(self) -> int:
        return self._observer.token

    @property
    def position(self) -> float | None:
        return self._observer.position

    def take(self, heard: object, now: float) -> list[Told]:
        if isinstance(heard, State):
            return self._observer.see(heard, now)
        assert isinstance(heard, Attachment)
        self.attachment = heard
        return []

    def work(self, now: float) -> list[Told]:
        return []

    def due(self, now: float) -> float | None:
        return None

    def obey(self, command: wire.Command) -> None:
        self.obeyed.append(command)


@contextmanager
def working(environment: dict[str, str] | None = None) -> Iterator[tuple[Line, Hand, "SimpleQueue[object]"]]:
    """A host at work, and its agent."""
    inbox: SimpleQueue[object] = SimpleQueue()
    with short_folder() as folder:
        agent, hand = Line(folder / "player.sock"), Hand()
        host = Host(AttachArguments(agent.path, "mpris", None, "", None), hand, inbox, environment or {})
        thread = threading.Thread(target=host.work)
        thread.start()
        try:
            yield agent, hand, inbox
        finally:
            host.leave()
            thread.join(PATIENCE_S)
            agent.close()
            assert not thread.is_alive()


def test_what_the_source_finds_is_said_on_the_line() -> None:
    """The agent hears of a player that is not ours as of its own."""
    with working() as (agent, _, inbox):
        hello = agent.meet()
        assert (os.getpid(), 0, "VLC over MPRIS") == (hello.pid, hello.medium, hello.libvlc)
        assert "nothing yet" == agent.hear(wire.Attached).problem
        inbox.put(Attachment("vlc", ("vlc.instance7",)))
        attached = agent.hear(wire.Attached)
        assert ("mpris", "vlc", ("vlc.instance7",), None) == (
            attached.source,
            attached.name,
            attached.others,
            attached.problem,
        )
        inbox.put(PLAYS)
        assert "file:///a.mp4" == agent.hear_signal(wire.MediumFound).uri
        assert (1, 1) == (agent.said[0].number, agent.said[0].medium)
        agent.hear_signal(signals.Playing)
        assert 1 == agent.hear(wire.Beat).medium


def test_what_was_not_acknowledged_is_said_again_on_the_next_line() -> None:
    """The agent is upgraded in mid-play; the picture is not ours to stop."""
    with working() as (agent, _, inbox):
        first = agent.meet()
        inbox.put(PLAYS)
        agent.hear_signal(signals.Opening)
        agent.say(wire.Acknowledge(agent.said[-1].number))
        agent.hang_up()
        inbox.put(State(Status.PAUSED, PLAYS.item))
        again = agent.meet(acknowledged=2)
        assert (first.run, 1) == (again.run, again.medium)
        assert [signals.LengthChanged, signals.Playing, signals.Paused] == [
            type(agent.hear(wire.Said).signal) for _ in range(3)
        ]
        assert agent.hear(wire.Attached), "said on each line"


def test_commands_are_passed_on() -> None:
    """What an operator orders."""
    with working() as (agent, hand, _):
        agent.meet()
        for command in (wire.Pause(), wire.Seek(2.0), wire.Skip()):
            agent.say(command)
        wait_until(lambda: len(hand.obeyed) == 3)
        assert [wire.Pause(), wire.Seek(2.0), wire.Skip()] == hand.obeyed


def test_whoever_starts_it_by_hand_reads_that_the_agent_is_not_there_and_that_it_comes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing that was not asked for yet is told, and nothing twice."""
    told: list[str] = []

    def read(words: str) -> bool:
        told.extend(capsys.readouterr().err.splitlines())
        return any(words in line for line in told)

    with working() as (agent, _, inbox):
        agent.meet()
        wait_until(lambda: read("connected with kiosk-agent at"))
        inbox.put(Attachment("vlc"))
        wait_until(lambda: read("follows vlc"))
        agent.close()
        wait_until(lambda: read("does not listen at") or read("has no socket"))
    assert [] == [line for line in told if "nothing yet" in line]
    assert sorted(set(told)) == sorted(told)


@pytest.mark.parametrize("how", ["told to", "older than the agent"])
def test_host_ends_when_it_must(how: str) -> None:
    """Its unit brings another, of the version that an upgrade has put in its place."""
    inbox: SimpleQueue[object] = SimpleQueue()
    with short_folder() as folder:
        agent = Line(folder / "player.sock")
        host = Host(AttachArguments(agent.path, "mpris", None, "", None), Hand(), inbox, {})
        thread = threading.Thread(target=host.work)
        thread.start()
        agent.meet(protocol=wire.PROTOCOL + (how != "told to"))
        if how == "told to":
            agent.say(wire.Quit())
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
        agent.close()


def test_systemd_hears_what_it_follows_and_that_it_lives() -> None:
    """`systemctl status` is where somebody looks first; the watchdog's ping comes from the owner's loop."""
    with short_folder() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(folder / "notify"))
        systemd.settimeout(PATIENCE_S)
        environment = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "2000000"}
        with working(environment) as (_, _, inbox):
            inbox.put(Attachment("vlc", ("vlc.instance7",)))
            heard: set[str] = set()
            expected = {"READY=1", "WATCHDOG=1", "STATUS=follows vlc (there, and not followed: vlc.instance7)"}
            while not expected <= heard:
                # Whether the agent is there already depends on who is quicker.
                heard.add(systemd.recv(4096).decode().partition(";")[0])


def test_each_source_is_made_as_it_was_asked_for() -> None:
    """`--source`."""
    inbox: SimpleQueue[object] = SimpleQueue()
    kinds = [
        source_of(AttachArguments(Path("/s"), kind, None, "http://127.0.0.1:1", None), inbox, {})[0].kind
        for kind in ("mpris", "http")
    ]
    assert ["mpris", "http"] == kinds
