"""A listening socket, its connections and their threads; it can leave its port and come back to it.

Contract: `Listener(host, port, serve, name)` listens at once; `serve(connection, address)` is called on a thread for
each connection. `leave` ends the open ones and refuses new ones until `back`; `close` ends everything.

Rules
- While away the port stays ours: a bound socket that does not listen refuses connections as a closed port does, and
  keeps the kernel from giving the number to somebody else (or, on loopback, to the very client that tries to connect).
- Every thread has a name and is joined. What `serve` raises, beside the errors of a broken connection, is kept and
  raised by `close`: a stand-in that breaks must fail the test.
"""

import contextlib
import socket
import threading
from collections.abc import Callable

_BACKLOG = 128
_JOIN_S = 5.0


class Listener:
    """One port. The methods are thread-safe."""

    def __init__(self, host: str, port: int, serve: Callable[[socket.socket, str], None], name: str) -> None:
        """Bind and listen; port 0 takes a free one. Raises OSError."""
        self._serve = serve
        self._name = name
        self._lock = threading.Lock()
        self._moving = threading.Lock()
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._failures: list[Exception] = []
        self._accepted = 0
        self._is_closed = False
        self._socket = _bound(host, port)
        self.host, self.port = host, self._socket.getsockname()[1]
        self._acceptor = self._listen()

    def accepted(self) -> int:
        """How many connections were accepted so far."""
        with self._lock:
            return self._accepted

    def is_away(self) -> bool:
        """Whether connections are refused at present."""
        return not self._acceptor.is_alive()

    def leave(self) -> None:
        """Refuse connections, and end the open ones, until `back`."""
        with self._moving:
            if self.is_away():
                return
            with contextlib.suppress(OSError):  # wakes accept(); a plain close would leave it listening
                self._socket.shutdown(socket.SHUT_RDWR)
            self._acceptor.join(_JOIN_S)
            self._socket.close()
            self._socket = _bound(self.host, self.port)
            self._drop()

    def back(self) -> None:
        """Listen again on the same port."""
        with self._moving:
            if self.is_away() and not self._is_closed:
                self._acceptor = self._listen()

    def close(self) -> None:
        """Leave for good. Raises what a connection's thread raised, if one did."""
        self._is_closed = True
        self.leave()
        self._socket.close()
        if self._failures:
            raise self._failures[0]

    def _drop(self) -> None:
        """End the open connections and wait for their threads; the acceptor has ended, so there are no new ones."""
        with self._lock:
            connections = dict(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections.values():
            thread.join(_JOIN_S)

    def _listen(self) -> threading.Thread:
        self._socket.listen(_BACKLOG)
        acceptor = threading.Thread(target=self._accept, args=(self._socket,), name=f"{self._name} accept", daemon=True)
        acceptor.start()
        return acceptor

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, (address, *_) = listening.accept()
            except OSError:
                return  # we left
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
            thread = threading.Thread(
                target=self._run, args=(connection, address), name=f"{self._name} connection", daemon=True
            )
            with self._lock:
                self._accepted += 1
                self._connections[connection] = thread
            thread.start()

    def _run(self, connection: socket.socket, address: str) -> None:
        try:
            self._serve(connection, address)
        except OSError:
            pass  # the client went away, or we dropped it
        except Exception as failure:  # noqa: BLE001 - the one place where a thread's failure is caught, and it is kept
            with self._lock:
                self._failures.append(failure)
        finally:
            with self._lock:
                self._connections.pop(connection, None)
            connection.close()


def _bound(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, True)
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    return listening
