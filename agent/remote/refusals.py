"""What a broker's reason codes mean.

Contract: pure. `refused` judges the answer to our greeting, `dismissed` a broker's farewell, `declined` the answer to
one publication or subscription; each with what a person can do about it.
Rules: codes are MQTT 5's; what 3.1.1 says is put into the same words before it comes here.
"""

from typing import Final

from agent.remote.failures import Failure, said
from agent.remote.letters import Trouble

TAKEN_OVER: Final = 0x8E
_UNSUPPORTED_VERSION: Final = 0x84
_CREDENTIALS: Final = (0x86, 0x87)
_BUSY: Final = (0x88, 0x89, 0x97, 0x9F)
_NOT_AUTHORISED: Final = 0x87
_BAD_ID: Final = 0x85
_FAILED: Final = 0x80


def fails(code: int) -> bool:
    """Whether it is a refusal."""
    return code >= _FAILED


def refused(code: int, name: str, host: str) -> Failure:
    """The broker does not let us in."""
    if code == _UNSUPPORTED_VERSION:
        text = f"{host} does not speak this version of MQTT: set remote.protocol to auto"
        return Failure(Trouble.REFUSED, text, is_old_protocol=True)
    if code in _CREDENTIALS:
        text = (
            f"{host} does not let this device in ({said(name)}): check remote.user, remote.password_file and its user"
        )
        return Failure(Trouble.CREDENTIALS, text)
    if code in _BUSY:
        return Failure(Trouble.UNREACHABLE, f"{host} has no room for us at the moment ({said(name)})")
    if code == _BAD_ID:
        return Failure(Trouble.CREDENTIALS, f"{host} does not accept this device's id as client id ({said(name)})")
    return Failure(Trouble.REFUSED, f"{host} refuses the connection ({said(name)}): look at the broker's log")


def dismissed(code: int, name: str, host: str) -> Failure:
    """The broker ended a connection that stood."""
    if code == TAKEN_OVER:
        text = (
            f"another client came to {host} with this device's id: two devices have one identity, or a copied card is "
            "in use; give each its own device.id and credentials"
        )
        return Failure(Trouble.TAKEN_OVER, text)
    if code in _CREDENTIALS:
        return Failure(Trouble.CREDENTIALS, f"{host} no longer lets this device in ({said(name)})")
    return Failure(Trouble.LOST, f"{host} ended the connection ({said(name)})")


def declined(code: int, name: str) -> str:
    """Why one publication or subscription was not taken."""
    remedy = ": the broker's ACL does not let this device do so" if code == _NOT_AUTHORISED else ""
    return f"{said(name)}{remedy}"
