"""The session bus: the only module that imports jeepney, in the attached host's process alone.

Contract: `Bus.run` (a thread) dials the bus, puts `BusUp`, every message as `Emitted`, `Answered` or `Failed`, and
`BusDown` with the reason; and dials again, for ever. `call` sends without waiting and answers the call's number, under
which its answer comes.
Rules: the bus is heard and spoken to on one socket, by two threads: `call` is for the owner thread only. A bus that
does not take what is sent is hung up on. What is no message ends the line, too.
Reasons: jeepney is pure Python and does no I/O here; its own connections wait where we must not.
"""

import socket
import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, Parser, new_method_call
from jeepney.auth import BEGIN, AuthenticationError, Authenticator

from agent.player.attached.address import BusError, missing, refused, silent, socket_of
from agent.player.attached.mpris import PATH, Call

REDIAL_S = 2.0
"""A desktop's session takes seconds to come; a look costs one system call."""

ANSWER_S = 5.0
"""A bus that lets us in does so in a millisecond; an old Pi that boots gets more."""

HELLO = 0xFFFFFFFE
"""The number of the first call, which no later one has."""

CHUNK_BYTES = 1 << 16
_NO_DBUS = (ValueError, KeyError, IndexError, TypeError, AssertionError, struct.error)
"""What jeepney raises of bytes that are no message (40,000 messages with some bytes changed)."""

_BUS = "org.freedesktop.DBus"
_RULES = (
    f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0namespace='org.mpris.MediaPlayer2'",
    f"type='signal',path='{PATH}',interface='org.freedesktop.DBus.Properties',member='PropertiesChanged'",
    f"type='signal',path='{PATH}',interface='org.mpris.MediaPlayer2.Player',member='Seeked'",
)


@dataclass(frozen=True, slots=True)
class BusUp:
    """A bus has let us in; signals come from now on."""

    connection: socket.socket


@dataclass(frozen=True, slots=True)
class BusDown:
    """There is no bus, or no more. `problem`: why, with the remedy."""

    problem: str


@dataclass(frozen=True, slots=True)
class Emitted:
    """A signal. `sender`: the owner's own name on the bus."""

    sender: str
    member: str
    body: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to the call `number`; `body` None where it is an error."""

    number: int
    body: tuple[Any, ...] | None


Heard = BusUp | BusDown | Emitted | Answered


class Bus:
    """`put` takes what is heard; `uid` is ours."""

    def __init__(self, environment: Mapping[str, str], uid: int, put: Callable[[Heard], None]) -> None:
        self._environment = environment
        self._uid = uid
        self._put = put
        self._connection: socket.socket | None = None
        self._numbers = count(1)

    def run(self) -> None:
        """Hear the bus, whenever there is one."""
        while True:
            self._put(BusDown(self._hear_one()))
            time.sleep(REDIAL_S)

    def _hear_one(self) -> str:
        """The life of one connection; why there is none, or no more."""
        try:
            connection, parser = self._dial()
        except BusError as error:
            return str(error)
        self._put(BusUp(connection))
        try:
            while chunk := connection.recv(CHUNK_BYTES):
                for message in parser.feed(chunk):
                    self._tell(message)
        except OSError:
            pass  # It was killed, which is an end like any other.
        except _NO_DBUS:
            _cut(connection)
            return "the session bus says what is no D-Bus; dialling again"
        return "the session bus has ended: the user logged out, or it was stopped; waiting for the next one"

    def _dial(self) -> tuple[socket.socket, Parser]:
        address = socket_of(self._environment, self._uid)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        connection.settimeout(ANSWER_S)
        try:
            connection.connect(address)
            parser = _introduce(connection)
        except (FileNotFoundError, ConnectionRefusedError):
            connection.close()
            raise BusError(missing(self._uid)) from None
        except (PermissionError, ConnectionError, AuthenticationError):
            connection.close()
            raise BusError(refused(self._uid)) from None
        except (OSError, *_NO_DBUS):  # too long, no path, no answer, no D-Bus
            connection.close()
            raise BusError(silent(address)) from None
        connection.settimeout(None)
        return connection, parser

    def _tell(self, message: Message) -> None:
        fields = message.header.fields
        match message.header.message_type:
            case MessageType.signal:
                sender, member = fields.get(HeaderFields.sender, ""), fields.get(HeaderFields.member, "")
                self._put(Emitted(sender, member, message.body))
            case MessageType.method_return:
                self._put(Answered(fields[HeaderFields.reply_serial], message.body))
            case MessageType.error:
                self._put(Answered(fields[HeaderFields.reply_serial], None))
            case _:
                pass  # Somebody calls us: we have nothing to be called for.

    def use(self, connection: socket.socket | None) -> None:
        """Speak on this connection from now on, and close the one before."""
        if self._connection is not None:
            self._connection.close()
        self._connection = connection

    def watch(self) -> None:
        """Have the bus pass on what players say."""
        for rule in _RULES:
            self._send(_BUS, "/org/freedesktop/DBus", Call(_BUS, "AddMatch", "s", (rule,)))

    def names(self) -> int:
        """Ask which names there are."""
        return self._send(_BUS, "/org/freedesktop/DBus", Call(_BUS, "ListNames"))

    def owner(self, name: str) -> int:
        """Ask who has `name`."""
        return self._send(_BUS, "/org/freedesktop/DBus", Call(_BUS, "GetNameOwner", "s", (name,)))

    def call(self, owner: str, call: Call) -> int:
        """Ask a player."""
        return self._send(owner, PATH, call)

    def _send(self, destination: str, path: str, call: Call) -> int:
        number = next(self._numbers)
        address = DBusAddress(path, bus_name=destination, interface=call.interface)
        line = new_method_call(address, call.member, call.signature, call.body).serialise(serial=number)
        if self._connection is not None:
            try:
                whole = self._connection.send(line, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL) == len(line)
            except OSError:
                whole = False
            if not whole:
                _cut(self._connection)
        return number


def _cut(connection: socket.socket) -> None:
    """End the line; the thread that reads from it wakes, and tells."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _introduce(connection: socket.socket) -> Parser:
    """Say who we are, and be let in: a bus of another user hangs up, or never answers. What reads on from there."""
    authenticator = Authenticator(inc_null_byte=True)
    for line in authenticator:
        connection.sendall(line)
        authenticator.feed(_received(connection))
    hello = new_method_call(DBusAddress("/org/freedesktop/DBus", bus_name=_BUS, interface=_BUS), "Hello")
    connection.sendall(BEGIN + hello.serialise(serial=HELLO))
    parser = Parser()
    while True:
        for message in parser.feed(_received(connection)):
            if message.header.fields.get(HeaderFields.reply_serial) == HELLO:
                if message.header.message_type is not MessageType.method_return:
                    raise PermissionError("the bus refuses us")
                return parser


def _received(connection: socket.socket) -> bytes:
    chunk = connection.recv(CHUNK_BYTES)
    if not chunk:
        raise ConnectionResetError
    return chunk
