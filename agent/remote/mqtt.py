"""The one door to paho-mqtt: packets on a transport that is connected, without any thread, select() or reconnect.

Contract: `Talk` is one connection's packets. `heard` is what the broker said, in order, as values of this module; the
caller takes it away. Nothing waits, and nothing raises for what a broker or a network does: that is `Ended`.
Rules: paho's callbacks append to a list, one statement each. One `Talk` for each connection, so that nothing is queued
in paho from one to the next. Messages are acknowledged by hand.
Reasons: edge.md section 5: an exception in a callback kills paho's thread while is_connected() stays true; its loop's
select() never connects above descriptor 1,023; its queue has no bound. `_create_socket` is paho's own inner seam (2.x).
"""

import struct
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from paho.mqtt.client import Client, MQTTMessage, topic_matches_sub
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.exception import MQTTException
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from agent.remote.line import Outgoing
from agent.remote.settings import BrokerSettings
from agent.remote.transport import PACKET_BYTES, Transport

log = structlog.get_logger()

RECEIVE_MAXIMUM: Final = 32
"""Messages that may wait for our acknowledgement (MQTT 5); a device's documents are at most 18."""

_ALL_RIGHT: Final = (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN)
_UNSPECIFIED: Final = 0x80
_KEEPALIVE: Final = 0x8D


@dataclass(frozen=True, slots=True)
class Code:
    """A reason code of MQTT 5 and its name; what 3.1.1 says is put into the same."""

    value: int
    name: str


@dataclass(frozen=True, slots=True)
class Greeted:
    """The answer to our greeting. `inflight`, `maximum_qos`: what the broker takes, where it says so."""

    code: Code
    resumed: bool
    inflight: int | None
    maximum_qos: int | None


@dataclass(frozen=True, slots=True)
class Given:
    """A message. `topic` None: it is no text."""

    mid: int
    qos: int
    topic: str | None
    payload: bytes
    retained: bool
    response_topic: str | None
    correlation: bytes | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to the publication or subscription `mid`: a code for each topic."""

    mid: int
    codes: Sequence[Code]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """MQTT cannot say what was to be published: a response topic comes from outside, and may be no topic."""

    topic: str
    why: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection has ended. `code` None: without the broker's word."""

    code: Code | None
    why: str


Told = Greeted | Given | Answered | Unsaid | Ended


class _Client(Client):
    """paho on a socket that is there already."""

    def __init__(self, transport: Transport, **options: Any) -> None:
        self._given = transport
        super().__init__(CallbackAPIVersion.VERSION2, reconnect_on_failure=False, manual_ack=True, **options)

    def _create_socket(self) -> Any:
        return self._given

    def _handle_publish(self) -> MQTTErrorCode:
        # QoS 2 is never asked for, and paho would keep all of it in memory.
        is_asked_for = (self._in_packet["command"] >> 1) & 3 < 2
        return super()._handle_publish() if is_asked_for else MQTTErrorCode.MQTT_ERR_PROTOCOL


