"""Keeps one player host alive that is a child of ours.

Contract: a `Keeper` that has hosts started, and starts another when one is gone. No libvlc here.
Rules: a host that dies, closes its line or is silent for too long is killed and another started after a backoff;
the loss is one report. A host that we have end is let go in good order and followed by the next at once: that is no
loss, it begins the pauses anew and ends one that is going on.
Reasons: decision 32; agent.player.keeper.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agent.player.hostoptions import HostOptions
from agent.player.keeper import Keeper, RestartRules
from agent.player.lifecycle import Lifecycle
from agent.player.link import Closed, Connection, Listener, Silence
from agent.player.reports import Report
from agent.player.wire import PROTOCOL, Hello

# From the start to the hello: libvlc without a plugin cache on a Pi's slow card, options tried one by one.
START_WITHIN_S = 60.0
# How often a start looks whether the host has ended already.
START_POLL_S = 0.1
# What waits in the socket's queue is there at once.
STALE_POLL_S = 0.001
# A host that lived this long was healthy: its loss begins the pauses anew.
HEALTHY_S = 10.0
QUIT_WITHIN_S = 1.0


class Supervisor(Keeper):
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
        super().__init__(Listener(socket_path), put=put, now=now, rules=rules)
        self._lifecycle = lifecycle
        # Set with either order: what the pause between two hosts waits for.
        self._disturbed = threading.Event()

    def run(self) -> None:
        """Have hosts started, one after the other, until `stop`."""
        in_a_row, careful = 0, False
        while not self._stopping.is_set():
            self.pulse.rest()
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
            self._tell_loss(reason, restart_in_s=self._rules.pause(in_a_row))
        self._listener.close()

    def _one_host(self, *, careful: bool) -> str:
        """The life of one host, from its start to why it ended. `status.ready` says whether it said hello."""
        self.pulse.beat(self._now())
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

    def _drop_stale(self) -> None:
        """Hang up on whoever dialled before this start: hosts that were killed since, each a false end of the next."""
        while (stale := self._listener.accept(STALE_POLL_S)) is not None:
            stale.close()

    def _await_host(self) -> tuple[Connection, Hello] | None:
        """The first connection that says hello; strangers are hung up on. None: no host will come."""
        deadline = self._now() + START_WITHIN_S
        while not self._is_disturbed and self._now() < deadline:
            self.pulse.beat(self._now())
            connection = self._listener.accept(START_POLL_S)
            if connection is not None:
                hello = self._await_hello(connection)
                if hello is not None:
                    return connection, hello
                connection.close()
            elif self._lifecycle.ended() is not None:
                return None
        return None

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
                    self._hear(connection, got)
        return "was told to end"

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
        """Have `run` end the line, with which the child ends, and return."""
        self._stopping.set()
        self._disturbed.set()
        self._cut()
