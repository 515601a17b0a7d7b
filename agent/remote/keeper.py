"""Keeps one connection to the broker: connects, steps it, waits and connects again.

Contract: everything here belongs to one thread, except `status`. `wait` waits for the network, `ear` or the next thing
that is due, `work` does what there is to do; between them the thread's orders are carried out. Nothing raises for what
a network or a broker does.
Rules: name service, TCP and TLS happen on a thread that nobody waits for (agent.remote.dial); `wake` is called there.
The password's file is read at each try. A message that nobody here has asked for, out of a session that the broker kept
from an earlier program, is acknowledged, counted and unsubscribed from. Messages of QoS 0, which no acknowledgement
holds back, are bounded by a rate. What the broker gives before it has answered all subscriptions is held until
`Online` is put. An orderly end takes `FAREWELL_S` at most, and nothing without a connection (house rule 9).
"""

import socket
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, assert_never

from agent.config.secrets import SecretError, read_secret
from agent.kernel.instants import Instant
from agent.remote.connection import Connection
from agent.remote.dial import Dial
from agent.remote.failures import Failure
from agent.remote.letters import Arrived, Declined, Letter, Offline, Online, Trouble
from agent.remote.line import LineStatus, Outgoing, Terms, TermsFor
from agent.remote.mqtt import matches
from agent.remote.rate import Allowance
from agent.remote.reconnect import Reconnect
from agent.remote.settings import BrokerSettings
from agent.remote.transport import Transport
from agent.remote.waiting import Waiting
from agent.remote.watch import READ, WRITE, Watch

FAREWELL_S: Final = 1.0
"""Half of what a stop may take in all."""

_TICK_S: Final = 1.0
_UNASKED: Final = "unasked"
_TOO_MANY: Final = "too-many"


