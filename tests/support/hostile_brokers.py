"""Peers that are no broker, or a bad one: bytes by hand, for `RawServer`."""

import socket

from agent.config.remote import Protocol
from agent.remote.settings import BrokerSettings
from tests.support.raw_server import RawServer

CONNACK_5 = b"\x20\x03\x00\x00\x00"
CONNACK_311 = b"\x20\x02\x00\x00"
VERSION_5 = 5


def greeted(connection: socket.socket) -> int:
    """Read a greeting whole; the version of MQTT that it is in, 0 where none came."""
    data = b""
    while len(data) < 2 or len(data) < 2 + data[1]:  # ours are shorter than 128 bytes without a long will
        piece = connection.recv(4096)
        if not piece:
            return 0
        data += piece
    return data[8]


def to(server: RawServer, *, protocol: Protocol = Protocol.AUTO) -> BrokerSettings:
    """How to reach it."""
    return BrokerSettings(url=f"mqtt://127.0.0.1:{server.port}", client_id="device-001", protocol=protocol)
