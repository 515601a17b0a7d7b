"""A server of bare sockets, for what a well-behaved server never does; and certificates for it."""

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\ntrue"

Behaviour = Callable[[socket.socket], None]


def read_request(connection: socket.socket) -> bytes:
    """One request with its body; empty when the other side has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(4096)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(4096)
    return head + b"\r\n\r\n" + body


class RawServer:
    """Gives each connection to `behaviour`, on a thread of its own; counts and keeps what was read."""

    def __init__(self, behaviour: Behaviour, *, tls: ssl.SSLContext | None = None) -> None:
        self._behaviour = behaviour
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/collect"
        self.connections = 0

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for thread in self._threads:
            thread.join(60)

    def _start(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name="raw server", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._start(lambda connection=connection: self._serve(connection))  # type: ignore[misc]

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            self._behaviour(connection)
            connection.shutdown(socket.SHUT_RDWR)


def answering(answer: bytes = OK) -> Behaviour:
    """Answer each request so, on a connection that is kept."""

    def behave(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(answer)

    return behave


def proxy(connection: socket.socket) -> None:
    """A proxy: tunnels what is asked for with CONNECT, fetches what is asked for with a whole address."""
    request = read_request(connection)
    method, target = request.split(b" ")[:2]
    place = target if method == b"CONNECT" else target.removeprefix(b"http://").split(b"/")[0]
    host, _, port = place.decode().partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as upstream:
        if method == b"CONNECT":
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            there = threading.Thread(target=_copy, args=(connection, upstream), daemon=True)
            there.start()
            _copy(upstream, connection)
            there.join(5)
        else:
            upstream.sendall(request)
            connection.sendall(upstream.recv(65536))


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


def certificate(folder: Path, *, begins: str, ends: str) -> ssl.SSLContext:
    """A server's TLS with a self-signed certificate for 127.0.0.1, valid between two moments (YYYYMMDDHHMMSSZ)."""
    (folder / "index.txt").touch()
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256\n"
        "policy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\n"
        "basicConstraints=critical,CA:TRUE\n[req]\ndistinguished_name=n\n[n]\n",
        encoding="ascii",
    )
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    key = ["openssl", "req", *curve, "-nodes", "-keyout", "key.pem", "-out", "request.pem"]
    _run(folder, *key, "-subj", "/CN=127.0.0.1", "-config", "ca.cnf")
    sign = ["openssl", "ca", "-batch", "-selfsign", "-config", "ca.cnf", "-keyfile", "key.pem", "-in", "request.pem"]
    _run(folder, *sign, "-out", "cert.pem", "-notext", "-startdate", begins, "-enddate", ends)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def _run(folder: Path, *command: str) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
