"""Why TLS failed: a certificate that is wrong, or a clock.

Contract: pure. `tls_failure` makes a verdict of what OpenSSL said; always `Later`, for certificates are renewed and
clocks are set without anybody's acting here, and neither says anything about credentials.
Rules: a certificate that is not valid yet is the clock's fault, unless that is synchronised: nobody serves one before
its day, and a device without a battery boots in the past. One that has expired is the clock's fault where that is known
not to be synchronised, and the server's where it is; while nobody can tell, both are named.
Reasons: edge.md section 3.
"""

import ssl
from datetime import UTC, datetime
from typing import Final

from agent.kernel.boots import is_right
from agent.kernel.instants import Instant
from agent.kernel.verdict import Cause, Later
from agent.sinks.http.answer import redact

_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


def tls_failure(host: str, error: BaseException, now: Instant | None) -> Later:
    """`error`: what urllib3 raised. `now`: the present moment, None where nobody knows the clock."""
    found = _verification(error)
    if found is None:
        return Later(Cause.TLS, redact(f"{host}: TLS failed: {error}"), answered=False)
    text = f"{host}: certificate not accepted: {found.verify_message}"
    if found.verify_code not in (_NOT_YET_VALID, _EXPIRED):
        return Later(Cause.TLS, redact(text), answered=False)
    if now is None:
        cause = Cause.CLOCK if found.verify_code == _NOT_YET_VALID else Cause.TLS
        return Later(cause, redact(f"{text}; is the clock of this device right?"), answered=False)
    reads = f"the clock of this device reads {_moment(now.wall)}"
    if is_right(now):
        return Later(Cause.TLS, redact(f"{text}; {reads} and is synchronised"), answered=False)
    return Later(Cause.CLOCK, redact(f"{text}; {reads} and is not synchronised"), answered=False)


def _verification(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """What OpenSSL said, out of urllib3's wrapping."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, ssl.SSLCertVerificationError):
        inner = found.args[0] if found.args and isinstance(found.args[0], BaseException) else None
        found = inner or found.__cause__
    return found


def _moment(wall: float) -> str:
    try:
        return f"{datetime.fromtimestamp(wall, tz=UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return "an impossible time"
