"""Keeps one player host alive and brings what it says to the main loop.

Contract: `run` is one thread's work for the life of the process: it has a host started, reads its line and puts
reports; `send` and `acknowledge` are the main loop's, `restart` and `reconfigure` are for any thread; `stop` ends it
all. No libvlc here.
Rules: a host that dies, closes its line or is silent for too long is killed and another started after a backoff;
the loss is one report. Silence is counted only while reading, look by look: when the mailbox makes the reader wait, the
host's words wait in the socket (decision 31), and when the machine slept, or we were stopped, that is no silence of the
host. What this thread decides it logs. A host that we have end is let go in good order and followed by the next at
once: that is no loss, it begins the pauses anew and ends one that is going on.
Reasons: decision 32; vlc.md section 6 (a hang gives no end of file; only a heartbeat shows it).
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from agent.player.hostoptions import HostOptions
from agent.player.lifecycle import Lifecycle
from agent.player.link import Closed, Connection, Listener, Silence
from agent.player.reports import Heard, HostLost, HostReady, Report
from agent.player.wire import PROTOCOL, Acknowledge, Command, Hello, Message, Said, Welcome

log = structlog.get_logger()

# From the start to the hello: libvlc without a plugin cache on a Pi's slow card, options tried one by one.
START_WITHIN_S = 60.0
# How often a start looks whether the host has ended already.
START_POLL_S = 0.1
# Silence is this many looks in vain. Each counts as its share, however late it was over: at most that share of a sleep
# is laid to the host's charge.
LOOKS = 10
# What waits in the socket's queue is there at once.
STALE_POLL_S = 0.001
# More doublings than any ceiling needs, and few enough for a float.
MOST_DOUBLINGS = 16
# A host that lived this long was healthy: its loss begins the pauses anew.
HEALTHY_S = 10.0
QUIT_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class RestartRules:
    """Seconds. `silence`: a host that says nothing for so long hangs (a heartbeat comes every 0.5 s, and libvlc's
    longest healthy call took 25 ms). `first`: the pause before the first restart, doubled for each further loss in a
    row up to `longest`."""

    silence: float = 3.0
    first: float = 1.0
    longest: float = 60.0

    def pause(self, losses: int) -> float:
        """How long to wait after the `losses`-th loss in a row; nothing before the first start."""
        return min(self.longest, self.first * 2.0 ** min(losses - 1, MOST_DOUBLINGS)) if losses else 0.0


@dataclass(frozen=True, slots=True)
class PlayerStatus:
    """For `status`. `losses`: hosts that died or hung; `refused`: options that libvlc does not know."""

    run: int = 0
    ready: bool = False
    pid: int | None = None
    libvlc: str | None = None
    refused: tuple[str, ...] = ()
    losses: int = 0
    last_loss: str | None = None
    bad_lines: int = 0


class Supervisor:
    """`put` may wait (back-pressure); `now` gives boot-time seconds. Raises LinkPathError for an unusable path."""

    def __init__(
        self,
        lifecycle: Lifecycle,
        socket_path: Path,
        *,
        put: Callable[[Report], None],
        now: Callable[[], float],
        rules: RestartRules,
    ) -> None:
        self._lifecycle = lifecycle
        self._listener = Listener(socket_path)
        self._put = put
        self._now = now
        self._rules = rules
        self._stopping = threading.Event()
        self._ordered = threading.Event()
        # Set with either: what the pause between two hosts waits for.
        self._disturbed = threading.Event()
        self._connection: Connection | None = None
        self._heard_run = self._heard = self._acknowledged = 0
        self.status = PlayerStatus()

    def run(self) -> None:
        """Have hosts started, one after the other, until `stop`."""
        in_a_row, careful = 0, False
        while not self._stopping.is_set():
            if self._disturbed.wait(self._rules.pause(in_a_row)):
                in_a_row, careful = 0, False
                if self._stopping.is_set():
                    break
            self._disturbed.clear()
            self._ordered.clear()
            began = self._now()
            reason = self._one_host(careful=careful)
            if self._stopping.is_set():
                break
            if self._ordered.is_set():
                self._tell_order()
                continue
            careful = not self.status.ready
            in_a_row = 1 if not careful and self._now() - began >= HEALTHY_S else in_a_row + 1
            self._tell_loss(reason, pause=self._rules.pause(in_a_row))
        self._listener.close()

    def _one_host(self, *, careful: bool) -> str:
        """The life of one host, from its start to why it ended. `status.ready` says whether it said hello."""
        run = self.status.run + 1
        self.status = replace(self.status, run=run, ready=False, pid=None)
        self._drop_stale()
        self._lifecycle.start(run, careful=careful, without=self.status.refused)
        connection = None
        try:
            found = self._await_host()
            if found is None:
                return self._lifecycle.ended() or "said no hello"
            connection, hello = found
            if hello.protocol != PROTOCOL:
                return f"speaks protocol {hello.protocol}, not {PROTOCOL}"
            self._welcome(connection, hello)
            return self._listen(connection)
        finally:
            self._connection = None
            if connection is not None:
                connection.close()
            if self._is_disturbed:
                self._lifecycle.wait(QUIT_WITHIN_S)
            self._lifecycle.kill()

    @property
    def _is_disturbed(self) -> bool:
        """Whether the present host has to end, whatever it does."""
        return self._stopping.is_set() or self._ordered.is_set()

    def _drop_stale(self) -> None:
        """Hang up on whoever dialled before this start: hosts that were killed since, each a false end of the next."""
        while (stale := self._listener.accept(STALE_POLL_S)) is not None:
            stale.close()

    def _await_host(self) -> tuple[Connection, Hello] | None:
        """The first connection that says hello; strangers are hung up on. None: no host will come."""
        deadline = self._now() + START_WITHIN_S
        while not self._is_disturbed and self._now() < deadline:
            connection = self._listener.accept(START_POLL_S)
            if connection is not None:
                hello = self._await_hello(connection)
                if hello is not None:
                    return connection, hello
                connection.close()
            elif self._lifecycle.ended() is not None:
                return None
        return None

    def _await_hello(self, connection: Connection) -> Hello | None:
        got = self._receive(connection)
        while got == []:
            got = self._receive(connection)
        return got[0] if isinstance(got, list) and isinstance(got[0], Hello) else None

    def _receive(self, connection: Connection) -> list[Message] | Silence | Closed:
        """What the host says next, or Silence once it has had its whole time to speak and did not."""
        for _ in range(LOOKS):
            got = connection.receive(self._rules.silence / LOOKS)
            if not isinstance(got, Silence):
                return got
        return Silence()

    def _welcome(self, connection: Connection, hello: Hello) -> None:
        """Take the host in: a run that we know goes on after what we acknowledged, another begins with nothing."""
        if hello.run != self._heard_run:
            self._heard_run, self._heard, self._acknowledged = hello.run, 0, 0
        connection.send(Welcome(PROTOCOL, self._acknowledged))
        self._connection = connection
        self.status = replace(
            self.status, run=hello.run, ready=True, pid=hello.pid, libvlc=hello.libvlc, refused=hello.refused
        )
        log.info("player host ready", run=hello.run, pid=hello.pid, libvlc=hello.libvlc)
        if hello.refused:
            log.warning("libvlc refuses options, they are left out", options=" ".join(hello.refused))
        self._put(HostReady(self._now(), hello.run, hello.pid, hello.libvlc, hello.refused))

    def _listen(self, connection: Connection) -> str:
        """Read until the host is gone; why it is."""
        while not self._is_disturbed:
            got = self._receive(connection)
            match got:
                case Silence():
                    return f"silent for {self._rules.silence:g} s"
                case Closed():
                    self._lifecycle.wait(QUIT_WITHIN_S)
                    return self._lifecycle.ended() or "closed its line"
                case _:
                    for message in got:
                        self._take(message)
                    if connection.bad_lines != self.status.bad_lines:
                        self.status = replace(self.status, bad_lines=connection.bad_lines)
        return "was told to end"

    def _take(self, message: Message) -> None:
        match message:
            case Said(number, medium, signal):
                if number > self._heard:
                    self._heard = number
                    self._put(Heard(self._heard_run, number, medium, signal))
            case _:
                return  # A heartbeat has done its work by coming.

    def _tell_loss(self, reason: str, *, pause: float) -> None:
        losses = self.status.losses + 1
        self.status = replace(self.status, ready=False, pid=None, losses=losses, last_loss=reason)
        log.warning("player host lost", run=self.status.run, reason=reason, restart_in_s=pause)
        self._put(HostLost(self._now(), self.status.run, reason))

    def _tell_order(self) -> None:
        self.status = replace(self.status, ready=False, pid=None)
        log.info("player host ended as told", run=self.status.run)
        self._put(HostLost(self._now(), self.status.run, "was told to end", commanded=True))

    def send(self, command: Command) -> bool:
        """Tell the host; False where there is none (its loss is or will be reported). Never waits."""
        connection = self._connection
        return connection is not None and connection.send(command)

    def acknowledge(self, run: int, number: int) -> None:
        """All reports up to `number` of run `run` are durable. To be called after a commit, not for every report."""
        connection = self._connection
        if run == self._heard_run and number > self._acknowledged and connection is not None:
            self._acknowledged = number
            connection.send(Acknowledge(number))

    def reconfigure(self, options: HostOptions, rules: RestartRules) -> None:
        """Have the host end, and another start at once with `options`, watched by `rules`. Never waits."""
        self._lifecycle.configure(options)
        self._rules = rules
        self.restart()

    def restart(self) -> None:
        """Have the host end, and another start at once. Never waits."""
        self._ordered.set()
        self._disturbed.set()
        self._cut()

    def stop(self) -> None:
        """Have `run` end the line, with which a child ends, and return. A unit plays on."""
        self._stopping.set()
        self._disturbed.set()
        self._cut()

    def _cut(self) -> None:
        connection = self._connection
        if connection is not None:
            connection.cut()
