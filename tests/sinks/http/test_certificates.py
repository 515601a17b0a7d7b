"""Why TLS failed; real handshakes are in test_client_tls_and_proxy.py."""

import ssl

import pytest

from agent.kernel.instants import Instant
from agent.kernel.verdict import Cause, Later
from agent.sinks.http.certificates import tls_failure

IMPOSSIBLE = Instant("boot", 1.0, -1e18, synced=False)


def refusal(code: int, message: str) -> ssl.SSLCertVerificationError:
    """What OpenSSL raises."""
    error = ssl.SSLCertVerificationError(1, "[SSL: CERTIFICATE_VERIFY_FAILED]")
    error.verify_code, error.verify_message = code, message
    return error


def test_what_openssl_said_is_found_in_any_wrapping() -> None:
    """urllib3 wraps by argument, others by cause."""
    inner = refusal(18, "self-signed certificate")
    outer = RuntimeError("outside")
    outer.__cause__ = RuntimeError(inner)
    for error in (inner, RuntimeError(inner), outer):
        assert "kiosk: certificate not accepted: self-signed certificate" == tls_failure("kiosk", error, None).text


def test_a_failure_that_is_no_certificates_is_told_as_it_is() -> None:
    """A server without TLS on that port, say."""
    assert Later(Cause.TLS, "kiosk: TLS failed: wrong version", False) == tls_failure(
        "kiosk", RuntimeError("wrong version"), IMPOSSIBLE
    )


@pytest.mark.parametrize(("code", "message"), [(9, "certificate is not yet valid"), (10, "certificate has expired")])
def test_a_clock_that_reads_nonsense_is_named_and_breaks_nothing(code: int, message: str) -> None:
    """The text is made while everything else is wrong already."""
    found = tls_failure("kiosk", refusal(code, message), IMPOSSIBLE)
    assert (Cause.CLOCK, None, False) == (found.cause, found.retry_after, found.lost)
    assert "reads an impossible time and is not synchronised" in found.text
