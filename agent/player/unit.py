"""Serves a player host that is a service of its own: kiosk-player.service.

Contract: a `Keeper` that starts nothing and kills nothing: it waits until a host dials, for as long as that takes.
`taken`: of which run what was taken in last, by an earlier process of ours, so that the host goes on from there.
Rules: a host that is gone is a loss; that none is there is a state, and is told once. A host that we have end is asked
to, and its unit brings another. One that speaks another version is told ours and hung up on, which is told once; one
that is older ends by that, and its unit brings the version that an upgrade has put in its place. After a host's first
heartbeat it is reported that all has been heard that it said while nobody listened.
Reasons: decision 32 (the agent never restarts units: systemd does, and the host has a watchdog there).
"""

from collections.abc import Callable
from dataclasses import replace

import structlog

from agent.player.hostoptions import HostOptions
from agent.player.keeper import Keeper, RestartRules
from agent.player.link import Closed, Connection, Listener, Silence
from agent.player.reports import HostCaughtUp, Report
from agent.player.wire import PROTOCOL, Beat, Hello, Message, Quit, Welcome

log = structlog.get_logger()

SERVICE = "kiosk-player.service"
# How soon `stop` is heard while nobody dials: well within the two seconds that an end may take.
ACCEPT_POLL_S = 0.5


class Unit(Keeper):
    """`put` may wait (back-pressure); `now` gives boot-time seconds. `service`: what has to bring a host."""

    def __init__(
        self,
        listener: Listener,
        *,
        put: Callable[[Report], None],
        now: Callable[[], float],
        rules: RestartRules,
        taken: tuple[int, int] = (0, 0),
        service: str = SERVICE,
    ) -> None:
        super().__init__(listener, put=put, now=now, rules=rules)
        self._service = service
        self._heard_run, self._heard = taken
        self._acknowledged = self._heard
        self._refusal: str | None = None
        self._caught_up = False
        self._told_lost = 0

    def run(self) -> None:
        """Serve whoever dials, until `stop`."""
        while not self._stopping.is_set():
            self._tell_waiting()
            connection = self._accept()
            if connection is not None:
                self._serve(connection)
                self._connection = None
                connection.close()
        self._listener.close()

    def _tell_waiting(self) -> None:
        if self.status.waits_for is None:
            self.status = replace(self.status, waits_for=self._service)
            log.info(f"waiting for {self._service}", socket=str(self._listener.path))

    def _accept(self) -> Connection | None:
        while not self._stopping.is_set():
            self.pulse.beat(self._now())
            connection = self._listener.accept(ACCEPT_POLL_S)
            if connection is not None:
                return connection
        return None

    def _serve(self, connection: Connection) -> None:
        """The line of one host, up to its end; whoever is none is hung up on."""
        hello = self._await_hello(connection)
        if hello is None:
            return
        if hello.protocol != PROTOCOL:
            self._refuse(connection, hello)
            return
        self._ordered.clear()
        self._refusal, self._caught_up = None, False
        self.status = replace(self.status, waits_for=None, unheard=self._unheard(hello))
        self._welcome(connection, hello)
        reason = self._listen(connection)
        if self._stopping.is_set():
            return
        if self._ordered.is_set():
            self._tell_order()
        else:
            self._tell_loss(reason)

    def _unheard(self, hello: Hello) -> int:
        """How many signals are missing in all; a run tells the sum of its own each time."""
        if hello.lost:
            log.warning("player host gave up signals that nobody heard", run=hello.run, signals=hello.lost)
        before = 0 if hello.run != self._heard_run else self._told_lost
        self._told_lost = hello.lost
        return self.status.unheard + hello.lost - before

    def _refuse(self, connection: Connection, hello: Hello) -> None:
        reason = f"speaks protocol {hello.protocol}, not {PROTOCOL}"
        connection.send(Welcome(PROTOCOL, 0))
        if reason != self._refusal:
            self._refusal = reason
            self.status = replace(self.status, last_loss=reason)
            log.warning("player host refused", pid=hello.pid, reason=reason)

    def _listen(self, connection: Connection) -> str:
        """Read until the host is gone; why it is."""
        while not self._stopping.is_set():
            got = self._receive(connection)
            match got:
                case Silence():
                    return f"silent for {self._rules.silence:g} s"
                case Closed():
                    return "closed its line"
                case _:
                    self._hear(connection, got)
        return "was left"

    def _take(self, message: Message) -> None:
        if isinstance(message, Beat) and not self._caught_up:
            self._caught_up = True
            self._put(HostCaughtUp(self._now(), self._heard_run, message.medium))
        super()._take(message)

    def reconfigure(self, options: HostOptions, rules: RestartRules) -> None:
        """Have the host end, so that all of a change is seen at once; its `options` are its own unit's."""
        self._rules = rules
        self.restart()

    def restart(self) -> None:
        """Ask the host to end; its unit brings another. Never waits; nothing to do where there is none."""
        connection = self._connection
        if connection is not None:
            self._ordered.set()
            connection.send(Quit())
