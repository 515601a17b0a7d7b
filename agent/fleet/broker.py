"""The broker, as an operator's command uses it.

Contract: `BrokerDesk` is a `Desk` over one connection of agent.remote.connection, stepped by the thread that calls it.
`connect` raises `UnreachableError` with the reason and its remedy.
Rules: the connection is clean: the broker keeps nothing for an operator who has gone. MQTT 5 is spoken, 3.1.1 where the
broker knows no better. A lost connection is not made anew: what a command has read before may be wrong by then.
Reasons: edge.md section 5.
"""

import select
import time
from collections import deque
from collections.abc import Sequence
from typing import Final, assert_never

from agent.config.remote import Protocol
from agent.config.secrets import SecretError, read_secret
from agent.fleet.desk import DeniedError, UnreachableError
from agent.remote.connection import Connection
from agent.remote.dial import Dial
from agent.remote.failures import Failure
from agent.remote.letters import Arrived, Declined, Offline, Online
from agent.remote.line import Outgoing, Terms
from agent.remote.settings import BrokerSettings

# An acknowledgement that takes longer than this is none: the line is as good as dead.
ANSWER_S: Final = 30.0
# How often the connection is given the chance to keep itself alive.
_TICK_S: Final = 1.0


class BrokerDesk:
    """See the module."""

    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings
        self._arrived: deque[Arrived] = deque()
        self._declined: list[Declined] = []
        self._topics: tuple[str, ...] = ()
        self._connection = self._connected()

    @property
    def protocol(self) -> str:
        """Which MQTT was agreed: "5" or "3.1.1"."""
        return self._connection.protocol.value

    def close(self) -> None:
        """Say farewell, having sent what waits."""
        self._connection.disconnect()

    def subscribe(self, topics: Sequence[str]) -> None:
        # Away first, so that what is retained comes again where a topic was subscribed to before.
        self._connection.subscribe(())
        self._connection.subscribe(topics)
        self._topics = tuple(topics)
        self._arrived.clear()

    def publish(self, *messages: Outgoing) -> None:
        for message in messages:
            until = self.now() + ANSWER_S
            while not self._connection.has_room:
                self._step(until, "take what was published")
            self._connection.publish(message)
        until = self.now() + ANSWER_S
        while self._connection.under_way:
            self._step(until, f"acknowledge what was published on {messages[-1].topic}")
        self._complain({message.topic for message in messages}, "publish on")

    def receive(self, timeout: float) -> Arrived | None:
        until = self.now() + timeout
        while not self._arrived:
            self._complain(set(self._topics), "read")
            if self.now() >= until:
                return None
            self._turn(until)
        return self._arrived.popleft()

    def now(self) -> float:
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def wall(self) -> float:
        return time.time()

    def _connected(self) -> Connection:
        protocol = Protocol.V5 if self._settings.protocol is Protocol.AUTO else self._settings.protocol
        while True:
            self._connection = self._greeted(protocol)
            failure = self._welcome()
            if failure is None:
                return self._connection
            if self._settings.protocol is Protocol.V311 or protocol is Protocol.V311 or not failure.is_old_protocol:
                raise UnreachableError(_words(failure))
            protocol = Protocol.V311

    def _greeted(self, protocol: Protocol) -> Connection:
        try:
            password = None if self._settings.password_file is None else read_secret(self._settings.password_file)
        except SecretError as error:
            raise UnreachableError(f"password_file: {self._settings.password_file} {error}") from None
        way = Dial(self._settings).run()
        if isinstance(way, Failure):
            raise UnreachableError(_words(way))
        return Connection(
            self._settings,
            Terms(will=None),
            run=1,
            transport=way,
            protocol=protocol,
            password=password,
            now=self.now(),
            clean=True,
            keeps=False,
        )

    def _welcome(self) -> Failure | None:
        """Wait until the broker has let us in; why it has not."""
        while not self._connection.is_online and self._connection.failure is None:
            self._look(self.now() + _TICK_S)
        return self._connection.failure

    def _step(self, until: float, what: str) -> None:
        """One turn of the connection while the broker has time to do `what`."""
        if self.now() >= until:
            raise UnreachableError(f"{self._settings.place} did not {what} within {ANSWER_S:g} s.")
        self._turn(until)

    def _turn(self, until: float) -> None:
        self._look(until)
        if self._connection.failure is not None:
            raise UnreachableError(_words(self._connection.failure))

    def _complain(self, topics: set[str], deed: str) -> None:
        """DeniedError where the broker did not let us do it on one of `topics`."""
        for declined in self._declined:
            if declined.what in topics:
                self._declined.clear()
                why = declined.text.partition(":")[0]
                raise DeniedError(
                    f"The broker does not let this operator {deed} {declined.what} ({why}). "
                    "What operators may do stands in the broker's ACL, as in config/mosquitto/operators.acl."
                )

    def _look(self, until: float) -> None:
        """Wait for the network, at most until `until`, and take what came."""
        connection = self._connection
        if not connection.is_eager and connection.fileno() >= 0:
            poller = select.poll()  # select() fails above descriptor 1,023
            poller.register(connection, select.POLLIN | (select.POLLOUT if connection.wants_write else 0))
            poller.poll(max(0.0, min(until - self.now(), _TICK_S)) * 1000)
        now = self.now()
        connection.readable(now)
        if connection.wants_write:
            connection.writable()
        connection.tick(now)
        for letter in connection.take():
            match letter:
                case Arrived():
                    self._arrived.append(letter)
                case Declined():
                    self._declined.append(letter)
                case Online() | Offline():
                    pass  # `is_online` and `failure` say the same
                case _:
                    assert_never(letter)


def _words(failure: Failure) -> str:
    """The failure as an operator reads it: the names of the settings are the same, their table has no name here."""
    text = failure.text.replace("remote.", "").replace("this device's id", "this client id")
    text = text.replace("this device", "this operator").replace("the agent's user", "you")
    return f"{text[:1].upper()}{text[1:]}."
