"""The thread that keeps the broker's connection, as the main loop sees it.

Contract: `run` is a thread's body; what escapes from it ends the process, so it cannot die unseen. Everything else may
be called from the main loop at any time and never waits. What the broker says is `put`, one letter each: `Online`
first, then what arrives on that connection.
Rules: what is asked for travels as an order to the thread (agent.remote.keeper), and a byte wakes it.
Reasons: edge.md section 5; house rules 6 to 9.
"""

import socket
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

from agent.kernel.instants import Instant
from agent.remote.keeper import Keeper
from agent.remote.letters import Letter
from agent.remote.line import LineStatus, Outgoing, TermsFor
from agent.remote.settings import BrokerSettings
from agent.remote.waiting import Waiting


class BrokerLine:
    """`put` must not raise. `now()`: boot-time seconds; `chance()`: from 0 up to, but not including, 1.

    `moment()`: the present one with all that is known of the clock, to tell a wrong clock from a wrong certificate.
    """

    def __init__(
        self,
        settings: BrokerSettings,
        terms: TermsFor,
        *,
        put: Callable[[Letter], None],
        now: Callable[[], float],
        chance: Callable[[], float],
        moment: Callable[[], Instant] | None = None,
    ) -> None:
        self._orders: deque[Callable[[], None]] = deque()
        self._waiting = Waiting()
        self._ear, self._bell = socket.socketpair()
        for each in (self._ear, self._bell):
            each.setblocking(False)
        self._keeper = Keeper(
            settings,
            terms,
            put=put,
            now=now,
            chance=chance,
            waiting=self._waiting,
            ear=self._ear,
            wake=self._wake,
            moment=moment,
        )

    def run(self) -> None:
        """Keep the connection until `stop`."""
        keeper = self._keeper
        try:
            while not keeper.is_over:
                events = keeper.wait()
                while self._orders:
                    self._orders.popleft()()
                keeper.work(events)
        finally:
            keeper.release()
            self._ear.close()
            self._bell.close()

    def publish(self, message: Outgoing) -> None:
        """Publish it soon; without a connection it is dropped, and counted unless it is retained."""
        self._waiting.put(message)
        self._wake()

    def acknowledge(self, run: int, mid: int, qos: int) -> None:
        """The message was taken in; of an earlier run nothing happens."""
        self._order(lambda: self._keeper.acknowledge(run, mid, qos))

    def subscribe(self, topics: Sequence[str]) -> None:
        """From now on exactly these, whatever the terms say."""
        wanted = tuple(topics)
        self._order(lambda: self._keeper.subscribe(wanted))

    def reconfigure(self, settings: BrokerSettings) -> None:
        """Leave the connection, with the last will published, and connect with `settings`."""
        self._order(lambda: self._keeper.reconfigure(settings))

    def hurry(self) -> None:
        """Have the next try soon, where there is no connection: something else shows that there is a network."""
        self._order(self._keeper.hurry)

    def stop(self, farewell: Outgoing | None = None) -> None:
        """Publish `farewell`, where there is a connection, and let `run` end."""
        self._order(lambda: self._keeper.stop(farewell))

    @property
    def status(self) -> LineStatus:
        """How it stands, from any thread."""
        return self._keeper.status

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        self._wake()

    def _wake(self) -> None:
        with suppress(OSError):  # full: it is about to wake anyway; closed: it has ended
            self._bell.send(b"\0")
