"""The agent's side of one player host: what it hears goes to the main loop, what is ordered goes to the host.

Contract: a `Keeper` serves one host at a time. `run` is one thread's work for the life of the process; `send` and
`acknowledge` are the main loop's, `restart` and `reconfigure` are for any thread; `stop` ends it all. Where hosts come
from, and how one ends, is the lifecycle: agent.player.supervisor's (a child) or agent.player.unit's (a service).
Rules: each signal of a run is reported once, however often it is said. Silence is counted only while reading, look by
look: when the mailbox makes the reader wait, the host's words wait in the socket (decision 31), and when the machine
slept, or we were stopped, that is no silence of the host. What this thread decides it logs.
Reasons: decision 32; vlc.md section 6 (a hang gives no end of file; only a heartbeat shows it).
"""

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from agent.kernel.liveness import Pulse
from agent.player.hostoptions import HostOptions
from agent.player.link import Closed, Connection, Listener, Silence
from agent.player.reports import Heard, HostLost, HostReady, Report
from agent.player.wire import PROTOCOL, Acknowledge, Attached, Command, Hello, Message, Pictures, Said, Welcome

log = structlog.get_logger()

# Silence is this many looks in vain. Each counts as its share, however late it was over: at most that share of a sleep
# is laid to the host's charge.
LOOKS = 10
# More doublings than any ceiling needs, and few enough for a float.
MOST_DOUBLINGS = 16
# A look takes 12 s at most (`hang_after_s`), a start from a dying card half a minute; the mailbox may wait, too.
ONE_LOOK_S = 120.0


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
    """For `status`. `losses`: hosts that died or hung; `refused`: options that libvlc does not know; `waits_for`: the
    service that has to bring a host, while there is none; `unheard`: signals that hosts gave up while nobody listened.
    `attached`: what a host of a player that is not ours said last of what it follows; `unfollowed_since` (boot-time s):
    since when it follows nothing, or is not there.
    """

    run: int = 0
    ready: bool = False
    pid: int | None = None
    libvlc: str | None = None
    refused: tuple[str, ...] = ()
    losses: int = 0
    last_loss: str | None = None
    bad_lines: int = 0
    waits_for: str | None = None
    unheard: int = 0
    attached: Attached | None = None
    unfollowed_since: float | None = None


class Keeper(ABC):
    """`put` may wait (back-pressure); `now` gives boot-time seconds.

    `pulse`: the life of the thread in `run`. `pictures`: what the host said last of what it shows.
    """

    def __init__(
        self, listener: Listener, *, put: Callable[[Report], None], now: Callable[[], float], rules: RestartRules
    ) -> None:
        self._listener = listener
        self._put = put
        self._now = now
        self._rules = rules
        self._stopping = threading.Event()
        self._ordered = threading.Event()
        self._connection: Connection | None = None
        self._heard_run = self._heard = self._acknowledged = 0
        self.status = PlayerStatus()
        self.pulse = Pulse("player-link", ONE_LOOK_S)
        self.pictures: Pictures | None = None

    @abstractmethod
    def run(self) -> None:
        """Serve hosts, one after the other, until `stop`."""

    @abstractmethod
    def restart(self) -> None:
        """Have the host end, and another come. Never waits."""

    @abstractmethod
    def reconfigure(self, options: HostOptions, rules: RestartRules) -> None:
        """Have the host end, and another come, watched by `rules`. Never waits."""

    def stop(self) -> None:
        """Have `run` end the line, with which a child ends, and return. A unit plays on."""
        self._stopping.set()
        self._cut()

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

    @property
    def _is_disturbed(self) -> bool:
        """Whether the present host has to end, whatever it does."""
        return self._stopping.is_set() or self._ordered.is_set()

    def _await_hello(self, connection: Connection) -> Hello | None:
        got = self._receive(connection)
        while got == []:
            got = self._receive(connection)
        return got[0] if isinstance(got, list) and isinstance(got[0], Hello) else None

    def _receive(self, connection: Connection) -> list[Message] | Silence | Closed:
        """What the host says next, or Silence once it has had its whole time to speak and did not."""
        for _ in range(LOOKS):
            self.pulse.beat(self._now())
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
        self.pictures = None
        self.status = replace(
            self.status, run=hello.run, ready=True, pid=hello.pid, libvlc=hello.libvlc, refused=hello.refused
        )
        log.info("player host ready", run=hello.run, pid=hello.pid, libvlc=hello.libvlc)
        if hello.refused:
            log.warning("libvlc refuses options, they are left out", options=" ".join(hello.refused))
        self._put(HostReady(self._now(), hello.run, hello.pid, hello.libvlc, hello.refused))

    def _hear(self, connection: Connection, messages: list[Message]) -> None:
        for message in messages:
            self._take(message)
        if connection.bad_lines != self.status.bad_lines:
            self.status = replace(self.status, bad_lines=connection.bad_lines)

    def _take(self, message: Message) -> None:
        match message:
            case Said(number, medium, signal):
                if number > self._heard:
                    self._heard = number
                    self._put(Heard(self._heard_run, number, medium, signal))
            case Pictures():
                self.pictures = message
            case _:
                return  # A heartbeat has done its work by coming.

    def _tell_loss(self, reason: str, **more: float) -> None:
        losses = self.status.losses + 1
        self.status = replace(self.status, ready=False, pid=None, losses=losses, last_loss=reason)
        log.warning("player host lost", run=self.status.run, reason=reason, **more)
        self._put(HostLost(self._now(), self.status.run, reason))

    def _tell_order(self) -> None:
        self.status = replace(self.status, ready=False, pid=None)
        log.info("player host ended as told", run=self.status.run)
        self._put(HostLost(self._now(), self.status.run, "was told to end", commanded=True))

    def _cut(self) -> None:
        connection = self._connection
        if connection is not None:
            connection.cut()