class Keeper:
    """`ear`: becomes readable when another thread wants `step` to return; `wake` makes it so. `moment`: for `Dial`."""

    def __init__(
        self,
        settings: BrokerSettings,
        terms: TermsFor,
        *,
        put: Callable[[Letter], None],
        now: Callable[[], float],
        chance: Callable[[], float],
        waiting: Waiting,
        ear: socket.socket,
        wake: Callable[[], None],
        moment: Callable[[], Instant] | None = None,
    ) -> None:
        self._settings = settings
        self._moment = moment
        self._terms_for = terms
        self._put = put
        self._now = now
        self._chance = chance
        self._waiting = waiting
        self._watch = Watch(ear)
        self._wake = wake
        self._reconnect = Reconnect(settings.protocol)
        self._since = self._stepped_at = now()
        self._retry_at = self._since + self._reconnect.first(chance())
        self._failure: Failure | None = Failure(Trouble.UNREACHABLE, "not yet tried")
        self._run = 0
        self._connects = 0
        self._heard_at: float | None = None
        self._ordered: Sequence[str] | None = None
        self._topics: Sequence[str] = ()
        self._dial: Dial | None = None
        self._connection: Connection | None = None
        self._held: list[Arrived] = []
        self._allowance = Allowance()
        self._unheard: Counter[str] = Counter({_UNASKED: 0, _TOO_MANY: 0})
        self._farewell_until: float | None = None
        self.is_over = False

    @property
    def status(self) -> LineStatus:
        """How it stands; from any thread, so a moment's mixture at worst."""
        failure = self._failure
        return LineStatus(
            online=failure is None,
            trouble=None if failure is None else failure.trouble,
            text=None if failure is None else failure.text,
            since=self._since,
            protocol=self._reconnect.protocol.value,
            connects=self._connects,
            tries=self._run,
            retry_at=None if failure is None else self._retry_at,
            heard_at=self._heard_at,
            stepped_at=self._stepped_at,
            dropped={**self._waiting.dropped, **self._unheard},
        )

    def acknowledge(self, run: int, mid: int, qos: int) -> None:
        if self._connection is not None and self._connection.run == run:
            self._connection.acknowledge(mid, qos)

    def subscribe(self, topics: Sequence[str]) -> None:
        self._ordered = self._topics = topics
        if self._connection is not None:
            self._connection.subscribe(topics)

    def reconfigure(self, settings: BrokerSettings) -> None:
        """New settings get a new connection; a fleet that is told so at once must not come at once."""
        if settings == self._settings:
            return
        if self._dial is not None:
            self._dial.give_up()
            self._dial = None
        self._settings = settings
        self._reconnect = Reconnect(settings.protocol)
        if self._connection is not None:
            self._connection.close()
            self._drop(self._connection)
        failure = Failure(Trouble.LOST, "the broker's settings have changed")
        self._wait(failure, self._now(), self._reconnect.first(self._chance()))

    def hurry(self) -> None:
        """Try soon, and not in step with the rest of a fleet that heard it too."""
        self._retry_at = min(self._retry_at, self._now() + self._reconnect.first(self._chance()))

    def stop(self, farewell: Outgoing | None) -> None:
        """Say farewell where there is a connection; over soon, or at once."""
        if self._failure is not None:
            self.is_over = True
            return
        if farewell is not None:
            self._waiting.put(farewell)
        self._farewell_until = self._now() + FAREWELL_S

    def release(self) -> None:
        """Give everything back; what is still connected ends without a farewell."""
        if self._dial is not None:
            self._dial.give_up()
        if self._connection is not None:
            self._connection.close()
        self._watch.release()

    def wait(self) -> int:
        """Until something happens, or is due; what happened to the connection."""
        self._watch.follow(self._connection)
        return self._watch.wait(self._patience(self._now()))

    def work(self, events: int) -> None:
        """Do what there is to do."""
        now = self._stepped_at = self._now()
        if self.is_over:
            return
        if self._connection is not None:
            self._work(self._connection, events, now)
        elif self._dial is not None:
            self._greet(self._dial, now)
        elif now >= self._retry_at:
            self._try()

    def _patience(self, now: float) -> float | None:
        """How long there is nothing to do; None: until somebody calls."""
        if self.is_over:
            return 0.0
        if self._connection is not None:
            return 0.0 if self._connection.is_eager else _TICK_S
        return None if self._dial is not None else max(self._retry_at - now, 0.0)

    def _try(self) -> None:
        self._run += 1
        self._dial = Dial(self._settings, moment=self._moment)
        self._dial.start(self._wake)

    def _greet(self, dial: Dial, now: float) -> None:
        """What came of the dialling, if it has ended: greet, or wait."""
        answer = dial.answer
        if answer is None:
            return
        self._dial = None
        password = self._password()
        if isinstance(answer, Failure):
            self._fail(answer, now, stood_s=0.0)
        elif isinstance(password, Failure):
            answer.close()
            self._fail(password, now, stood_s=0.0)
        else:
            self._connect(answer, password, now)

    def _password(self) -> str | Failure | None:
        if self._settings.password_file is None:
            return None
        try:
            return read_secret(self._settings.password_file)
        except SecretError as error:
            text = f"the file of remote.password_file {error}: check the path and that the agent's user may read it"
            return Failure(Trouble.CREDENTIALS, text)

    def _connect(self, transport: Transport, password: str | None, now: float) -> None:
        terms = self._terms_for(self._run)
        self._topics = terms.topics if self._ordered is None else self._ordered
        self._connection = Connection(
            self._settings,
            Terms(terms.will, self._topics),
            run=self._run,
            transport=transport,
            protocol=self._reconnect.protocol,
            password=password,
            now=now,
        )

    def _work(self, connection: Connection, events: int, now: float) -> None:
        if events & WRITE:
            connection.writable()
        if events & READ or connection.is_eager:
            connection.readable(now)
        connection.tick(now)
        while connection.has_room and (message := self._waiting.take()) is not None:
            connection.publish(message)
        self._heard_at = connection.heard_at
        for letter in connection.take():
            self._hand_on(connection, letter, now)
        if connection.failure is not None:
            self._lose(connection, connection.failure, now)
        elif self._farewell_until is not None:
            self._take_leave(connection, now)

    def _hand_on(self, connection: Connection, letter: Letter, now: float) -> None:
        match letter:
            case Online():
                self._failure = None
                self._since = now
                self._connects += 1
                self._reconnect.succeeded()
                self._waiting.open()
                self._put(letter)
                for held in self._held:
                    self._put(held)
                self._held.clear()
            case Arrived():
                self._arrive(connection, letter, now)
            case Declined() | Offline():
                self._put(letter)
            case _:
                assert_never(letter)

    def _arrive(self, connection: Connection, letter: Arrived, now: float) -> None:
        if not any(matches(topic, letter.topic) for topic in self._topics):
            self._unheard[_UNASKED] += 1
            connection.acknowledge(letter.mid, letter.qos)
            connection.unsubscribe([letter.topic])
        elif letter.qos == 0 and not self._allowance.passes(now):
            self._unheard[_TOO_MANY] += 1
        elif self._failure is None:
            self._put(letter)
        else:
            self._held.append(letter)

    def _take_leave(self, connection: Connection, now: float) -> None:
        """End it when everything is said, or time is up."""
        assert self._farewell_until is not None
        is_said = not self._waiting and not connection.under_way and not connection.wants_write
        if is_said:
            connection.disconnect()
        self.is_over = is_said or now >= self._farewell_until

    def _lose(self, connection: Connection, failure: Failure, now: float) -> None:
        """The connection has ended."""
        stood_s = now - self._since if self._failure is None else 0.0
        self._drop(connection)
        self._fail(failure, now, stood_s=stood_s)
        self.is_over = self.is_over or self._farewell_until is not None

    def _drop(self, connection: Connection) -> None:
        self._connection = None
        self._watch.follow(None)
        self._held.clear()
        self._waiting.lose(connection.under_way.values())

    def _fail(self, failure: Failure, now: float, *, stood_s: float) -> None:
        self._wait(failure, now, self._reconnect.failed(failure, stood_s=stood_s, chance=self._chance()))

    def _wait(self, failure: Failure, now: float, seconds: float) -> None:
        """Tell that there is no connection, and try again after `seconds`."""
        if self._failure is None:
            self._since = now
        self._failure = failure
        self._retry_at = now + seconds
        self._put(Offline(self._run, failure.trouble, failure.text, seconds))