class Talk:
    """`is_v5`: else 3.1.1. `clean`: the broker forgets the session before and after."""

    def __init__(
        self,
        settings: BrokerSettings,
        will: Outgoing | None,
        *,
        transport: Transport,
        is_v5: bool,
        password: str | None,
        clean: bool,
    ) -> None:
        self.heard: deque[Told] = deque()
        self._is_v5 = is_v5
        version = MQTTProtocolVersion.MQTTv5 if is_v5 else MQTTProtocolVersion.MQTTv311
        session: dict[str, Any] = {} if is_v5 else {"clean_session": clean}
        paho = self._paho = _Client(transport, client_id=settings.client_id, protocol=version, **session)
        hear = self.heard.append
        paho.on_connect = lambda client, data, flags, code, limits: hear(_greeted(flags, code, limits))
        paho.on_message = lambda client, data, message: hear(_given(message))
        paho.on_subscribe = lambda client, data, mid, codes, properties: hear(Answered(mid, _codes(codes)))
        paho.on_publish = lambda client, data, mid, code, properties: hear(Answered(mid, _codes([code])))
        paho.on_disconnect = lambda client, data, flags, code, properties: hear(_ended(flags, code))
        paho.username_pw_set(settings.user, password)
        if will is not None:
            paho.will_set(will.topic, will.payload, will.qos, retain=will.retain)
        self._do(lambda: self._greet(settings, clean=clean))

    def _greet(self, settings: BrokerSettings, *, clean: bool) -> MQTTErrorCode:
        place = (settings.host, settings.port, settings.keepalive_s)
        if self._is_v5:
            properties = _properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = 0 if clean else settings.session_expiry_s
            properties.ReceiveMaximum = RECEIVE_MAXIMUM
            properties.MaximumPacketSize = PACKET_BYTES
            self._paho.connect_async(*place, clean_start=clean, properties=properties)
        else:
            self._paho.connect_async(*place)
        return self._paho.reconnect()

    def read(self) -> None:
        """Take in a packet, where one is there."""
        self._do(self._paho.loop_read)

    def tick(self) -> None:
        """Keep the line alive."""
        self._do(self._paho.loop_misc)

    def publish(self, message: Outgoing, *, qos: int) -> int | None:
        """The number of the publication, by which it is answered; None without an answer (QoS 0)."""
        try:
            properties = self._said_beside(message) if self._is_v5 else None
            told = self._paho.publish(message.topic, message.payload, qos, message.retain, properties)
        except (ValueError, MQTTException, struct.error) as error:
            self.heard.append(Unsaid(message.topic, str(error)))
            return None
        return told.mid if qos else None

    @staticmethod
    def _said_beside(message: Outgoing) -> Properties:
        properties = _properties(PacketTypes.PUBLISH)
        if message.correlation is not None:
            properties.CorrelationData = message.correlation
        if message.response_topic is not None:
            properties.ResponseTopic = message.response_topic
        if message.expiry_s is not None:
            properties.MessageExpiryInterval = message.expiry_s
        return properties

    def acknowledge(self, mid: int, qos: int) -> None:
        self._do(lambda: self._paho.ack(mid, qos))

    def subscribe(self, topics: Sequence[str]) -> int | None:
        """The number of the subscription, by which it is answered; None where the connection has ended.

        MQTT 5 is asked to leave the retain flag as it was published: a command that somebody retains is told from one
        that is only passed on (agent.remote.commands). 3.1.1 cannot.
        """
        if self._is_v5:
            options = SubscribeOptions(qos=1, retainAsPublished=True)
            return self._paho.subscribe([(topic, options) for topic in topics])[1]
        return self._paho.subscribe([(topic, 1) for topic in topics])[1]

    def unsubscribe(self, topics: Sequence[str]) -> None:
        self._do(lambda: self._paho.unsubscribe(list(topics))[0])

    def farewell(self) -> None:
        """The broker does not publish the last will."""
        self._do(self._paho.disconnect)

    def _do(self, step: Callable[[], MQTTErrorCode]) -> None:
        """Call paho. Whatever bytes from outside make it raise ends this connection, not the process."""
        try:
            code = step()
        except OSError as error:
            self.heard.append(Ended(None, str(error)))
        except Exception as error:  # noqa: BLE001  a parser, fed by whoever answers at the broker's address
            log.warning("broker's packet not understood", error=type(error).__name__)
            self.heard.append(Ended(None, "the broker sent what is no MQTT"))
        else:
            if code not in _ALL_RIGHT:
                self.heard.append(Ended(None, code.name))


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a subscription to `topic_filter` gives what is published to `topic`."""
    return bool(topic_matches_sub(topic_filter, topic))


def _properties(kind: int) -> Properties:
    return Properties(kind)  # type: ignore[no-untyped-call]


def _codes(codes: Sequence[ReasonCode]) -> tuple[Code, ...]:
    return tuple(_code(code) for code in codes)


def _code(code: ReasonCode) -> Code:
    try:
        return Code(code.value, code.getName())
    except KeyError:  # a number that MQTT does not know in this place
        return Code(_UNSPECIFIED, "unknown code")


def _greeted(flags: Any, code: ReasonCode, limits: Any) -> Greeted:
    return Greeted(
        _code(code),
        bool(flags.session_present),
        inflight=getattr(limits, "ReceiveMaximum", None),
        maximum_qos=getattr(limits, "MaximumQoS", None),
    )


def _given(message: MQTTMessage) -> Given:
    try:
        topic = message.topic
    except UnicodeDecodeError:
        topic = None
    return Given(
        message.mid,
        message.qos,
        topic,
        bytes(message.payload),
        bool(message.retain),
        response_topic=getattr(message.properties, "ResponseTopic", None),
        correlation=getattr(message.properties, "CorrelationData", None),
    )


def _ended(flags: Any, code: ReasonCode) -> Ended:
    said = _code(code)
    if flags.is_disconnect_packet_from_server:
        return Ended(said, said.name)
    return Ended(None, "no answer within the keepalive time" if said.value == _KEEPALIVE else "closed")
