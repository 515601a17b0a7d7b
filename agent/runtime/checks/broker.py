"""Is the broker there, and does it let this device in? One real connection, or the word of the agent that has one.

Contract: findings. `told` reads the status of a running agent: a second connection with the same client id would throw
the agent off the broker. `broker` connects, greets and says farewell: name, TCP, TLS, login.
Rules: nothing is subscribed to, published or acknowledged, there is no last will, and the broker keeps the session that
it has for the agent: what waits there for the agent waits on.
Reasons: agent.remote.failures has the words and the causes.
"""

import datetime
import select
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from agent.config.remote import Protocol
from agent.config.secrets import SecretError, read_secret
from agent.remote.connection import Connection
from agent.remote.dial import Dial
from agent.remote.failures import Failure
from agent.remote.letters import Trouble
from agent.remote.line import Terms
from agent.remote.settings import BrokerSettings
from agent.runtime.checks.finding import Finding, fail, ok, warn
from agent.runtime.checks.machine import CLOCK_REMEDY
from agent.runtime.clock import SystemClock

SUBJECT: Final = "broker"
DOCUMENTS: Final = "documents"

SOON_S: Final = 30 * 86_400.0
"""A certificate that ends within this time is worth a word: fleets are mended by people with calendars."""
_TICK_S: Final = 1.0

_REMEDIES: Final = {
    Trouble.UNREACHABLE: "Check the network, the name and the port in remote.url, and that the broker runs.",
    Trouble.CREDENTIALS: "Compare remote.user and remote.password_file with the broker's users.",
    Trouble.TLS: "Check remote.ca_file, and the name and the validity of the broker's certificate.",
    Trouble.CLOCK: f"{CLOCK_REMEDY}. The agent tries again by itself.",
    Trouble.TAKEN_OVER: "Give one of the two devices another device.id, and its own user at the broker.",
    Trouble.REFUSED: "Look into the broker's log for this device's id.",
    Trouble.LOST: "Wait; the agent tries again by itself. Look into the broker's log where it goes on.",
}


def told(remote: Mapping[str, Any] | None) -> Iterator[Finding]:
    """What a running agent says; `remote`: that part of its status."""
    if remote is None:
        yield warn(SUBJECT, "the running agent knows of no broker", "Restart it: sudo systemctl restart kiosk-agent.")
        return
    if remote["online"]:
        yield ok(SUBJECT, f"{remote['url']}: the agent is connected (MQTT {remote['protocol']})")
    else:
        trouble = Trouble(remote["trouble"])
        yield fail(SUBJECT, f"{remote['url']}: the agent is not connected: {remote['text']}", _REMEDIES[trouble])
    times = remote["counters"].get(f"broker-{Trouble.TAKEN_OVER.value}", 0)
    if times and remote["online"]:
        text = f"another client has taken this device's identity {times} times since the agent's start"
        yield warn(SUBJECT, text, _REMEDIES[Trouble.TAKEN_OVER])
    elif remote["disputed"]:
        yield warn(SUBJECT, "another machine comes as this device, again and again", _REMEDIES[Trouble.TAKEN_OVER])
    yield from _documents(remote["config"])


def _documents(config: Mapping[str, Any]) -> Iterator[Finding]:
    if config["broken"] is not None:
        yield warn(DOCUMENTS, config["broken"], "Let the agent reach its broker; then look at the card or the disk.")
    for level, found in config["levels"].items():
        if found["problems"]:
            more = f" (and {len(found['problems']) - 1} more)" if len(found["problems"]) > 1 else ""
            remedy = "Publish a corrected document with a higher revision."
            yield warn(DOCUMENTS, f"{level} is not in force as wanted: {found['problems'][0]}{more}", remedy)


def broker(settings: BrokerSettings) -> Finding:
    """Connect as the agent would."""
    password = _password(settings)
    if isinstance(password, Failure):
        return _failed(password)
    protocol = Protocol.V311 if settings.protocol is Protocol.V311 else Protocol.V5
    found = _greeted(settings, password, protocol)
    if isinstance(found, Failure) and found.is_old_protocol and settings.protocol is Protocol.AUTO:
        older = _greeted(settings, password, Protocol.V311)
        found = found if isinstance(older, Failure) and older.is_old_protocol else older
    return _failed(found) if isinstance(found, Failure) else found


def _failed(failure: Failure) -> Finding:
    return fail(SUBJECT, failure.text, _REMEDIES[failure.trouble])


def _password(settings: BrokerSettings) -> str | Failure | None:
    if settings.password_file is None:
        return None
    try:
        return read_secret(settings.password_file)
    except SecretError as error:
        return Failure(Trouble.CREDENTIALS, f"the file of remote.password_file {error}")


def _greeted(settings: BrokerSettings, password: str | None, protocol: Protocol) -> Finding | Failure:
    transport = Dial(settings, moment=SystemClock().now).run()
    if isinstance(transport, Failure):
        return transport
    ends = transport.certificate_ends
    connection = Connection(
        settings,
        Terms(None),
        run=1,
        transport=transport,
        protocol=protocol,
        password=password,
        now=time.monotonic(),
    )
    try:
        while not connection.is_online and connection.failure is None:
            _step(connection)
        if connection.failure is not None:
            return connection.failure
    finally:
        connection.disconnect()
    return _let_in(settings, protocol, ends)


def _step(connection: Connection) -> None:
    writing = [connection] if connection.wants_write else []
    if not connection.is_eager:
        select.select([connection], writing, [], _TICK_S)
    connection.writable()
    connection.readable(time.monotonic())
    connection.tick(time.monotonic())


def _let_in(settings: BrokerSettings, protocol: Protocol, ends: float | None) -> Finding:
    text = f"{settings.place} lets {settings.client_id} in (MQTT {protocol.value})"
    if ends is None:
        return ok(SUBJECT, text)
    text += f"; its certificate is good until {datetime.datetime.fromtimestamp(ends, datetime.UTC):%Y-%m-%d}"
    if ends - time.time() < SOON_S:
        return warn(SUBJECT, text, "Renew the broker's certificate; devices do not connect after that day.")
    return ok(SUBJECT, text)
