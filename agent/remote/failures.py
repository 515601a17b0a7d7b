"""Why a connection did not come about, or ended, and what a person can do about it.

Contract: pure. Each function answers a `Failure`; the texts hold the host, settings' names and what the other side
said, cut and on one line, and never a secret.
Reasons: edge.md sections 3 and 5. A wrong clock makes TLS fail as a wrong certificate does, and passes by itself;
agent.kernel.validity judges whose fault it is.
"""

import errno
import socket
import ssl
from dataclasses import dataclass
from typing import Final, assert_never

from agent.kernel.instants import Instant
from agent.kernel.validity import Blame, blame, reading
from agent.remote.letters import Trouble

_SELF_SIGNED: Final = (18, 19, 20, 21)
_MISMATCH: Final = (62, 64)
# OpenSSL's X509_V_ERR_… : four ways of an authority that is not known, host name, IP address.
_TEXT_LENGTH: Final = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """`text` says why, with the remedy. `is_old_protocol`: a broker that knows no MQTT 5 would fail in this way too."""

    trouble: Trouble
    text: str
    is_old_protocol: bool = False


def said(text: object) -> str:
    """What somebody else said, on one line and bounded."""
    line = " ".join(str(text).split())
    return "".join(letter for letter in line if letter.isprintable())[:_TEXT_LENGTH]


def dial_failure(error: OSError, host: str, now: Instant | None = None) -> Failure:
    """No connection came about. `now`: by this device's clock, None where nobody knows it."""
    match error:
        case ssl.SSLError():
            return tls_failure(error, host, now)
        case socket.gaierror():
            text = f"the name {host} is not known here: check remote.url, the network and its name service"
        case TimeoutError():
            text = f"{host} does not answer: check the network, and that no firewall is in between"
        case ConnectionRefusedError():
            text = f"nobody listens at {host}: check that the broker runs, and the port in remote.url"
        case OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH):
            text = f"there is no way to {host}: check the network"
        case _:
            text = f"{host}: {said(error.strerror or error)}"
    return Failure(Trouble.UNREACHABLE, text)


def tls_failure(error: ssl.SSLError, host: str, now: Instant | None = None) -> Failure:
    """The two could not agree on an encrypted connection."""
    if isinstance(error, ssl.SSLCertVerificationError):
        whose = blame(error.verify_code, now)
        return _certificate_failure(error, host) if whose is None else _untimely(error, host, whose, now)
    reason = _reason(error).upper()
    if isinstance(error, ssl.SSLEOFError) or reason in ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF_WHILE_READING"):
        return not_encrypted(host)
    if "CERTIFICATE_REQUIRED" in reason or reason == "SSLV3_ALERT_HANDSHAKE_FAILURE":
        text = f"{host} wants a certificate of this device: set remote.certificate_file and remote.key_file"
    elif "UNKNOWN_CA" in reason or "BAD_CERTIFICATE" in reason or "CERTIFICATE_UNKNOWN" in reason:
        text = f"{host} does not accept this device's certificate: check remote.certificate_file"
    elif "CERTIFICATE_EXPIRED" in reason or "CERTIFICATE_REVOKED" in reason:
        text = f"{host} says this device's certificate is no longer valid: renew remote.certificate_file"
    else:
        text = f"{host}: no encrypted connection: {said(_reason(error) or error)}"
    return Failure(Trouble.TLS, text)


def _reason(error: ssl.SSLError) -> str:
    """What OpenSSL calls it; Python's own errors have none."""
    return getattr(error, "reason", None) or ""


def _certificate_failure(error: ssl.SSLCertVerificationError, host: str) -> Failure:
    if error.verify_code in _SELF_SIGNED:
        text = f"{host}'s certificate comes from an authority that is not trusted here: check remote.ca_file"
    elif error.verify_code in _MISMATCH:
        text = f"{host}'s certificate is for another name: remote.url must name the broker as its certificate does"
    else:
        text = f"{host}'s certificate is not accepted: {said(error.verify_message)}"
    return Failure(Trouble.TLS, text)


def _untimely(error: ssl.SSLCertVerificationError, host: str, whose: Blame, now: Instant | None) -> Failure:
    """A certificate of another time than the clock's."""
    told = "" if now is None else f"; {reading(now)}"
    text = f"{host}: {said(error.verify_message)}{told}"
    match whose:
        case Blame.CLOCK:
            return Failure(Trouble.CLOCK, f"{text}: the clock is wrong, or will be set soon")
        case Blame.CERTIFICATE:
            return Failure(Trouble.TLS, f"{text}: renew the certificate at the broker")
        case Blame.EITHER:
            return Failure(Trouble.TLS, f"{text}: renew it at the broker, unless this machine's clock is ahead")
        case _:
            assert_never(whose)


def not_encrypted(host: str) -> Failure:
    """The other side ended it, or answered with something else, when we began with TLS."""
    text = f"{host} does not speak TLS at this port: check the port, and whether remote.url must begin with mqtt://"
    return Failure(Trouble.TLS, text)


def closed_early(host: str, *, encrypted: bool, certified: bool) -> Failure:
    """The broker ended it before it had answered our greeting, or answered with what is no MQTT.

    `certified`: we have a certificate. Without one, TLS 1.3's alert that one is wanted may be lost in the reset.
    """
    hint = ", or wants a certificate of this device (remote.certificate_file)" if not certified else ""
    hint = hint if encrypted else ", or expects TLS (mqtts://)"
    text = f"{host} does not answer as an MQTT broker does: it may not speak MQTT at this port{hint}, or be overloaded"
    return Failure(Trouble.REFUSED, text, is_old_protocol=True)


def silent(host: str, seconds: float) -> Failure:
    """Connected, and then no answer."""
    text = f"{host} accepts connections and says nothing within {seconds:g} s: it hangs, or is no MQTT broker"
    return Failure(Trouble.UNREACHABLE, text)


def lost(host: str, why: object) -> Failure:
    """A connection that stood has ended."""
    return Failure(Trouble.LOST, f"the connection to {host} is lost: {said(why)}")
