"""The encrypted connection's terms.

Contract: `client_context` reads the files anew and answers the context, or which setting cannot be used.
Rules: TLS 1.2 at least; the broker's certificate and its host name are always checked, and no setting turns that off.
"""

import ssl
from typing import Final

from agent.remote.failures import Failure
from agent.remote.letters import Trouble
from agent.remote.settings import BrokerSettings

_CHECK: Final = "check the path, that the agent's user may read it, and that it is PEM"


def client_context(settings: BrokerSettings) -> ssl.SSLContext | Failure:
    """What to wrap a socket with."""
    try:
        context = ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        return _unusable("remote.ca_file", error)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.certificate_file is None:
        return context
    try:
        # A password for the key is never asked for: nobody sits at a kiosk's console.
        context.load_cert_chain(settings.certificate_file, settings.key_file, password="")
    except OSError as error:
        return _unusable("remote.certificate_file or remote.key_file", error)
    return context


def _unusable(setting: str, error: OSError) -> Failure:
    why = getattr(error, "reason", None) or error.strerror or "unknown reason"
    return Failure(Trouble.TLS, f"{setting} cannot be used ({why.replace('_', ' ').lower()}): {_CHECK}")
