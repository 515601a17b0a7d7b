"""What is wrong with the way to the broker, in words that a person at a kiosk can act on."""

import errno
import socket
import ssl

import pytest

from agent.kernel.instants import Instant
from agent.kernel.release import BUILD_EPOCH
from agent.remote.failures import closed_early, dial_failure, lost, said, silent, tls_failure
from agent.remote.letters import Trouble


def verification(code: int) -> ssl.SSLCertVerificationError:
    """What ssl raises when OpenSSL's check of a certificate ends with `code`."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "a reason"
    return error


def alert(reason: str) -> ssl.SSLError:
    """What ssl raises when the other side, or OpenSSL, says `reason`."""
    error = ssl.SSLError(1, reason)
    error.reason = reason
    return error


@pytest.mark.parametrize(
    ("error", "trouble", "hint"),
    [
        (verification(9), Trouble.CLOCK, "clock"),
        (verification(10), Trouble.TLS, "unless this machine's clock is ahead"),
        (verification(19), Trouble.TLS, "remote.ca_file"),
        (verification(62), Trouble.TLS, "remote.url"),
        (verification(99), Trouble.TLS, "a reason"),
        (alert("TLSV13_ALERT_CERTIFICATE_REQUIRED"), Trouble.TLS, "remote.certificate_file"),
        (alert("TLSV1_ALERT_UNKNOWN_CA"), Trouble.TLS, "does not accept this device's certificate"),
        (alert("SSLV3_ALERT_CERTIFICATE_EXPIRED"), Trouble.TLS, "renew"),
        (alert("WRONG_VERSION_NUMBER"), Trouble.TLS, "mqtt://"),
        (ssl.SSLEOFError(8, "EOF"), Trouble.TLS, "does not speak TLS"),
        (alert("SOMETHING_ELSE"), Trouble.TLS, "SOMETHING_ELSE"),
    ],
)
def test_what_tls_says_is_named_with_the_remedy(error: ssl.SSLError, trouble: Trouble, hint: str) -> None:
    """A wrong clock is no bad certificate, and a plain port no attack: each asks for another remedy."""
    failure = tls_failure(error, "b:8883")
    assert (trouble, True) == (failure.trouble, hint in failure.text)
    assert failure == dial_failure(error, "b:8883")


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (socket.gaierror(-2, "Name or service not known"), "name service"),
        (TimeoutError(), "firewall"),
        (ConnectionRefusedError(), "nobody listens"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "there is no way"),
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
    ],
)
def test_no_connection_says_which_part_of_the_way_is_missing(error: OSError, hint: str) -> None:
    """Name, network, firewall, broker: four people to call."""
    failure = dial_failure(error, "b:8883")
    assert (Trouble.UNREACHABLE, True) == (failure.trouble, hint in failure.text)


def test_an_answer_that_is_none_may_be_an_old_broker() -> None:
    """Brokers of 3.1.1 close the connection on a greeting in 5."""
    assert closed_early("b:1883", encrypted=False, certified=False).is_old_protocol
    assert "mqtts://" in closed_early("b:1883", encrypted=False, certified=False).text
    assert "remote.certificate_file" in closed_early("b:8883", encrypted=True, certified=False).text
    assert "remote" not in closed_early("b:8883", encrypted=True, certified=True).text


def test_the_other_sides_words_are_cut_and_on_one_line() -> None:
    """They go into a log and a terminal: no escape sequence, no page of text."""
    assert "a [31mb" == said("a\n\x1b[31mb")
    assert 300 == len(said("x" * 5000))
    assert "b: x" == lost("b", "x").text.removeprefix("the connection to ").replace(" is lost", "")
    assert "20 s" in silent("b", 20.0).text


@pytest.mark.parametrize(("code", "said_of_it"), [(9, "certificate is not yet valid"), (10, "certificate has expired")])
def test_untimely_certificate_names_the_clock_and_what_it_reads(code: int, said_of_it: str) -> None:
    """The same judgement as for the services: the clock, unless that is known to be right."""
    error = verification(code)
    error.verify_message = said_of_it
    wrong, right = Instant("boot", 1.0, 0.0, synced=False), Instant("boot", 1.0, BUILD_EPOCH + 1.0, synced=True)
    found = dial_failure(error, "b:8883", wrong)
    assert Trouble.CLOCK is found.trouble
    assert f"b:8883: {said_of_it}; the clock of this device reads 1970-01-01 00:00 UTC and is not" in found.text
    found = dial_failure(error, "b:8883", right)
    assert (Trouble.TLS, True) == (found.trouble, "and is synchronised: renew the certificate" in found.text)
