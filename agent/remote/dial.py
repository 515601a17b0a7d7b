"""The way to the broker, up to where MQTT begins: name, TCP, TLS, websocket.

Contract: `Dial.run` blocks, for at most `DIAL_S` and what the name service takes, and answers a `Transport` or why
there is none; it raises nothing that a network, a broker or a setting can cause. `Dial.start` runs it on a thread of
its own and calls `done` there; `answer` then gives what came out, and raises what escaped. `give_up`, from any thread:
nobody waits for the answer any more.
Rules: the thread ends by itself; what it connected after it was given up is closed. Nobody ever waits for it: a name
service that does not answer cannot be interrupted, and a stop must not wait for the network (house rule 9).
Reasons: edge.md section 4: a server that drips bytes holds whoever has a timeout for each of them only.
"""

import os
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable
from typing import Final

from agent.kernel.instants import Instant
from agent.remote.failures import Failure, dial_failure, not_encrypted, silent
from agent.remote.letters import Trouble
from agent.remote.settings import BrokerSettings
from agent.remote.tls import client_context
from agent.remote.transport import Transport
from agent.remote.websocket import Frames, Handshake, ProtocolError

CONNECT_S: Final = 10.0
"""For each address of the host: a mobile line's first packet may take seconds."""

DIAL_S: Final = 30.0
"""For all of it: TLS by an elliptic curve takes a Pi Zero a second, the slowest line some more."""

_CHUNK_BYTES: Final = 4096
# A line that went dead without a word: probes after a minute, given up after four of them, beside MQTT's own.
_TCP_OPTIONS: Final = ((socket.TCP_KEEPIDLE, 60), (socket.TCP_KEEPINTVL, 15), (socket.TCP_KEEPCNT, 4))


class Dial:
    """One attempt."""

    def __init__(self, settings: BrokerSettings, *, moment: Callable[[], Instant] | None = None) -> None:
        """`moment`: the present one, to tell a wrong clock from a wrong certificate."""
        self._settings = settings
        self._moment = moment
        self._until = 0.0
        self._lock = threading.Lock()
        self._is_given_up = False
        self._answer: Transport | Failure | None = None
        self._escaped: BaseException | None = None

    def start(self, done: Callable[[], None]) -> None:
        """Run on a thread of its own; `done` is called there and must not fail."""
        threading.Thread(target=self._work, args=(done,), name="broker dial", daemon=True).start()

    def _work(self, done: Callable[[], None]) -> None:
        answer: Transport | Failure | None = None
        try:
            answer = self.run()
        except BaseException as error:  # noqa: BLE001  it comes out in `answer`, on the thread that has a crash path
            self._escaped = error
        with self._lock:
            if self._is_given_up and isinstance(answer, Transport):
                answer.close()
            self._answer = answer
        done()

    @property
    def answer(self) -> Transport | Failure | None:
        """None while it is under way."""
        if self._escaped is not None:
            raise self._escaped
        return self._answer

    def give_up(self) -> None:
        """Close what came out, or what is still to come."""
        with self._lock:
            self._is_given_up = True
            if isinstance(self._answer, Transport):
                self._answer.close()

    def run(self) -> Transport | Failure:
        """Connect."""
        settings = self._settings
        context = client_context(settings) if settings.is_encrypted else None
        if isinstance(context, Failure):
            return context
        self._until = time.monotonic() + DIAL_S
        try:
            connected = self._connected()
        except OSError as error:
            return self._failed(error)
        except UnicodeError:  # a name that cannot be encoded, as one with an empty part
            return Failure(Trouble.UNREACHABLE, f"the name {settings.host} is no name of a host: check remote.url")
        try:
            return self._prepared(connected, context)
        except ProtocolError as error:
            failure = Failure(Trouble.REFUSED, f"{settings.place}: {error}: check remote.url and its path")
        except TimeoutError:
            failure = silent(settings.place, DIAL_S)
        except OSError as error:
            is_reset = isinstance(error, ConnectionError) and context is not None
            failure = not_encrypted(settings.place) if is_reset else self._failed(error)
        connected.close()
        return failure

    def _failed(self, error: OSError) -> Failure:
        return dial_failure(error, self._settings.place, None if self._moment is None else self._moment())

    def _connected(self) -> socket.socket:
        """TCP, by the first of the host's addresses that answers."""
        last: OSError = TimeoutError()
        found = socket.getaddrinfo(self._settings.host, self._settings.port, type=socket.SOCK_STREAM)
        for family, kind, protocol, _, address in found:
            opened = socket.socket(family, kind, protocol)
            try:
                opened.settimeout(min(CONNECT_S, self._left()))
                opened.connect(address)
            except OSError as error:
                opened.close()
                last = error
                continue
            return opened
        raise last

    def _prepared(self, connected: socket.socket, context: ssl.SSLContext | None) -> Transport:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _TCP_OPTIONS:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)
        if context is not None:
            connected.settimeout(self._left())
            connected = context.wrap_socket(connected, server_hostname=self._settings.host)
        try:
            return self._spoken_to(connected)
        except BaseException:
            connected.close()
            raise

    def _spoken_to(self, connected: socket.socket) -> Transport:
        path = self._settings.websocket_path
        if path is None:
            connected.settimeout(0.0)
            return Transport(connected)
        handshake = Handshake(self._settings.place, path, key=secrets.token_bytes(16))
        connected.settimeout(self._left())
        connected.sendall(handshake.request)
        early = None
        while early is None:
            connected.settimeout(self._left())
            data = connected.recv(_CHUNK_BYTES)
            if not data:
                raise ProtocolError("it closed the connection when websockets were asked for")
            early = handshake.feed(data)
        connected.settimeout(0.0)
        return Transport(connected, frames=Frames(os.urandom), early=early)

    def _left(self) -> float:
        """Seconds. TimeoutError where there are none."""
        left = self._until - time.monotonic()
        if left <= 0 or self._is_given_up:
            raise TimeoutError
        return left
