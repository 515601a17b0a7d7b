"""Why TLS failed: a certificate that is wrong, or a clock.

Contract: pure. `tls_failure` makes a verdict of what OpenSSL said; always `Later`, for certificates are renewed and
clocks are set without anybody's acting here, and neither says anything about credentials.
Rules: agent.kernel.validity judges whose fault it is.
"""

import ssl
from typing import Final

from agent.kernel.instants import Instant
from agent.kernel.validity import Blame, blame, reading
from agent.kernel.verdict import Cause, Later
from agent.sinks.http.answer import redact

_CAUSES: Final = {Blame.CLOCK: Cause.CLOCK, Blame.CERTIFICATE: Cause.TLS, Blame.EITHER: Cause.TLS}


def tls_failure(host: str, error: BaseException, now: Instant | None) -> Later:
    """`error`: what urllib3 raised. `now`: the present moment, None where nobody knows the clock."""
    found = _verification(error)
    if found is None:
        return Later(Cause.TLS, redact(f"{host}: TLS failed: {error}"), answered=False)
    text = f"{host}: certificate not accepted: {found.verify_message}"
    whose = blame(found.verify_code, now)
    if whose is None:
        return Later(Cause.TLS, redact(text), answered=False)
    told = "is the clock of this device right?" if now is None else reading(now)
    return Later(_CAUSES[whose], redact(f"{text}; {told}"), answered=False)


def _verification(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """What OpenSSL said, out of urllib3's wrapping."""
    found: BaseException | None = error
    while found is not None and not isinstance(found, ssl.SSLCertVerificationError):
        inner = found.args[0] if found.args and isinstance(found.args[0], BaseException) else None
        found = inner or found.__cause__
    return found
